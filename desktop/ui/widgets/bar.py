"""Bar: how far something is."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.ui import theme


class Bar(QWidget):
    """`share` is what is done, 0 to 1."""

    def __init__(self, width: int = 240, parent: QWidget | None = None):
        super().__init__(parent)
        self._width = width
        self._share = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def share(self) -> float:
        return self._share

    @share.setter
    def share(self, share: float) -> None:
        self._share = share
        self.setAccessibleName(f"Progress {share:.0%}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._width, 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QPainterPath()
        whole.addRoundedRect(QRectF(self.rect()), 3, 3)
        painter.fillPath(whole, QColor(colors.line))
        painter.setClipPath(whole)
        painter.fillRect(QRectF(0, 0, self.width() * self._share, self.height()), QColor(colors.accent))
