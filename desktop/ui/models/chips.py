"""Chips: words to click on."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from desktop.ui.icons import icon
from desktop.ui.widgets.flow import Flow

MOST = 40  # of a kind; whoever has more of them has them in the file
LONGEST = 48  # characters that are shown of one


class Chips(QWidget):
    """`content`: the words, each a button. `picked(word)` comes with a click."""

    picked = Signal(str)

    def __init__(self, name: str, tip: str, drawing: str = "", parent: QWidget | None = None):
        super().__init__(parent)
        self._name, self._tip, self._drawing = name, tip, drawing
        self._content: tuple[str, ...] = ()
        self._flow = Flow(self)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def content(self) -> tuple[str, ...]:
        return self._content

    @content.setter
    def content(self, wanted: Iterable[str]) -> None:
        if (shown := tuple(wanted)[:MOST]) == self._content:
            return
        self._content = shown
        while item := self._flow.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for word in self._content:
            self._flow.addWidget(self._chip(word))
        self.updateGeometry()

    def _chip(self, word: str) -> QToolButton:
        chip = QToolButton(self)
        chip.setText((word if len(word) <= LONGEST else f"{word[: LONGEST - 1]}…").replace("&", "&&"))
        chip.setAccessibleName(f"{self._name}: {word}")
        chip.setToolTip(self._tip)
        chip.setProperty("card", True)
        if self._drawing:
            chip.setIcon(icon(self._drawing, "muted"))
            chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            chip.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        chip.clicked.connect(partial(self.picked.emit, word))
        return chip
