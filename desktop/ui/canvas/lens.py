"""Lens: which part of the canvas a view shows, how large, and turned how far. Geometry only."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QTransform

SMALLEST, LARGEST = 0.02, 64.0  # zoom
MARGIN = 32  # units of the view around what fits
MOST_FIT = 4.0  # a small picture is not blown up further than that


class Lens:
    """`zoom` 1: a pixel of the screen for each of the canvas's; a unit of the view has `ratio` pixels of the screen."""

    def __init__(self) -> None:
        self.view = QSizeF()
        self.ratio = 1.0
        self.zoom = 1.0
        self.angle = 0.0  # degrees, clockwise
        self.center = QPointF()  # the point of the canvas in the middle of the view

    @property
    def scale(self) -> float:
        """Units of the view for a pixel of the canvas."""
        return self.zoom / self.ratio

    @property
    def to_view(self) -> QTransform:
        middle = self.middle
        matrix = QTransform.fromTranslate(middle.x(), middle.y()).rotate(self.angle).scale(self.scale, self.scale)
        return matrix.translate(-self.center.x(), -self.center.y())

    @property
    def to_canvas(self) -> QTransform:
        return self.to_view.inverted()[0]

    @property
    def middle(self) -> QPointF:
        return QPointF(self.view.width() / 2, self.view.height() / 2)

    @property
    def sight(self) -> QRectF:
        """What of the canvas is in the view; more than that while it is turned."""
        return self.to_canvas.mapRect(QRectF(QPointF(), self.view))

    def fit(self, area: QRectF) -> None:
        """All of it, upright, as large as there is room."""
        self.angle = 0.0
        self.center = area.center()
        room = self.view - QSizeF(2 * MARGIN, 2 * MARGIN)
        if not area.isEmpty() and not room.isEmpty():
            fitting = min(room.width() / area.width(), room.height() / area.height()) * self.ratio
            self.zoom = min(max(fitting, SMALLEST), MOST_FIT * self.ratio)

    def zoom_to(self, zoom: float, at: QPointF | None = None) -> None:
        """The point of the canvas under `at`, by default the middle of the view, stays where it is."""
        at = at or self.middle
        still = self.to_canvas.map(at)
        self.zoom = min(max(zoom, SMALLEST), LARGEST)
        self._hold(still, at)

    def turn(self, by: float, at: QPointF | None = None) -> None:
        """By so many degrees around that point of the view."""
        at = at or self.middle
        still = self.to_canvas.map(at)
        self.angle = (self.angle + by + 180) % 360 - 180
        self._hold(still, at)

    def pan(self, by: QPointF) -> None:
        """In units of the view."""
        self._hold(self.to_canvas.map(self.middle), self.middle + by)

    def _hold(self, still: QPointF, at: QPointF) -> None:
        """That point of the canvas comes under that one of the view."""
        self.center += still - self.to_canvas.map(at)
