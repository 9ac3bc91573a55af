"""DiagnosticsWindow: what whoever mends Sfumato needs to know, looked at by its owner before it becomes a file."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.studio.reports import Reports
from desktop.ui.widgets.side_window import SideWindow

PROMISE = "Nothing is sent. This becomes a zip file that you can give to whoever helps you; look at it first."

NAMES = 300
SIZE = QSize(900, 540)


class DiagnosticsWindow(SideWindow):
    """Gathered anew whenever it is opened. `saved(Path)`."""

    saved = Signal(object)

    def __init__(self, reports: Reports, parent: QWidget):
        super().__init__("Diagnostics", parent)
        self._reports = reports
        self._files: dict[str, str] = {}
        self.names = QListWidget(self)
        self.names.setFixedWidth(NAMES)
        for name in ("bare", "rows"):
            self.names.setProperty(name, True)
        self.names.setAccessibleName("Files")
        self.names.currentTextChanged.connect(lambda name: self.text.setPlainText(self._files.get(name, "")))
        self.text = QPlainTextEdit(self)
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setAccessibleName("Content")
        self.agreed = QCheckBox("With prompts and paths", self)
        self.agreed.setToolTip("Your prompts, settings and names of folders are in it, too. Some faults need them.")
        self.agreed.toggled.connect(lambda _: self._gather())
        self.button = QPushButton("Save as…", self)
        self.button.setProperty("primary", True)
        self.button.setToolTip("Asks where to, and writes the zip file.")
        self.button.clicked.connect(self._ask_where)
        self._lay_out()
        self.resize(SIZE)

    def open(self) -> None:
        self.agreed.setChecked(False)
        self._gather()
        super().open()

    def save(self, target: Path) -> None:
        """What is seen, and nothing else."""
        self._reports.save(self._files, target, self._saved)

    def _lay_out(self) -> None:
        promise = QLabel(PROMISE, self)
        promise.setWordWrap(True)
        middle = QHBoxLayout()
        middle.setSpacing(8)
        middle.addWidget(self.names)
        middle.addWidget(self.text, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.agreed)
        foot.addStretch(1)
        foot.addWidget(self.button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(promise)
        layout.addLayout(middle, 1)
        layout.addLayout(foot)

    def _gather(self) -> None:
        self.button.setEnabled(False)  # until what is seen is what would be saved
        agreed = self.agreed.isChecked()
        self._reports.gather(agreed, partial(self._show, agreed))

    def _show(self, agreed: bool, files: dict[str, str]) -> None:
        if agreed != self.agreed.isChecked():
            return  # people have changed their mind: another answer comes
        before = self.names.currentItem()
        chosen = before.text() if before else ""
        self._files = files
        self.names.clear()
        self.names.addItems(list(files))
        self.names.setCurrentRow(list(files).index(chosen) if chosen in files else 0)
        self.button.setEnabled(True)

    def _ask_where(self) -> None:
        dialog = QFileDialog(self, "Save the diagnostics", str(Path.home()), "Zip files (*.zip)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("zip")
        dialog.selectFile(f"sfumato-diagnostics-{time.strftime('%Y-%m-%d')}.zip")
        dialog.fileSelected.connect(lambda file: self.save(Path(file)))
        dialog.open()

    def _saved(self, file: Path) -> None:
        self.close()
        self.saved.emit(file)
