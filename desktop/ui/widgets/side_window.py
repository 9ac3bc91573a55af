"""SideWindow: a window beside the main one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget


class SideWindow(QWidget):
    """Stays in front of its parent, may be opened again and again, and Escape closes it."""

    def __init__(self, title: str, parent: QWidget):
        super().__init__(parent, Qt.WindowType.Dialog)
        self.setWindowTitle(title)

    def open(self) -> None:
        self.show()
        self.raise_()
        self.activateWindow()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not event.modifiers():
            self.close()
        else:
            super().keyPressEvent(event)
