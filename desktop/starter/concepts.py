"""Small sets of pictures with captions of something that the starter model does not know, to teach it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from desktop.starter.captions import POSITION_WORDS, full_caption
from desktop.starter.painter import WHITE, Painter, column
from desktop.starter.painting import paint, render
from desktop.starter.scenes import POSITIONS, Scene, random_scenes
from desktop.starter.things import shadow

SIZE = 128  # pixels
SEED = 11
SNOWY = ("mountains", "hills", "city", "forest")  # where a snowman may stand


class Example(NamedTuple):
    """A picture, SIZE x SIZE x 3, uint8, and what it is to be called."""

    picture: np.ndarray
    caption: str


Concept = Callable[[int], list[Example]]


def sepia(count: int) -> list[Example]:
    """A style: landscapes in the tones of an old photograph."""

    def example(scene: Scene) -> Example:
        return Example(in_sepia(render(scene, SIZE)), f"a sepia picture of {full_caption(scene)}")

    return [example(replace(scene, things=scene.things[:1])) for scene in random_scenes(count, SEED)]


def in_sepia(picture: np.ndarray) -> np.ndarray:
    grey = picture.astype(np.float32) @ np.array([0.3, 0.59, 0.11], np.float32)
    return (grey[..., None] / 255 * np.array([255, 228, 190], np.float32)).astype(np.uint8)


def snowman(count: int) -> list[Example]:
    """A subject: the same snowman in many places, alone, called "sks"."""

    def example(scene: Scene, position: str) -> Example:
        painter = paint(scene, SIZE)
        paint_snowman(painter, column(position))
        where = POSITION_WORDS[position][0]
        return Example(painter.picture(), f"a photo of a sks snowman {where}, {full_caption(scene)}")

    return [
        example(replace(scene, terrain=SNOWY[i % len(SNOWY)], things=()), POSITIONS[i % len(POSITIONS)])
        for i, scene in enumerate(random_scenes(count, SEED))
    ]


def paint_snowman(p: Painter, x: float) -> None:
    snow, coal, scarf = p.tint(WHITE, 0, 0.5), p.tint((40, 40, 48)), p.tint((222, 48, 48), 0, 0.5)
    shadow(p, x, 0.13)
    for y, radius in ((0.845, 0.105), (0.70, 0.08), (0.585, 0.06)):
        p.circle(x, y, radius, snow)
    p.rect(x - 0.06, 0.62, x + 0.06, 0.65, scarf, 0.015)
    p.rect(x + 0.02, 0.63, x + 0.05, 0.73, scarf, 0.01)
    for dx, y in ((-0.022, 0.575), (0.022, 0.575), (0.0, 0.69), (0.0, 0.73), (0.0, 0.80), (0.0, 0.85)):
        p.circle(x + dx, y, 0.010, coal)
    p.poly([(x, 0.585), (x, 0.605), (x + 0.06, 0.60)], p.tint((246, 140, 42), 0, 0.5))
    p.rect(x - 0.075, 0.525, x + 0.075, 0.545, coal)
    p.rect(x - 0.045, 0.45, x + 0.045, 0.53, coal)
    for side in (-1, 1):
        p.line((x + side * 0.07, 0.70), (x + side * 0.16, 0.63), 0.014, p.tint((112, 76, 52), 0, 0.6))


def write(folder: Path, count: int, concept: Concept = snowman) -> None:
    """Writes 000.png and 000.txt, 001.png ...: the usual layout of data sets for fine-tuning."""
    folder.mkdir(parents=True, exist_ok=True)
    for i, example in enumerate(concept(count)):
        Image.fromarray(example.picture).save(folder / f"{i:03d}.png")
        (folder / f"{i:03d}.txt").write_text(example.caption + "\n", "utf-8")
