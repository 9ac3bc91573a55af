"""How well masked parts join their pictures, and how far they are what was asked, beside diffusers' own pipeline.

python -m tests.benchmarks.inpaint [PICTURES] [SCENES]

Seam: the energy of the gradient in a ring of two pixels to each side of the mask's border, over that in the same ring
moved elsewhere in the same picture. Untouched pictures say what a picture without any seam has. A pasted result has the
outside as it was, which ours always has and diffusers' has only when pasted.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # for both

import math
import random
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import product
from statistics import fmean, quantiles
from typing import Any

import cv2
import numpy as np
import torch
from diffusers import DPMSolverMultistepScheduler, StableDiffusionInpaintPipeline

from desktop.app import make_engine
from desktop.engine.api import Engine
from desktop.intents import INTENTS, usual_feather
from desktop.paths import STARTER
from desktop.raster import Raster
from desktop.recipe import Source
from desktop.starter.captions import full_caption
from desktop.starter.evaluate import score
from desktop.starter.reader import HEADS, Reader, load_reader, scene_of
from desktop.starter.scenes import KINDS, POSITIONS, Scene, Thing, random_scenes
from tests.engine.jobs import job, picture

SIDE = 128
SEED = 5  # of scenes that training never saw
WANTED = {"steps": 20, "guidance": 4.0, "sampler": "dpmpp_2m"}
LEFT = {"left": 0, "center": 42, "right": 85}  # of the column that a thing stands in
THIRD, TOP, BOTTOM = 43, 12, 126  # pixels: its width and reach
RING = 2  # pixels to each side of a mask's border
OUTSIDE = 16  # pixels: the width of the ring around the mask in which nothing may drift


def main(words: Sequence[str]) -> None:
    pictures, scenes = map(int, words or ("30", "96"))
    load = f"{os.getloadavg()[0]:.2f}" if hasattr(os, "getloadavg") else "unknown"
    print(f"Starter, {SIDE} x {SIDE}, {WANTED}, torch {torch.__version__}, load {load}")
    with closing(make_engine("local", "cpu")) as engine:
        seams(engine, pictures)
        attributes(engine, scenes)
    print(f"load {os.getloadavg()[0]:.2f} at the end" if hasattr(os, "getloadavg") else "")


def draw(engine: Engine, prompt: str, seed: int, source: Raster | None = None, **options: Any) -> Raster:
    """From words; or into a source, where `options` are those of Source, the mask as a Raster."""
    mask = options.pop("mask", None)
    inputs = tuple(each for each in (source, mask) if each)
    size = {"width": source.width if source else SIDE, "height": source.height if source else SIDE}
    asked = {"prompt": prompt, "seed": seed, **size, **WANTED}
    if source:
        options = {"strength": 1.0, **options}
        asked["source"] = Source(source.sha256, mask=mask.sha256 if mask else "", **options)
    return picture(list(engine.run(job(inputs=inputs, **asked))))


# ---------------------------------------------------------------- seams


@dataclass(frozen=True)
class Case:
    """A part of a picture to be made again, after the picture's own prompt."""

    prompt: str
    seed: int
    before: Raster
    mask: Raster


def shapes() -> list[Raster]:
    """A rectangle, an ellipse, and a stroke of a brush."""
    blank = [np.zeros((SIDE, SIDE), np.uint8) for _ in range(3)]
    cv2.rectangle(blank[0], (36, 40), (79, 87), 255, -1)
    cv2.ellipse(blank[1], (74, 66), (28, 22), 20, 0, 360, 255, -1)
    cv2.polylines(blank[2], [np.array([[34, 44], [60, 80], [90, 60]], np.int32)], False, 255, 22)
    return [Raster(shape[..., None]) for shape in blank]


def seams(engine: Engine, count: int) -> None:
    prompts = [full_caption(scene) for scene in random_scenes(count, SEED)]
    before = [draw(engine, prompt, seed) for seed, prompt in enumerate(prompts)]
    cases = [
        Case(prompt, 1000 + i, old, mask)
        for i, (prompt, old) in enumerate(zip(prompts, before, strict=True))
        for mask in shapes()
    ]
    print(f"\n{f'seams of {len(cases)} inpaintings':28} ratio  (middle half)   drift outside   s a picture", flush=True)
    tell("untouched", cases, lambda case: case.before)
    tell("ours", cases, partial(ours, engine), "<= 1.15, below diffusers, no drift")
    tell("ours, no feather", cases, partial(ours, engine, feather=0), "no drift")
    theirs = cache(partial(diffusers_draw, diffusers_own()))
    tell("diffusers", cases, theirs)
    tell("diffusers, pasted", cases, lambda case: pasted(theirs(case), case))


def tell(name: str, cases: list[Case], make: Callable[[Case], Raster], goal: str = "") -> None:
    began = time.perf_counter()
    made = [make(case) for case in cases]
    spent = (time.perf_counter() - began) / len(cases)
    ratios = [seam(after.pixels, case.mask) for case, after in zip(cases, made, strict=True)]
    drifts = [drift(case, after) for case, after in zip(cases, made, strict=True)]
    low, _, high = quantiles(ratios, n=4)
    numbers = f"{fmean(ratios):5.3f}  ({low:.3f}-{high:.3f}) {fmean(drifts):15.3f} {spent:13.2f}"
    print(f"{name:28} {numbers}   {goal}", flush=True)


def ours(engine: Engine, case: Case, feather: float | None = None) -> Raster:
    return draw(engine, case.prompt, case.seed, case.before, mask=case.mask, feather=feather)


def diffusers_own() -> Any:
    pipe = StableDiffusionInpaintPipeline.from_pretrained(
        STARTER, dtype=torch.float32, safety_checker=None, feature_extractor=None
    )
    pipe.scheduler = DPMSolverMultistepScheduler.from_config(pipe.scheduler.config)
    pipe.set_progress_bar_config(disable=True)
    return pipe


def diffusers_draw(pipe: Any, case: Case) -> Raster:
    made = pipe(
        case.prompt,
        image=case.before.image(),
        mask_image=case.mask.image(),
        width=SIDE,
        height=SIDE,
        strength=1.0,
        num_inference_steps=WANTED["steps"],
        guidance_scale=WANTED["guidance"],
        generator=torch.Generator().manual_seed(case.seed),
    )
    return Raster.of(made.images[0])


def pasted(made: Raster, case: Case) -> Raster:
    return Raster(np.where(case.mask.pixels > 0, made.pixels, case.before.pixels))


def seam(pixels: np.ndarray, mask: Raster) -> float:
    """The gradient's energy along the border over that in the same ring elsewhere, at least a fifth of the way off."""
    energy = gradient_energy(pixels)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * RING + 1, 2 * RING + 1))
    hard = (mask.pixels[..., 0] >= 128).astype(np.uint8)
    rows, columns = np.nonzero(cv2.dilate(hard, disc) - cv2.erode(hard, disc))
    elsewhere = []
    for down, across in product(range(-16, 17, 8), range(-64, 65, 8)):
        y, x = rows + down, columns + across
        if max(abs(down), abs(across)) >= 16 and min(*y, *x) >= 0 and max(*y, *x) < SIDE:
            elsewhere.append(energy[y, x].mean())
    return float(energy[rows, columns].mean() / fmean(elsewhere))


def gradient_energy(pixels: np.ndarray) -> np.ndarray:
    """The squared differences to the next pixels across and down, over all channels."""
    padded = np.pad(pixels.astype(np.float64), ((0, 1), (0, 1), (0, 0)), "edge")
    across, down = np.diff(padded, axis=1)[:-1], np.diff(padded, axis=0)[:, :-1]
    return (across**2 + down**2).sum(axis=2)


def drift(case: Case, after: Raster) -> float:
    """The mean difference, of 255, in a ring around the mask that the feather does not reach."""
    away = cv2.distanceTransform((case.mask.pixels[..., 0] == 0).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    ring = (away > usual_feather(SIDE)) & (away <= usual_feather(SIDE) + OUTSIDE)
    return float(np.abs(after.pixels[ring].astype(int) - case.before.pixels[ring]).mean())


# ---------------------------------------------------------------- attributes


def attributes(engine: Engine, count: int) -> None:
    """One thing that is asked for in a masked or added column, against the same prompt drawn from words alone."""
    scenes = [one_thing(scene, i) for i, scene in enumerate(random_scenes(count, SEED + 1))]
    reader = load_reader(STARTER / "reader.safetensors")
    print(f"\n{f'{count} things asked for':28}  kind and place  colour of these   share of words   goal")
    words = [draw(engine, full_caption(scene), i) for i, scene in enumerate(scenes)]
    base = report("from words alone", reader, words, scenes)
    bare = [draw(engine, full_caption(replace(scene, things=())), 500 + i) for i, scene in enumerate(scenes)]
    report("nothing asked for", reader, bare, scenes)
    added = [add(engine, scene, old, 1000 + i) for i, (scene, old) in enumerate(zip(scenes, bare, strict=True))]
    report("inpainted", reader, added, scenes, base)
    outer = [i for i, scene in enumerate(scenes) if scene.things[0].position != "center"]
    grown = [expand(engine, scenes[i], bare[i], 2000 + i) for i in outer]
    report("outpainted", reader, grown, [scenes[i] for i in outer], base)
    gone = [remove(engine, scene, old, 3000 + i) for i, (scene, old) in enumerate(zip(scenes, words, strict=True))]
    report("removed, should be none", reader, gone, scenes)


def one_thing(scene: Scene, number: int) -> Scene:
    """With exactly one thing, and where it stands neither sun nor moon."""
    chance = random.Random(number)
    kind = chance.choice([kind for kind, row in KINDS.items() if scene.terrain in row.terrains])
    colors = KINDS[kind].colors
    place = chance.choice([each for each in POSITIONS if each != scene.light_position])
    return replace(scene, things=(Thing(kind, chance.choice(colors) if colors else None, place),))


def column(scene: Scene) -> Raster:
    """The mask of where the thing stands: a third of the width."""
    mask = np.zeros((SIDE, SIDE, 1), np.uint8)
    left = LEFT[scene.things[0].position or ""]
    mask[TOP:BOTTOM, left : left + THIRD] = 255
    return Raster(mask)


def add(engine: Engine, scene: Scene, old: Raster, seed: int) -> Raster:
    return draw(engine, full_caption(scene), seed, old, mask=column(scene), intent="add")


def remove(engine: Engine, scene: Scene, old: Raster, seed: int) -> Raster:
    prompt = full_caption(replace(scene, things=()))
    return draw(engine, prompt, seed, old, mask=column(scene), intent="remove", strength=INTENTS["remove"].strength)


def expand(engine: Engine, scene: Scene, old: Raster, seed: int) -> Raster:
    """The two columns on the other side are kept, and that of the thing is added to them."""
    if scene.things[0].position == "left":
        source = old.crop(THIRD, 0, SIDE - THIRD, SIDE).extended(THIRD, 0, 0, 0)
    else:
        source = old.crop(0, 0, SIDE - THIRD, SIDE).extended(0, 0, THIRD, 0)
    return draw(engine, full_caption(scene), seed, source, intent="expand")


def report(
    name: str, reader: Reader, made: list[Raster], wanted: list[Scene], base: tuple[float, float] | None = None
) -> tuple[float, float]:
    numbers = reader.read(np.stack([each.pixels for each in made]))
    seen = [scene_of(dict(zip(HEADS, map(int, row), strict=True))) for row in numbers]
    scores = score(seen, wanted)
    place = scores["object at its position"].share
    color = scores["colour when the kind is right"].share if "colour when the kind is right" in scores else math.nan
    shares = f"{place / base[0]:8.2f} {color / base[1]:8.2f}   >= 0.80" if base else ""
    print(f"{name:28} {place:15.2f} {color:16.2f} {shares}", flush=True)
    return place, color


if __name__ == "__main__":
    main(sys.argv[1:])
