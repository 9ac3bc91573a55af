"""Stars: a rating from none to five, by mouse or keys."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.library.marks import STARS
from desktop.ui import theme

SIDE = 22


class Stars(QWidget):
    """`content`: how many; a click on the last one that is set takes all away."""

    edited = Signal(object)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self._content = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setToolTip("Stars, 0 to 5: click, or press the number.")
        self.content = 0

    @property
    def content(self) -> int:
        return self._content

    @content.setter
    def content(self, stars: int) -> None:
        self._content = stars
        self.setAccessibleName(f"{stars} of {STARS[-1]} stars")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(SIDE * STARS[-1], SIDE + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme.current()
        painter = QPainter(self)
        font = painter.font()
        font.setPixelSize(SIDE - 4)
        painter.setFont(font)
        for star in STARS[1:]:
            painter.setPen(QColor(colors.text if star <= self._content else colors.line))
            painter.drawText((star - 1) * SIDE, 0, SIDE, SIDE, Qt.AlignmentFlag.AlignCenter, "★")
        if self.hasFocus():
            painter.setPen(QColor(colors.accent))
            painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        star = min(int(event.position().x()) // SIDE + 1, STARS[-1])
        self.edited.emit(0 if star == self._content else star)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        by = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if by:
            self.edited.emit(min(max(self._content + by, 0), STARS[-1]))
        else:
            super().keyPressEvent(event)
