"""SearchField: words to look for above what is found."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.ui.icons import icon

TYPING = 60  # ms after the last key until it is searched
DOWN = (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class SearchField(QLineEdit):
    """`searched(text)` comes as people type; `left` when they go down to what was found."""

    searched = Signal(str)
    left = Signal()

    def __init__(self, name: str, words: str, tip: str, parent: QWidget | None = None):
        super().__init__(parent)
        self.setPlaceholderText(words)
        self.setAccessibleName(name)
        self.setToolTip(tip)
        clear = self.addAction(icon("cancel", "muted"), QLineEdit.ActionPosition.TrailingPosition)
        clear.setToolTip("Clears the search.")
        clear.setVisible(False)
        clear.triggered.connect(lambda: self.searched.emit(""))
        self.textChanged.connect(lambda text: clear.setVisible(bool(text)))
        self._typing = QTimer(self, singleShot=True, interval=TYPING)
        self._typing.timeout.connect(lambda: self.searched.emit(self.text()))
        self.textEdited.connect(lambda _: self._typing.start())

    def show_text(self, text: str) -> None:
        """What is searched; spaces that people are about to type stay."""
        if self.text().strip() != text.strip():
            self.setText(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in DOWN:
            self.searched.emit(self.text())
            self.left.emit()
        else:
            super().keyPressEvent(event)
