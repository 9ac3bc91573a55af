"""UsageWindow: what the library takes of the disk, by month and by model."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHeaderView, QLabel, QTableWidget, QTableWidgetItem, QTabWidget, QVBoxLayout, QWidget

from desktop.library.upkeep import Share, Usage
from desktop.studio.studio import Studio
from desktop.ui.gallery import words
from desktop.ui.widgets.side_window import SideWindow

RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class UsageWindow(SideWindow):
    """Counted anew whenever it is shown."""

    def __init__(self, studio: Studio, parent: QWidget):
        super().__init__("Disk usage", parent)
        self._studio = studio
        self.title = QLabel("Counting…", self)
        self.title.setProperty("heading", True)
        self.months, self.models = _table("Month", self), _table("Model", self)
        tabs = QTabWidget(self)
        tabs.addTab(self.months, "By month")
        tabs.addTab(self.models, "By model")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(self.title)
        layout.addWidget(tabs, 1)

    def sizeHint(self) -> QSize:
        return QSize(460, 420)

    def open(self) -> None:
        self._studio.tending.usage(self._show)
        super().open()

    def _show(self, usage: Usage) -> None:
        count = sum(share.count for share in usage.months)
        self.title.setText(f"{words.many(count)}, {words.size(usage.bytes)}, in {self._studio.gallery.library.folder}")
        _fill(self.months, usage.months)
        _fill(self.models, usage.models)


def _table(name: str, parent: QWidget) -> QTableWidget:
    table = QTableWidget(0, 3, parent)
    table.setHorizontalHeaderLabels([name, "Pictures", "Size"])
    table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
    table.setShowGrid(False)
    table.verticalHeader().hide()
    table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    table.setAccessibleName(f"By {name.lower()}")
    return table


def _fill(table: QTableWidget, shares: Iterable[Share]) -> None:
    table.setRowCount(0)
    for row, share in enumerate(shares):
        table.insertRow(row)
        for column, text in enumerate((share.name or "unknown", str(share.count), words.size(share.bytes))):
            item = QTableWidgetItem(text)
            if column:
                item.setTextAlignment(RIGHT)
            table.setItem(row, column, item)
