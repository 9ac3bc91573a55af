"""Area: the part of a picture that is cut out around a mask, made at a size that suits the model, and brought back.

The numbers are those of Krita AI Diffusion (`compute_bounds`, `apply_resolution`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from desktop.recipe import ROOMY

MOST_OVER_NATIVE = 2  # times the native side: the largest a second pass is made
CLOSE_UP = 2  # times: the most a small area is magnified when it is refined
REFINEMENT = 0.4  # strength of that second pass
LEAST = 64  # pixels a side that any model can do


@dataclass(frozen=True)
class Area:
    """A rectangle of a picture, in its pixels."""

    left: int
    top: int
    width: int
    height: int

    @property
    def pixels(self) -> int:
        return self.width * self.height

    def grown(self, by: int, size: tuple[int, int]) -> Area:
        """`by` pixels to every side, as far as a picture of `size` (width, height) reaches."""
        left, top = max(0, self.left - by), max(0, self.top - by)
        right = min(size[0], self.left + self.width + by)
        bottom = min(size[1], self.top + self.height + by)
        return Area(left, top, right - left, bottom - top)

    def scaled(self, scale: float) -> Area:
        """The same part of a picture so much larger; at least a pixel."""
        left, top = int(self.left * scale), int(self.top * scale)
        right, bottom = ((place * scale) for place in (self.left + self.width, self.top + self.height))
        return Area(left, top, max(1, round(right) - left), max(1, round(bottom) - top))

    def cut(self, pixels: np.ndarray) -> np.ndarray:
        """This part of an array height x width (x channels)."""
        return pixels[self.top : self.top + self.height, self.left : self.left + self.width]

    def put(self, part: np.ndarray, pixels: np.ndarray) -> np.ndarray:
        """A copy of `pixels` with `part` in this place."""
        result = pixels.copy()
        self.cut(result)[:] = part
        return result


def bounds(mask: np.ndarray) -> Area:
    """The smallest area that holds all that is not 0; there must be something."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    left, top = int(columns[0]), int(rows[0])
    return Area(left, top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top)


def context(masked: Area, size: tuple[int, int], native: int, step: int, closer: bool) -> Area:
    """What is cut out of a picture of `size` (width, height) around what is masked: square where the picture allows.

    Something new must see its surroundings. `closer`: what is there is only refined, and small things are magnified.
    """
    longer = max(masked.width, masked.height)
    if closer:
        padding, least = longer // 16, native // CLOSE_UP
    else:
        padding, least = max(max(size) // 16, (masked.width + masked.height) // 4), native
    side = math.ceil(max(longer + 2 * padding, least) / step) * step  # of that step: to be made without scaling
    width, height = min(side, size[0]), min(side, size[1])
    left = _within(masked.left + (masked.width - width) // 2, size[0] - width)
    top = _within(masked.top + (masked.height - height) // 2, size[1] - height)
    return Area(left, top, width, height)


def _within(place: int, most: int) -> int:
    return max(0, min(place, most))


class Pass(NamedTuple):
    """One time that an area is made: at which size, and at which strength from what is there by then."""

    width: int
    height: int
    strength: float


def passes(area: Area, native: int, step: int, strength: float) -> list[Pass]:
    """One at about the native size; of a large area a second one, larger, that only refines."""
    ideal = native / math.sqrt(area.pixels)
    if area.pixels <= ROOMY * native**2:
        return [_pass(area, max(1.0, ideal), step, strength)]
    large = _pass(area, min(1.0, MOST_OVER_NATIVE * ideal), step, min(strength, REFINEMENT))
    if strength <= REFINEMENT:
        return [large]  # what is where is settled by the picture
    return [_pass(area, ideal, step, strength), large]


def _pass(area: Area, scale: float, step: int, strength: float) -> Pass:
    width, height = (max(LEAST, round(side * scale / step) * step) for side in (area.width, area.height))
    return Pass(width, height, strength)
