"""Told: a line below a control that says what is wrong with what was chosen there."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from desktop.ui.widgets.tips import plain


class Told(QLabel):
    """Takes no room while there is nothing to tell."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)  # it tells the names of files
        self.setWordWrap(True)
        self.hide()

    def say(self, words: str, details: str = "", failure: bool = True) -> None:
        self.setText(words)
        self.setToolTip(plain(details))
        self.setProperty("failure", failure)
        self.setProperty("muted", not failure)
        self.style().polish(self)
        self.setVisible(bool(words))
