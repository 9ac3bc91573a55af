"""Loading a model that the system has cached, against plain loading of the same bytes; memory after many switches.

python -m tests.benchmarks.loading [PAIRS]
"""

from __future__ import annotations

import itertools
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from unittest.mock import patch

import psutil
import torch
from safetensors.torch import load_file

from desktop.engine.api import Finished
from desktop.engine.local import LocalEngine
from desktop.engine.memory import Device, choose_device
from desktop.engine.pipelines import Pipelines
from desktop.models.identify import identify
from tests.benchmarks import sized
from tests.benchmarks.table import PAIRS, compare, heading, seconds
from tests.engine.jobs import job

SWITCHES = (2, 20)
GOAL = "<= 1.3"


def main() -> None:
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else PAIRS
    with tempfile.TemporaryDirectory() as root:
        first = sized.sd15(Path(root) / "sd15")
        second, file = sized.twin(first), sized.checkpoint(first)
        heading(
            "Loading, weights in the system's cache, SD 1.5's size in fp16; plain: load_file, and the same precision"
        )
        measure("a folder", first, sorted(first.glob("*/*.safetensors")), pairs)
        measure("a single file", file, [file], pairs)
        measure(
            "a folder that shares its VAE and text encoder",
            second,
            sorted(second.glob("unet/*.safetensors")),
            pairs,
            first,
        )
        heading("Resident memory after many model switches")
        switches(first, second)


def measure(name: str, path: Path, weights: list[Path], pairs: int, held: Path | None = None) -> None:
    """`weights` are the files that are read; `held` is a model that is in memory all the time."""
    pipelines = Pipelines(choose_device(None))
    precision = pipelines.device.dtype(identify(path).denoiser_values)

    def load(path: Path) -> None:
        asked = job(path)
        pipelines.load(asked.work, asked.models, lambda _: 0, lambda _: None)

    def ours() -> float:
        pipelines.drop_all()
        if held:
            load(held)
        return seconds(lambda: load(path))()

    def plain() -> object:
        device = str(pipelines.device.torch)
        return [tensor.to(precision) for each in weights for tensor in load_file(each, device).values()]

    compare(name, ours, seconds(plain), GOAL, pairs=pairs)


def switches(first: Path, second: Path) -> None:
    with closing(LocalEngine("cpu")) as engine, room_for_one():
        rss: dict[int, float] = {}
        for count, path in enumerate(itertools.islice(itertools.cycle([first, second]), max(SWITCHES) + 1)):
            last = list(engine.run(job(path, steps=1)))[-1]
            assert isinstance(last, Finished), last
            assert len(engine._pipelines._loaded) == 1
            rss[count] = resident()
    after2, after20 = (rss[count] for count in SWITCHES)
    print(f"after {SWITCHES[1]}: {after20:.0f} MB; after {SWITCHES[0]}: {after2:.0f} MB; ratio {after20 / after2:.3f}")
    print(f"from the second on {spread(list(rss.values())[2:])} MB; goal <= 1.05")


def resident() -> float:
    return psutil.Process().memory_info().rss / 1e6


def spread(values: Iterable[float]) -> str:
    values = list(values)
    return f"{min(values):.0f} to {max(values):.0f}"


@contextmanager
def room_for_one() -> Iterator[None]:
    """Free memory is what a machine with 3.5 GB for models would have."""
    choose_device("cpu").give_back()
    room = psutil.Process().memory_info().rss + 3.5e9
    with patch.object(Device, "free_bytes", lambda _: room - psutil.Process().memory_info().rss):
        yield


if __name__ == "__main__":
    torch.set_grad_enabled(False)
    main()
