"""Thumbnails of layers: every n-th pixel, which takes no time worth telling however large the layer is."""

from __future__ import annotations

from math import ceil

import numpy as np
from PySide6.QtCore import QRect

from desktop.canvas.layer import Layer
from desktop.canvas.tiles import area_of


def thumbnail(layer: Layer, area: QRect, side: int) -> np.ndarray:
    """What the layer has in that area of the canvas, at most `side` pixels wide and high; height x width x channels."""
    area = area.translated(-layer.offset[0], -layer.offset[1])
    every = max(1, ceil(max(area.width(), area.height()) / side))
    small = np.zeros((ceil(area.height() / every), ceil(area.width() / every), layer.role.channels), np.uint8)
    for key, tile in layer.plane.tiles.items():
        part = area_of(key) & area
        if part.isEmpty():
            continue
        left, top = _first(part.x() - area.x(), every), _first(part.y() - area.y(), every)
        x, y = area.x() + left * every - area_of(key).x(), area.y() + top * every - area_of(key).y()
        right, bottom = part.x() + part.width() - area_of(key).x(), part.y() + part.height() - area_of(key).y()
        picked = tile.pixels[y:bottom:every, x:right:every]
        small[top : top + picked.shape[0], left : left + picked.shape[1]] = picked
    return small


def _first(distance: int, every: int) -> int:
    """The number of the first picked pixel that is not before that distance."""
    return -(-distance // every)
