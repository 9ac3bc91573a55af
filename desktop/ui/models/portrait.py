"""Portrait: the picture of the chosen model file, large."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QPainter, QPaintEvent, QPixmap, QTransform
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.studio.previews import Previews
from desktop.ui.widgets.images import to_image

if TYPE_CHECKING:
    from desktop.raster import Raster

SIDE = 640  # of what is asked for
HIGHEST = 1.25  # of its width; what is higher is cut off below
RADIUS = 6
NARROWEST = 160


class Portrait(QWidget):
    """As wide as there is room; not there while there is no picture."""

    def __init__(self, previews: Previews, parent: QWidget | None = None):
        super().__init__(parent)
        self._previews = previews
        self._file: Path | None = None
        self._pixmap: QPixmap | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        previews.came.connect(self._came)
        self.hide()

    def show_picture(self, file: Path | None) -> None:
        """Once it has been read."""
        if file != self._file:
            self._file, self._pixmap = file, None
            self.hide()
            self._previews.wish([file] if file else [], SIDE)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        if self._pixmap is None:
            return 0
        return round(width * min(self._pixmap.height() / self._pixmap.width(), HIGHEST))

    def sizeHint(self) -> QSize:
        return QSize(NARROWEST, self.heightForWidth(NARROWEST))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._pixmap is None:
            return
        scale = self.width() / self._pixmap.width()
        brush = QBrush(self._pixmap)
        brush.setTransform(QTransform.fromScale(scale, scale))
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(brush)
        painter.drawRoundedRect(QRectF(self.rect()), RADIUS, RADIUS)

    def _came(self, file: Path, side: int, raster: Raster | None) -> None:
        if (file, side) == (self._file, SIDE):
            self._pixmap = QPixmap.fromImage(to_image(raster)) if raster else None
            self.setVisible(raster is not None)
            self.updateGeometry()
            self.update()
