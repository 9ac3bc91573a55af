"""What files are, and whether they have changed: python -m tests.benchmarks.catalog

The baseline of identifying is to read and parse the same headers. To reach: 1.3 times that; 0.3 s for the rescan of a
thousand unchanged files, where the baseline is to list their folder with sizes and times.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections import deque
from collections.abc import Mapping
from pathlib import Path

from desktop.models.catalog import Catalog
from desktop.models.entries import entry_of
from tests.benchmarks.table import PAIRS, compare, heading, seconds
from tests.models.layouts import FLUX, SDXL, header, kohya, write

FILES = 1000
EACH = 20  # files of one kind, identified in one go
TAGS = json.dumps({"10_ink": {f"tag {number}": number for number in range(800)}})


def lora() -> dict[str, tuple[int, ...]]:
    """Of 720 modules, as one of SDXL has."""
    blocks = [f"lora_unet_input_blocks_{i}_1_transformer_blocks_{j}" for i in range(9) for j in range(10)]
    parts = ("attn1_to_k", "attn1_to_q", "attn1_to_v", "attn1_to_out_0", "attn2_to_k", "attn2_to_q", "ff_net_2")
    widths = {"attn2_to_k": 2048, "attn2_to_v": 2048}
    names = (*parts, "attn2_to_v")
    return kohya({f"{block}_{part}": (1280, widths.get(part, 1280)) for block in blocks for part in names})


def filled(few: Mapping[str, tuple[int, ...]], count: int, name: str) -> dict[str, tuple[int, ...]]:
    """As many tensors as a whole model has."""
    return {**few, **{name.format(number): (1280, 1280) for number in range(count)}}


SAMPLES = {
    "LoRA of SDXL": header(lora(), {"ss_tag_frequency": TAGS, "ss_base_model_version": "sdxl_base_v1-0"}),
    "checkpoint of SDXL": header(filled(SDXL, 2500, "model.diffusion_model.output_blocks.{}.1.proj_in.weight")),
    "Flux alone": header(filled(FLUX, 770, "single_blocks.{}.modulation.lin.weight"), dtype="BF16"),
}


def parse(file: Path) -> object:
    with file.open("rb") as stream:
        return json.loads(stream.read(int.from_bytes(stream.read(8), "little")))


def identifying(folder: Path, pairs: int) -> None:
    heading("Identifying")
    for name, rows in SAMPLES.items():
        files = [write(folder / name / f"{number}.safetensors", rows) for number in range(EACH)]
        ours = seconds(
            lambda files=files: deque(map(entry_of, files), 0)
        )  # nothing is kept: that slows what comes after
        baseline = seconds(lambda files=files: deque(map(parse, files), 0))
        compare(f"{EACH} times {name}", ours, baseline, "<= 1.3", pairs=pairs)


def rescanning(folder: Path, count: int, pairs: int) -> None:
    heading("Rescan")
    rows = header({"emb_params": (8, 768)})
    for number in range(count):
        write(folder / "many" / f"{number % 10}" / f"{number}.safetensors", rows)
    catalog = Catalog(folder / "data")
    known = list(catalog.scan([folder / "many"]))
    assert len(known) == count

    def listed() -> list[os.stat_result]:
        return [row.stat() for place in os.scandir(folder / "many") for row in os.scandir(place)]

    ours = seconds(lambda: list(Catalog(folder / "data").scan([folder / "many"])))
    compare(f"{count} unchanged files", ours, seconds(listed), "<= 0.3 s", pairs=pairs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        identifying(Path(folder), options.pairs)
        rescanning(Path(folder), options.files, options.pairs)


if __name__ == "__main__":
    main()
