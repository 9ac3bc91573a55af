"""Fields for text and numbers."""

from __future__ import annotations

from PySide6.QtCore import QRegularExpression, Signal
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import QLineEdit, QWidget


class NumberField(QLineEdit):
    """A whole number, of any length: Qt's spin boxes end at 32 bits, which seeds do not."""

    edited = Signal(object)

    def __init__(self, digits: int, parent: QWidget | None = None):
        super().__init__(parent)
        self.content = 0
        self.setValidator(QRegularExpressionValidator(QRegularExpression(rf"\s*\d{{0,{digits}}}\s*"), self))
        self.editingFinished.connect(self._typed)

    @property
    def content(self) -> int:
        return self._content

    @content.setter
    def content(self, number: int) -> None:
        self._content = number
        self.setText(str(number))
        self.setCursorPosition(0)

    def _typed(self) -> None:
        text = self.text().strip()
        typed = int(text) if text else self._content
        changed = typed != self._content
        self.content = typed
        if changed:
            self.edited.emit(typed)
