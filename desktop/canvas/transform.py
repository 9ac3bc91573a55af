"""Transform: a layer's pixels, or the selected ones, moved, scaled and turned."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF
from PySide6.QtGui import QImage, QPainter, QTransform

from desktop.canvas.composite import STRAIGHT
from desktop.canvas.layer import Layer
from desktop.canvas.snapshot import Snapshot
from desktop.canvas.tiles import Plane, area_of


def tight(plane: Plane) -> QRect:
    """Around what is not wholly transparent, to the pixel."""
    box = QRect()
    for key, tile in plane.tiles.items():
        filled = tile.pixels[..., -1] > 0
        rows, columns = np.flatnonzero(filled.any(1)).tolist(), np.flatnonzero(filled.any(0)).tolist()
        if rows:
            part = QRect(QPoint(columns[0], rows[0]), QPoint(columns[-1], rows[-1]))
            box = box.united(part.translated(area_of(key).topLeft()))
    return box


class Lifted:
    """What a transform takes hold of: the selected pixels of a layer, or all of it; and what stays behind."""

    def __init__(self, snapshot: Snapshot, layer: Layer):
        self._snapshot = snapshot
        whole = layer.settled() if snapshot.selection.tiles else layer
        self._rest, self._piece = _divide(whole, snapshot.selection)
        self._chosen = tight(snapshot.selection)
        self.box = tight(self._piece.plane).translated(*self._piece.offset)

    def put(self, matrix: QTransform) -> Snapshot:
        """With what was taken hold of where the matrix brings it."""
        moved = _moved(self._piece, self.box, matrix)
        snapshot = self._snapshot
        if self._rest is None:
            return snapshot.put(moved)
        area = moved.bounds
        joined = self._rest.write(area, _over(self._rest.read(area), moved.read(area)))
        chosen = replace(self._piece, plane=snapshot.selection, offset=(0, 0))
        selection = _moved(chosen, self._chosen, matrix).settled().plane
        return snapshot.put(joined).select(selection)


def _divide(layer: Layer, selection: Plane) -> tuple[Layer | None, Layer]:
    """What stays, and what is lifted; nothing stays where nothing is selected."""
    if not selection.tiles:
        return None, layer
    area = layer.bounds.intersected(selection.bounds)
    pixels, coverage = layer.read(area), selection.read(area)[..., 0].astype(np.uint16)
    stays, lifted = pixels.copy(), pixels.copy()
    lifted[..., -1] = (pixels[..., -1] * coverage + 127) // 255
    stays[..., -1] = pixels[..., -1] - lifted[..., -1]
    for part in (stays, lifted):
        part[part[..., -1] == 0] = 0
    empty = Plane(layer.role.channels)
    return layer.write(area, stays), replace(layer, plane=empty.write(area, lifted))


def _moved(layer: Layer, box: QRect, matrix: QTransform) -> Layer:
    """To the side by whole pixels, which is exact; all else is drawn anew, smooth."""
    if not matrix.isScaling() and not matrix.isRotating():
        return layer.moved(round(matrix.dx()), round(matrix.dy()))
    area = matrix.mapRect(QRectF(box)).toAlignedRect().adjusted(-1, -1, 1, 1)
    pixels = layer.read(box)
    drawn = _drawn(pixels, box.topLeft().toPointF(), area, matrix)
    return replace(layer, plane=Plane(pixels.shape[2]).write(area, drawn), offset=(0, 0))


def _drawn(pixels: np.ndarray, at: QPointF, area: QRect, matrix: QTransform) -> np.ndarray:
    height, width, channels = pixels.shape
    straight = pixels if channels == 4 else pixels.repeat(4, axis=2)
    source = QImage(np.ascontiguousarray(straight).data, width, height, 4 * width, STRAIGHT)
    image = QImage(area.size(), QImage.Format.Format_RGBA8888_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.SmoothPixmapTransform | QPainter.RenderHint.Antialiasing)
    painter.translate(-area.topLeft())
    painter.setTransform(matrix, True)
    painter.drawImage(at, source)
    painter.end()
    drawn = image.convertToFormat(STRAIGHT)  # named: its pixels are gone with it
    result = np.frombuffer(drawn.constBits(), np.uint8).reshape(area.height(), area.width(), 4).copy()
    return result if channels == 4 else result[..., 3:]


def _over(below: np.ndarray, above: np.ndarray) -> np.ndarray:
    """Straight RGBA or coverage over the same."""
    if below.shape[2] == 1:
        return np.maximum(below, above)
    lower, upper = below.astype(np.float32) / 255, above.astype(np.float32) / 255
    covered = upper[..., 3:] + lower[..., 3:] * (1 - upper[..., 3:])
    summed = upper[..., :3] * upper[..., 3:] + lower[..., :3] * lower[..., 3:] * (1 - upper[..., 3:])
    color = np.divide(summed, covered, out=np.zeros_like(summed), where=covered > 0)
    return np.rint(np.concatenate([color, covered], axis=2) * 255).astype(np.uint8)
