"""Selections: shapes and regions as coverage, and what is done to coverage. All of it makes new planes."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPolygonF

from desktop.canvas.tiles import Plane

TRACED = 1024  # pixels a side, at most, that outlines are drawn from
POINTS = 50_000  # of an outline at most: more are a grey that takes its time


class Join(StrEnum):
    """What becomes of what was selected before."""

    REPLACE = "replace"
    ADD = "add"
    SUBTRACT = "subtract"
    INTERSECT = "intersect"


def of_path(path: QPainterPath) -> Plane:
    """What is inside, its edge smooth."""
    area = path.boundingRect().toAlignedRect()
    if area.isEmpty():
        return Plane(1)
    image = QImage(area.size(), QImage.Format.Format_Alpha8)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(-area.topLeft())
    painter.fillPath(path, QColor(255, 255, 255))
    painter.end()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(area.height(), image.bytesPerLine())
    return Plane(1).write(area, rows[:, : area.width(), np.newaxis])


def joined(before: Plane, new: Plane, how: Join) -> Plane:
    match how:
        case Join.REPLACE:
            return new
        case Join.ADD:
            area = before.bounds.united(new.bounds)
            return Plane(1).write(area, np.maximum(before.read(area), new.read(area)))
        case Join.SUBTRACT:
            area = before.bounds
            return Plane(1).write(area, np.minimum(before.read(area), 255 - new.read(area)))
        case Join.INTERSECT:
            area = before.bounds.intersected(new.bounds)
            return Plane(1).write(area, np.minimum(before.read(area), new.read(area)))


def inverted(selection: Plane, within: QRect) -> Plane:
    """What is not selected there; outside, nothing is."""
    return Plane(1).write(within, 255 - selection.read(within))


def grown(selection: Plane, by: int) -> Plane:
    """By so many pixels on all sides, round; negative: less."""
    import cv2

    if not by or selection.bounds.isEmpty():
        return selection
    area = selection.bounds.adjusted(-abs(by), -abs(by), abs(by), abs(by))
    side = 2 * abs(by) + 1
    round_ = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    work = cv2.dilate if by > 0 else cv2.erode
    return Plane(1).write(area, work(selection.read(area)[..., 0], round_)[..., np.newaxis])


def feathered(selection: Plane, radius: float) -> Plane:
    """Its edge softened over about so many pixels to either side."""
    import cv2

    if radius <= 0 or selection.bounds.isEmpty():
        return selection
    reach = int(np.ceil(radius * 1.5)) + 1
    area = selection.bounds.adjusted(-reach, -reach, reach, reach)
    return Plane(1).write(area, cv2.GaussianBlur(selection.read(area), (0, 0), radius / 2)[..., np.newaxis])


def alike(pixels: np.ndarray, seed: QPointF, tolerance: int, contiguous: bool) -> np.ndarray:
    """Coverage of what looks like the pixel at `seed`: height x width x 1; pixels height x width x 4.

    `tolerance`: how far each channel may be off, 0 to 255. Contiguous: only what hangs together with it.
    """
    import cv2

    x, y = int(seed.x()), int(seed.y())
    seen = pixels.astype(np.uint16)
    seen[..., :3] = seen[..., :3] * seen[..., 3:] // 255  # as far as it is there
    off = np.abs(seen.astype(np.int16) - seen[y, x].astype(np.int16))
    same = (off.max(axis=2) <= tolerance).astype(np.uint8)
    if contiguous:
        _, parts = cv2.connectedComponents(same, connectivity=4)
        same = (parts == parts[y, x]).astype(np.uint8)
    return same[..., np.newaxis] * np.uint8(255)


def outline(selection: Plane) -> QPainterPath:
    """Around what is more than half selected, for the eye: of what is large or tattered only roughly."""
    area = selection.bounds
    if area.isEmpty():
        return QPainterPath()
    coverage = selection.read(area)[..., 0]
    step = 1
    while max(area.width(), area.height()) / step > TRACED or _count(contours := _contours(coverage, step)) > POINTS:
        step *= 2  # tiles can be halved as often as that
    path = QPainterPath()
    for contour in contours:
        corners = ((contour[:, 0] + 0.5) / 2 - 1) * step + (area.x(), area.y())
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in corners.tolist()]))
        path.closeSubpath()
    return path


def _contours(coverage: np.ndarray, step: int) -> Sequence[np.ndarray]:
    """Lines around it, in half steps of that many pixels, counted from one step further out."""
    import cv2

    height, width = coverage.shape
    small = cv2.resize(coverage, (width // step, height // step), interpolation=cv2.INTER_AREA)
    half = cv2.copyMakeBorder((small > 127).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    return cv2.findContours(half.repeat(2, 0).repeat(2, 1), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)[0]


def _count(contours: Sequence[np.ndarray]) -> int:
    return sum(map(len, contours))
