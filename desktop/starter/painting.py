"""Paints scenes as flat illustrations, the same scene always as the same pixels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from desktop.starter.painter import BLACK, COLORS, Painter, column
from desktop.starter.scenes import Scene
from desktop.starter.sky import sky
from desktop.starter.terrains import TERRAIN_PAINTERS
from desktop.starter.things import THING_PAINTERS


def render(scene: Scene, size: int = 128) -> np.ndarray:
    """The scene's picture, size x size x 3, uint8. Raises ValueError where the scene leaves something open."""
    return paint(scene, size).picture()


def paint(scene: Scene, size: int = 128) -> Painter:
    """The painter when it is done, for who wants to add to the picture."""
    painter = Painter(size, scene)
    sky(painter)
    TERRAIN_PAINTERS[painter.terrain](painter)
    for thing in sorted(scene.things, key=lambda thing: thing.kind != "balloon"):  # balloons are the farthest
        x = column(thing.position) + painter.rng.uniform(-0.035, 0.035)
        THING_PAINTERS[thing.kind](painter, x, COLORS[thing.color] if thing.color else BLACK)
    return painter


def sheet(images: Sequence[np.ndarray], columns: int, gap: int = 4) -> np.ndarray:
    """A contact sheet of pictures of one size, on a light ground."""
    height, width = images[0].shape[:2]
    rows = -(-len(images) // columns)
    ground = np.full((rows * (height + gap) + gap, columns * (width + gap) + gap, 3), 245, np.uint8)
    for i, image in enumerate(images):
        y, x = gap + i // columns * (height + gap), gap + i % columns * (width + gap)
        ground[y : y + height, x : x + width] = image
    return ground
