"""What LoRAs cost: a step with three of them, and putting them on, against the model without and its load.

python -m tests.benchmarks.loras [SIDE [RANK [PAIRS]]]
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import itertools
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from diffusers import UNet2DConditionModel
from torch import nn

from desktop.engine.loras.adapters import Adapters
from desktop.engine.memory import choose_device
from desktop.engine.pipelines import Pipelines
from desktop.models.families import FAMILIES
from desktop.models.identify import identify
from desktop.recipe import LoraUse
from tests.benchmarks import sized
from tests.benchmarks.table import PAIRS, compare, heading, seconds
from tests.engine.jobs import job
from tests.engine.loras import files

FAMILY = FAMILIES["sd15"]
IN_TRANSFORMERS = (*files.ATTENTION, "proj_in", "proj_out", "ff.net.0.proj", "ff.net.2")  # where kohya's scripts train
COUNT = 3


def unet() -> UNet2DConditionModel:
    """Of SD 1.5's true size, with random weights."""
    torch.manual_seed(0)
    return UNet2DConditionModel(sample_size=64, cross_attention_dim=768).eval()


def written(part: nn.Module, folder: Path, rank: int, count: int) -> list[Path]:
    """LoRAs of that rank, in fp16 as most are."""
    made = []
    for seed in range(count):
        tensors = files.kohya(part, seed=seed, ends=IN_TRANSFORMERS, rank=rank, size=0.02)
        half = {name: tensor.half() for name, tensor in tensors.items()}
        made.append(files.saved(folder / f"{seed}.safetensors", half))
    return made


def steps(part: Any, adapters: Adapters, loras: Sequence[Path], side: int, pairs: int) -> None:
    heading(f"A step of SD 1.5 at {side} x {side}, guided, with {COUNT} LoRAs against none")
    latents, words = torch.randn(2, 4, side // 8, side // 8), torch.randn(2, 77, 768)
    uses = [files.use(file, 0.7) for file in loras]

    def step(worn: list[LoraUse], fused: bool) -> Callable[[], float]:
        """What is worn is changed before the clock starts."""

        def timed() -> float:
            adapters.applied({"unet": part}, worn, files.paths(*loras), FAMILY, fused)
            return seconds(lambda: part(latents, 5, words))()

        return timed

    compare("beside the modules / none", step(uses, False), step([], False), "<= 1.35", pairs=pairs)
    compare("fused / none", step(uses, True), step([], False), "<= 1.02", pairs=pairs)
    compare("none / none", step([], False), step([], False), "the noise", pairs=pairs)


def changes(part: nn.Module, adapters: Adapters, loras: Sequence[Path], folder: Path, pairs: int) -> None:
    heading("Changes of LoRAs on a model, against loading it from the cache (fp16 on disk)")
    model = identify(sized.sd15(folder / "sd15"))
    device, recipe = choose_device("cpu"), job(model.path).work

    def load() -> None:
        Pipelines(device).load(recipe, {model.id: model.path}, lambda _: 0, lambda _: None)

    paths, parts = files.paths(*loras), {"unet": part}
    numbers = itertools.cycle((0.3, 0.6, 0.8, 0.9))
    triples = itertools.cycle(itertools.combinations(loras, COUNT))

    def wear(some: Sequence[Path], weights: Iterable[float] = (1.0,) * COUNT, fused: bool = False) -> None:
        uses = [files.use(file, weight) for file, weight in zip(some, weights, strict=False)]
        adapters.applied(parts, uses, paths, FAMILY, fused)

    def anew() -> None:
        adapters._known.clear()
        wear(loras[:1])

    def off_and_on() -> None:
        wear([])
        wear(loras[:COUNT])

    rows: dict[str, tuple[Callable[[], None], str]] = {
        "other weights": (lambda: wear(loras[:COUNT], numbers), "<= 0.05"),
        "one of three is another": (lambda: wear(next(triples)), "<= 0.05"),
        "all off and on": (off_and_on, "<= 0.05"),
        "one that was never read": (anew, "<= 0.05"),
        "other weights, fused": (lambda: wear(loras[:COUNT], numbers, fused=True), ""),
    }
    for name, (work, goal) in rows.items():
        compare(f"{name} / load", seconds(work), seconds(load), goal, pairs=pairs)


@torch.no_grad()
def main(side: int = 256, rank: int = 16, pairs: int = PAIRS) -> None:
    with tempfile.TemporaryDirectory() as root:
        part, adapters = unet(), Adapters()
        loras = written(part, Path(root), rank, COUNT + 1)
        count, size = len(files.layers(part, IN_TRANSFORMERS)), loras[0].stat().st_size
        print(f"rank {rank}, {count} layers, {size / 1e6:.0f} MB each")
        steps(part, adapters, loras[:COUNT], side, pairs)
        changes(part, adapters, loras, Path(root), pairs)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
