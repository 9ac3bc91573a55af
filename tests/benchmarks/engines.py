"""What the engines cost beside a plain diffusers pipeline: same weights, precision, sampler and steps, previews on.

python -m tests.benchmarks.engines
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # for the baseline as for the engines

import math
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import torch
from diffusers import EulerDiscreteScheduler, StableDiffusionPipeline

from desktop.app import ENGINES, make_engine
from desktop.engine import steps
from desktop.engine.api import Engine, Finished, Preview
from desktop.engine.memory import choose_device
from desktop.models.identify import identify
from desktop.paths import STARTER
from tests.benchmarks import sized
from tests.benchmarks.table import compare, heading, seconds
from tests.engine.jobs import job

PROMPT = "a house with a red roof in front of snowy mountains at sunset"


def plain(folder: Path, dtype: torch.dtype, side: int, count: int) -> Callable[[], object]:
    pipe = StableDiffusionPipeline.from_pretrained(folder, dtype=dtype, safety_checker=None)
    pipe.scheduler = EulerDiscreteScheduler.from_config(pipe.scheduler.config)
    pipe.set_progress_bar_config(disable=True)

    def run() -> object:
        generator = torch.Generator().manual_seed(1)
        return pipe(PROMPT, width=side, height=side, num_inference_steps=count, guidance_scale=4.0, generator=generator)

    return run


def ours(engine: Engine, folder: Path, side: int, count: int, previews: bool = True) -> Callable[[], None]:
    asked = job(folder, prompt=PROMPT, width=side, height=side, steps=count, guidance=4.0, sampler="euler")

    def run() -> None:
        events = list(engine.run(type(asked)(asked.work, asked.models)))
        assert isinstance(events[-1], Finished), events[-1]
        assert any(isinstance(event, Preview) for event in events) == previews

    return run


def without_previews(work: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        steps.SCREEN_FRAME, before = math.inf, steps.SCREEN_FRAME
        try:
            work()
        finally:
            steps.SCREEN_FRAME = before

    return run


def against_diffusers(name: str, folder: Path, side: int, count: int) -> None:
    dtype = choose_device("cpu").dtype(identify(folder).denoiser_values)
    heading(f"{name}, {side} x {side}, {count} steps, {dtype}".replace("torch.", ""))
    baseline = seconds(plain(folder, dtype, side, count))
    for kind in ENGINES:
        with closing(make_engine(kind, "cpu")) as engine:
            compare(f"{kind} engine / plain diffusers", seconds(ours(engine, folder, side, count)), baseline, "<= 1.03")
    with closing(make_engine("local", "cpu")) as engine:
        silent = seconds(without_previews(ours(engine, folder, side, count, previews=False)))
        compare("with previews / without", seconds(ours(engine, folder, side, count)), silent, "<= 1.02")


def main() -> None:
    against_diffusers("Starter", STARTER, 128, 20)
    with tempfile.TemporaryDirectory() as folder:
        against_diffusers("SD 1.5-sized", sized.sd15(Path(folder) / "sd15"), 256, 4)


if __name__ == "__main__":
    main()
