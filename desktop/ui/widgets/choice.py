"""ChoiceBox: one of several, each a value with words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QWidget


class ChoiceBox(QComboBox):
    """`content` is the chosen value; one that is not among the choices shows as none chosen."""

    edited = Signal(object)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self._content: Any = None
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.setMaxVisibleItems(20)
        self.activated.connect(self._picked)

    def offer(self, choices: Iterable[tuple[Any, str]]) -> None:
        """Values and their words, in place of the earlier ones; what was chosen stays."""
        self.clear()
        for value, words in choices:
            self.addItem(words, value)
        self.setCurrentIndex(self._index(self._content))

    @property
    def content(self) -> Any:
        return self._content

    @content.setter
    def content(self, value: Any) -> None:
        self._content = value
        self.setCurrentIndex(self._index(value))

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # it scrolls the panel

    def _picked(self, index: int) -> None:
        self._content = self.itemData(index)
        self.edited.emit(self._content)

    def _index(self, value: Any) -> int:
        return next((i for i in range(self.count()) if self.itemData(i) == value), -1)
