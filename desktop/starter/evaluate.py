"""Measures how far a model draws what its prompts ask.

    python -m desktop.starter.evaluate [--model DIR] [--prompts 256] [--steps 20] [--guidance 4] [--sheet FILE.png]

The prompts name every detail of scenes that training never saw; a small network reads them back from the pictures.
Chance is what the same pictures score when they are held against other prompts.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import torch
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from diffusers.schedulers.scheduling_dpmsolver_multistep import DPMSolverMultistepScheduler
from PIL import Image

from desktop.paths import STARTER
from desktop.starter.captions import full_caption
from desktop.starter.learn import device
from desktop.starter.painting import sheet
from desktop.starter.reader import HEADS, Reader, attributes, load_reader, scene_of
from desktop.starter.scenes import Scene, random_scenes

Pipeline = Callable[..., Any]
SEED = 99  # of scenes that training never saw
BATCH = 16
EVERYTHING = "everything"
ATTRIBUTES = (
    "time of day",
    "terrain",
    "sun or moon",
    "sun colour or moon shape",
    "position of sun or moon",
    "clouds",
    "rainbow asked",
    "no rainbow asked",
    "object kind",
    "object at its position",
    "colour when the kind is right",
    "number of objects",
    EVERYTHING,
)
SHEET_PROMPTS = """
a house with a red roof in front of snowy mountains at sunset
a blue hot air balloon over green hills at noon
a sailboat with a red sail on the sea at sunset
a lighthouse by the sea at night, a full moon on the left
a pine tree on the right, snowy mountains at dawn
a cactus in the desert at noon, a yellow sun on the left
a city skyline at night, a crescent moon on the right
a round pink tree near a lake at dawn
an orange tent in a forest at night
a windmill on green hills with a rainbow, at noon
a purple hot air balloon on the left over desert dunes at sunset
a sailboat with a yellow sail on a lake at noon, clouds
green hills at night with a full moon in the center
a house with a blue roof on the left, a forest, noon
snowy mountains at noon with a red sun on the left
a city at sunset with an orange sun in the middle and a red balloon on the right
a red tent on the left, snowy mountains under the stars
a boat with a white sail on the ocean in the early morning
a cottage with a purple roof near a quiet lake in the evening
an orange tree on the left and a house with a yellow roof on the right, rolling hills at midday
a painting of the desert on a starry night, a crescent moon in the center
a red and white lighthouse on the right, a yellow sun on the left, the sea at noon
a yellow hot air balloon in the center, a city skyline at dawn
a windmill on the right near a lake at sunset, a red sun on the left
a forest at dawn, an orange sun in the center, clouds
a cactus on the left and a blue tent on the right, sand dunes at night
a rainbow over snowy mountains at noon, a green tree in the middle
a purple balloon on the right and a pine tree on the left, green hills at dawn
the sea at night, a sailboat with a purple sail in the center, a full moon on the right
a lake at dusk, a red sun in the center
the woods at noon, a yellow tent on the right, white clouds
tall buildings on a sunny day, a green tree on the left, a rainbow
a blue and white lighthouse on the left, sunset, the ocean
a house with a red roof on the right, rolling hills at night, a crescent moon on the left
desert dunes at dawn, an old windmill in the center
a picture of a quiet lake at noon with a pine tree on the left and a sailboat with a white sail on the right
""".strip().splitlines()


@dataclass(frozen=True)
class Score:
    """The share of trials that hit, the share that would hit by chance, and how many trials there were."""

    share: float
    chance: float
    trials: int


def adherence(pictures: np.ndarray, wanted: Sequence[Scene], reader: Reader) -> dict[str, Score]:
    """How far pictures (N x H x W x 3, uint8) show the scenes that their prompts asked, by attribute."""
    numbers = reader.read(pictures)
    return score([scene_of(dict(zip(HEADS, map(int, row), strict=True))) for row in numbers], wanted)


def score(seen: Sequence[Scene], wanted: Sequence[Scene]) -> dict[str, Score]:
    """For each of ATTRIBUTES that `wanted` names; chance comes from up to 16 shifts of one list along the other."""
    hits = _tally(seen, wanted)
    others = [_tally([*seen[shift:], *seen[:shift]], wanted) for shift in range(1, min(17, len(seen)))]
    chances = {name: [hit for other in others for hit in other.get(name, ())] for name in hits}
    return {
        name: Score(fmean(hits[name]), fmean(chances[name]) if chances[name] else math.nan, len(hits[name]))
        for name in ATTRIBUTES
        if name in hits
    }


def _tally(seen: Sequence[Scene], wanted: Sequence[Scene]) -> dict[str, list[bool]]:
    tally: dict[str, list[bool]] = {}
    for got, want in zip(seen, wanted, strict=True):
        for name, hit in _trials(got, want):
            tally.setdefault(name, []).append(hit)
    return tally


def _trials(got: Scene, want: Scene) -> Iterator[tuple[str, bool]]:
    yield "time of day", got.time == want.time
    yield "terrain", got.terrain == want.terrain
    if want.light:
        yield "sun or moon", got.light is not None and got.moon == want.moon
        yield "sun colour or moon shape", got.light == want.light
        yield "position of sun or moon", got.light_position == want.light_position
    yield "clouds", got.clouds == want.clouds
    if want.time in ("dawn", "noon"):  # there are no other rainbows
        yield "rainbow asked" if want.rainbow else "no rainbow asked", got.rainbow == want.rainbow
    for thing in want.things:
        alike = [other for other in got.things if other.kind == thing.kind]
        yield "object kind", bool(alike)
        yield "object at its position", any(other.position == thing.position for other in alike)
        if thing.color and alike:
            yield "colour when the kind is right", any(other.color == thing.color for other in alike)
    yield "number of objects", len(got.things) == len(want.things)
    yield EVERYTHING, attributes(got) == attributes(want)


def load(folder: Path) -> Pipeline:
    pipeline: Any = StableDiffusionPipeline.from_pretrained(folder, dtype=torch.float32).to(device())
    pipeline.scheduler = DPMSolverMultistepScheduler.from_config(pipeline.scheduler.config)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def draw(pipeline: Pipeline, prompts: Sequence[str], steps: int, guidance: float, seed: int = 0) -> np.ndarray:
    """One picture per prompt, N x H x W x 3, uint8; picture i has the seed `seed` + i."""
    pictures = []
    for i in range(0, len(prompts), BATCH):
        part = list(prompts[i : i + BATCH])
        chance = [torch.Generator().manual_seed(seed + i + j) for j in range(len(part))]
        made = pipeline(part, num_inference_steps=steps, guidance_scale=guidance, generator=chance, output_type="np")
        pictures.append((made.images * 255).round().astype(np.uint8))
    return np.concatenate(pictures)


def report(scores: dict[str, Score]) -> str:
    """A line for each attribute, and the mean over all but "everything"."""
    counted = [row for name, row in scores.items() if name != EVERYTHING]
    average = Score(fmean(row.share for row in counted), fmean(row.chance for row in counted), 0)
    lines = [f"{'':32s} score chance trials"]
    lines += [f"{name:32s} {row.share:5.2f} {row.chance:6.2f} {row.trials:6d}" for name, row in scores.items()]
    return "\n".join([*lines, f"{'mean over the attributes':32s} {average.share:5.2f} {average.chance:6.2f}"])


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=STARTER)
    parser.add_argument("--prompts", type=int, default=256)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--guidance", type=float, default=4.0)
    parser.add_argument("--sheet", type=Path, help="also write a contact sheet of three dozen prompts")
    arguments = parser.parse_args(words)
    pipeline, reader = load(arguments.model), load_reader(STARTER / "reader.safetensors")
    wanted = random_scenes(arguments.prompts, SEED)
    prompts = [full_caption(scene) for scene in wanted]
    print(report(adherence(draw(pipeline, prompts, arguments.steps, arguments.guidance), wanted, reader)))
    if arguments.sheet:
        pictures = draw(pipeline, SHEET_PROMPTS, arguments.steps, arguments.guidance, seed=1234)
        Image.fromarray(sheet(list(pictures), columns=6)).save(arguments.sheet)


if __name__ == "__main__":
    main()
