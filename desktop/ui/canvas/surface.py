"""Surface: the document as the screen shows it, in tiles that are composed when they are looked at, and kept."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from math import ceil, floor, log2

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from desktop.canvas import changes
from desktop.canvas.composite import SHOWN, draw
from desktop.canvas.layer import Role
from desktop.canvas.snapshot import Snapshot
from desktop.canvas.tiles import SIDE, Key, area_of

MOST = 768  # tiles that are kept: 192 MB
COARSEST = 6  # each level halves the one before

Place = tuple[int, int, int]  # level, column, row


class TooLate(Exception):
    """The time for this frame is over."""


class Pyramid:
    """Tiles of one look of the document at all levels; level 0 has the canvas's own pixels, each next one half."""

    def __init__(self, make: Callable[[Key], QImage | None]):
        self._make = make
        self._tiles: OrderedDict[Place, QImage | None] = OrderedDict()  # None where there is nothing
        self._stale: set[Place] = set()

    def tile(self, place: Place, end: float) -> QImage | None:
        """Made if need be; None where there is nothing to see. TooLate after `end`, by time.perf_counter."""
        if place not in self._tiles or place in self._stale:
            if time.perf_counter() > end:
                raise TooLate
            level, column, row = place
            self._tiles[place] = self._halved(place, end) if level else self._make((column, row))
            self._stale.discard(place)
            while len(self._tiles) > MOST:
                self._stale.discard(self._tiles.popitem(last=False)[0])
        self._tiles.move_to_end(place)
        return self._tiles[place]

    def former(self, place: Place) -> QImage | None:
        """As it was before it changed, for as long as there is no time for better."""
        return self._tiles.get(place)

    def forget(self, keys: Iterable[Key]) -> None:
        places = {(level, x >> level, y >> level) for x, y in keys for level in range(COARSEST + 1)}
        self._stale |= places & self._tiles.keys()

    def _halved(self, place: Place, end: float) -> QImage | None:
        level, column, row = place
        quarters = [(x, y, self.tile((level - 1, 2 * column + x, 2 * row + y), end)) for y in (0, 1) for x in (0, 1)]
        if not any(image for _, _, image in quarters):
            return None
        whole = QImage(SIDE, SIDE, SHOWN)
        whole.fill(0)
        painter = QPainter(whole)
        half = SIDE // 2
        for x, y, image in quarters:
            if image:
                small = image.scaled(half, half, mode=Qt.TransformationMode.SmoothTransformation)
                painter.drawImage(x * half, y * half, small)
        painter.end()
        return whole


class Surface:
    """Draws a snapshot. What takes too long for one frame is left for the next: `unfinished` says so."""

    def __init__(self, mask_color: Callable[[], QColor]):
        self._snapshot = Snapshot()
        self._mask_color = mask_color
        self._picture = Pyramid(self._compose)
        self._mask = Pyramid(self._tint)
        self.unfinished = False

    def show(self, snapshot: Snapshot) -> list[QRect]:
        """From now on that one; the areas of the canvas that look different."""
        before, self._snapshot = self._snapshot, snapshot
        pictured, masked = changes.pictured(before, snapshot), changes.masked(before, snapshot)
        self._picture.forget(pictured)
        self._mask.forget(masked)
        return [area_of(key) for key in pictured | masked]

    def recolor(self) -> None:
        """After the mask's colour has changed."""
        self._mask = Pyramid(self._tint)

    def paint(self, painter: QPainter, sight: QRectF, zoom: float, patience: float) -> None:
        """Draws that part of the canvas, in pixels of it scaled by `zoom`, onto whole pixels of the screen.

        `patience`: seconds after which tiles that are not made yet are left out, or shown as they were.
        """
        level = min(max(floor(-log2(zoom)), 0), COARSEST) if zoom < 1 else 0
        side = SIDE << level
        end = time.perf_counter() + patience
        self.unfinished = False
        for row in range(floor(sight.top() / side), ceil(sight.bottom() / side)):
            for column in range(floor(sight.left() / side), ceil(sight.right() / side)):
                place = (level, column, row)
                target = _whole_pixels(column, row, side * zoom)
                for pyramid in (self._picture, self._mask):
                    if image := self._image(pyramid, place, end):
                        painter.drawImage(target, image)

    def _image(self, pyramid: Pyramid, place: Place, end: float) -> QImage | None:
        try:
            return pyramid.tile(place, end)
        except TooLate:
            self.unfinished = True
            return pyramid.former(place)

    def _compose(self, key: Key) -> QImage | None:
        area = area_of(key)
        layers = [layer for layer in self._snapshot.pictured if layer.bounds.intersects(area)]
        return draw(layers, area) if layers else None

    def _tint(self, key: Key) -> QImage | None:
        """The masks' coverage in their colour."""
        area = area_of(key)
        masks = [each for each in self._snapshot.layers if each.role is Role.MASK and each.visible]
        coverage = np.zeros((SIDE, SIDE), np.uint8)
        for mask in masks:
            coverage = np.maximum(coverage, mask.read(area)[..., 0])
        if not coverage.any():
            return None
        color = self._mask_color()
        image = QImage(coverage.data, SIDE, SIDE, SIDE, QImage.Format.Format_Alpha8).convertToFormat(SHOWN)
        painter = QPainter(image)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
        painter.fillRect(image.rect(), color)
        painter.end()
        return image


def _whole_pixels(column: int, row: int, side: float) -> QRect:
    """So that neighbours meet without a seam."""
    left, top = round(column * side), round(row * side)
    return QRect(left, top, round((column + 1) * side) - left, round((row + 1) * side) - top)
