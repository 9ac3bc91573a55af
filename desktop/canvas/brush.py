"""Strokes: where the brush goes, how much of it covers each pixel, and what that does to pixels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, floor, hypot

import numpy as np
from PySide6.QtCore import QRect

from desktop.canvas.nib import Brush, Color
from desktop.canvas.tiles import Plane

LEAST_PRESSURE = 0.05  # of the size that the lightest touch leaves
SMOOTHING = (0.2, 0.6, 0.2)  # of each point with its neighbours

FLAT = 3.0  # times the size that a pen draws which is laid down
Place = tuple[float, float, float, float]  # x, y, pressure, tilt


@dataclass(frozen=True)
class Dab:
    """One touch: the middle in pixels of the canvas, the diameter, and how much it covers at most."""

    x: float
    y: float
    size: float
    coverage: float = 1.0

    @property
    def area(self) -> QRect:
        reach = self.size / 2 + 1
        left, top = floor(self.x - reach), floor(self.y - reach)
        return QRect(left, top, ceil(self.x + reach) - left, ceil(self.y + reach) - top)

    def shape(self, area: QRect, hardness: float) -> np.ndarray:
        """Its coverage there, height x width, 0 to 1; the edge is never sharper than a pixel."""
        dx = np.arange(area.width(), dtype=np.float32) + np.float32(area.x() + 0.5 - self.x)
        dy = np.arange(area.height(), dtype=np.float32) + np.float32(area.y() + 0.5 - self.y)
        distance = np.sqrt(dx[np.newaxis] ** 2 + dy[:, np.newaxis] ** 2)
        radius = self.size / 2
        soft = max(radius * (1 - hardness), 1.0)
        inside = np.clip((radius + min(soft, 1.0) / 2 - distance) / np.float32(soft), 0, 1)
        return inside * inside * (3 - 2 * inside) * np.float32(self.coverage)


class Stroke:
    """Points become dabs, and dabs coverage. However often it crosses itself, it covers no more than one dab can."""

    def __init__(self, brush: Brush):
        self.brush = brush
        self.coverage = Plane(1)
        self._points: list[Place] = []
        self._left = 0.0  # way to the next dab
        self._last: Place | None = None

    def go_to(self, x: float, y: float, pressure: float = 1.0, tilt: float = 0.0) -> QRect:
        """The pen is there now; the area where coverage has changed. A tremble is calmed, so it lags by a point."""
        self._points.append((x, y, pressure, tilt))
        if len(self._points) == 1:
            return self._stamp(self._points[0])
        return self._stamp(_calmed(self._points[-3:])) if len(self._points) > 2 else QRect()

    def end(self) -> QRect:
        """The pen is lifted where it was last."""
        return self._stamp(self._points[-1]) if len(self._points) > 1 else QRect()

    def _stamp(self, place: Place) -> QRect:
        changed = QRect()
        for dab in self._dabs_to(place):
            self._put(dab)
            changed = changed.united(dab.area)
        return changed

    def _dabs_to(self, place: Place) -> Iterator[Dab]:
        if self._last is None:
            self._last = place
            yield self._dab(*place)
            self._left = self._step(place)
            return
        begin, self._last = self._last, place
        way = hypot(place[0] - begin[0], place[1] - begin[1])
        gone = self._left
        while gone <= way:
            share = gone / way if way else 1.0
            x, y, pressure, tilt = (a + (b - a) * share for a, b in zip(begin, place, strict=True))
            yield self._dab(x, y, pressure, tilt)
            gone += self._step((x, y, pressure, tilt))
        self._left = gone - way

    def _dab(self, x: float, y: float, pressure: float, tilt: float) -> Dab:
        brush, felt = self.brush, self.brush.felt(pressure)
        size = brush.size * max(felt, LEAST_PRESSURE) if brush.pressure_sizes else brush.size
        if brush.tilt_widens:
            size *= 1 + (FLAT - 1) * tilt
        return Dab(x, y, max(size, 1.0), felt if brush.pressure_covers else 1.0)

    def _step(self, place: Place) -> float:
        return max(self._dab(*place).size * self.brush.spacing, 0.5)

    def _put(self, dab: Dab) -> None:
        area = dab.area
        there = self.coverage.read(area)[..., 0]
        shape = dab.shape(area, self.brush.hardness) * 255
        more = np.ceil(
            np.maximum(shape - there, 0) * self.brush.flow - 1e-3
        )  # upwards, or a weak flow would stand still
        self.coverage = self.coverage.write(area, np.minimum(there + more, 255).astype(np.uint8)[..., np.newaxis])


def _calmed(three: list[Place]) -> Place:
    x, y, pressure, tilt = (sum(w * place[i] for w, place in zip(SMOOTHING, three, strict=True)) for i in range(4))
    return x, y, pressure, tilt


# ---------------------------------------------------------------- what coverage does to pixels


def painted(before: np.ndarray, coverage: np.ndarray, color: Color, alpha_locked: bool = False) -> np.ndarray:
    """With that colour over it. `before`: height x width x 4, or x 1 for a mask, which is filled; coverage 0 to 1."""
    if before.shape[2] == 1:
        return _towards(before, 255, coverage[..., np.newaxis])
    alpha = before[..., 3] / np.float32(255)
    opaque = alpha if alpha_locked else alpha + coverage - alpha * coverage
    share = coverage if alpha_locked else np.divide(coverage, opaque, out=np.zeros_like(opaque), where=opaque > 0)
    after = np.empty_like(before)
    after[..., :3] = _towards(before[..., :3], np.array(color, np.float32), share[..., np.newaxis])
    after[..., 3] = np.rint(opaque * 255)
    return _without_ghosts(after)


def erased(before: np.ndarray, coverage: np.ndarray, alpha_locked: bool = False) -> np.ndarray:
    """With that much less in it. Where transparency is locked, nothing changes."""
    if alpha_locked:
        return before
    after = before.copy()
    after[..., -1] = _towards(before[..., -1], 0, coverage)
    return _without_ghosts(after)


def _towards(before: np.ndarray, goal: np.ndarray | float, share: np.ndarray) -> np.ndarray:
    return np.rint(before + (goal - before.astype(np.float32)) * share).astype(np.uint8)


def _without_ghosts(pixels: np.ndarray) -> np.ndarray:
    """What is wholly transparent has no colour, so that empty tiles can be told from others."""
    pixels[pixels[..., -1] == 0] = 0
    return pixels
