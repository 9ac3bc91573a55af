"""Lens: which part of a picture a view shows, and how large. Geometry only."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF

SMALLEST, LARGEST = 0.02, 64.0  # zoom
MARGIN = 24  # units around a picture that fits
MOST_FIT = 8.0  # a small picture is not blown up further than that


class Lens:
    """`zoom` 1 is a pixel of the screen for each of the picture's; a unit of the view has `ratio` pixels of the screen.

    While it `fits`, the whole picture is in sight whatever size the view gets.
    """

    def __init__(self) -> None:
        self.view = QSizeF()
        self.picture = QSizeF()  # pixels
        self.ratio = 1.0
        self.zoom = 1.0
        self.fits = True
        self._center = QPointF()  # the point of the picture in the middle of the view

    @property
    def scale(self) -> float:
        """Units of the view for a pixel of the picture."""
        return self.zoom / self.ratio

    @property
    def place(self) -> QRectF:
        """Where the picture is in the view."""
        return QRectF(self._middle - self._center * self.scale, self.picture * self.scale)

    def settle(self) -> None:
        """After the view or the picture has another size."""
        if self.fits and not self.picture.isEmpty():
            room = self.view - QSizeF(2 * MARGIN, 2 * MARGIN)
            fitting = min(room.width() / self.picture.width(), room.height() / self.picture.height())
            self.zoom = min(max(fitting * self.ratio, SMALLEST), MOST_FIT * self.ratio)
            self._center = QPointF(self.picture.width() / 2, self.picture.height() / 2)

    def fit(self) -> None:
        self.fits = True
        self.settle()

    def zoom_to(self, zoom: float, at: QPointF | None = None) -> None:
        """The point of the picture under `at`, by default the middle of the view, stays where it is."""
        at = at or self._middle
        still = self.to_picture(at)
        self.fits = False
        self.zoom = min(max(zoom, SMALLEST), LARGEST)
        self._center = still - (at - self._middle) / self.scale

    def pan(self, by: QPointF) -> None:
        """In units of the view."""
        self.fits = False
        self._center -= by / self.scale

    def to_picture(self, point: QPointF) -> QPointF:
        return self._center + (point - self._middle) / self.scale

    @property
    def _middle(self) -> QPointF:
        return QPointF(self.view.width() / 2, self.view.height() / 2)
