"""FolderList: several folders, to add to and take from."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QListWidget, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from desktop.ui.icons import icon

HEIGHT = 112


class FolderList(QWidget):
    """`content`: a tuple of paths as text."""

    edited = Signal(object)

    def __init__(self, name: str, tip: str, parent: QWidget | None = None):
        super().__init__(parent)
        self._content: tuple[str, ...] = ()
        self.list = QListWidget(self)
        self.list.setAccessibleName(name)
        self.list.setToolTip(tip)
        self.list.setProperty("rows", True)
        self.list.setFixedHeight(HEIGHT)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentRowChanged.connect(lambda row: self.remove.setEnabled(row >= 0))
        self.add = self._button("Add a folder…", "plus", "Its models are listed too; nothing is copied or moved.")
        self.add.clicked.connect(self._ask)
        self.remove = self._button("Take off the list", "minus", "The folder and all in it stay as they are.")
        self.remove.clicked.connect(self._remove)
        self.remove.setEnabled(False)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for button in (self.add, self.remove):
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.list)
        layout.addLayout(buttons)

    @property
    def content(self) -> tuple[str, ...]:
        return self._content

    @content.setter
    def content(self, folders: tuple[str, ...]) -> None:
        self._content = folders
        self.list.clear()
        self.list.addItems(folders)

    def _button(self, words: str, drawing: str, tip: str) -> QPushButton:
        button = QPushButton(icon(drawing), words, self)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        return button

    def _ask(self) -> None:
        dialog = QFileDialog(self, "Add a folder of models", str(Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(lambda folder: self._edit(tuple(dict.fromkeys((*self._content, folder)))))
        dialog.open()

    def _remove(self) -> None:
        row = self.list.currentRow()
        self._edit((*self._content[:row], *self._content[row + 1 :]))

    def _edit(self, folders: tuple[str, ...]) -> None:
        self.content = folders
        self.edited.emit(folders)
