"""Extent: where on the canvas the picture is that goes into a file, and what it looks like."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import QRect

from desktop.canvas.composite import flatten
from desktop.canvas.files.limits import check_size
from desktop.canvas.layer import Layer
from desktop.canvas.snapshot import Snapshot
from desktop.canvas.tiles import SIDE, Plane, area_of
from desktop.recipe import SIZES


def extent(frame: QRect, layers: Iterable[Layer]) -> QRect:
    """The frame and all that is painted on these layers. Raises UserError where that is too large for a picture."""
    area = frame
    for layer in layers:
        area = area.united(filled(layer.plane).translated(*layer.offset))
    check_size(area.width(), area.height(), "The picture")
    return area


def filled(plane: Plane) -> QRect:
    """Around what is not 0, to the pixel; colour without coverage counts, too, so that nothing is lost."""
    area = QRect()
    for key, tile in plane.tiles.items():
        rows = np.flatnonzero(tile.pixels.any(axis=(1, 2)))
        columns = np.flatnonzero(tile.pixels.any(axis=(0, 2)))
        if rows.size:
            left, top, right, bottom = map(int, (columns[0], rows[0], columns[-1], rows[-1]))
            part = QRect(left, top, right - left + 1, bottom - top + 1)
            area = area.united(part.translated(area_of(key).topLeft()))
    return area


def flattened(snapshot: Snapshot, area: QRect) -> np.ndarray:
    """All that is seen there: height x width x 4. In strips: `flatten` takes a hundred bytes a pixel on its way."""
    tops = range(area.y(), area.y() + area.height(), SIDE)
    strips = [QRect(area.x(), top, area.width(), SIDE) & area for top in tops]
    return np.concatenate([flatten(snapshot, strip) for strip in strips])


def frame_for(width: int, height: int) -> QRect:
    """Around a picture of that size, as far as pictures can be made."""
    return QRect(0, 0, *(min(max(side, SIZES[0]), SIZES[-1]) for side in (width, height)))
