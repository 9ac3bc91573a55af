"""NetworkWindow: every connection that there was, for people to see that there were no others."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtWidgets import QHeaderView, QLabel, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from desktop.models.getting.connections import Connection, Connections
from desktop.ui.models.words import weight

COLUMNS = ("Time", "Host", "For", "Received", "Outcome")
AGAIN = 500  # ms: while it is open, it looks so often


class NetworkWindow(QWidget):
    """Of this launch; what is under way is there, too."""

    def __init__(self, connections: Connections, parent: QWidget):
        super().__init__(parent, Qt.WindowType.Dialog)
        self._connections = connections
        self._shown: list[Connection] | None = None
        self.setWindowTitle("Network")
        self.title = QLabel(self)
        self.title.setProperty("heading", True)
        self.table = QTableWidget(0, len(COLUMNS), self)
        self.table.setHorizontalHeaderLabels(list(COLUMNS))
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        self.table.setAccessibleName("Connections")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(self.title)
        layout.addWidget(self.table, 1)
        self._timer = QTimer(self, interval=AGAIN)
        self._timer.timeout.connect(self._look)

    def sizeHint(self) -> QSize:
        return QSize(720, 420)

    def open(self) -> None:
        self._look()
        self._timer.start()
        self.show()
        self.raise_()
        self.activateWindow()

    def hideEvent(self, event: object) -> None:
        self._timer.stop()

    def _look(self) -> None:
        if (found := self._connections.all()) == self._shown:
            return
        self._shown = found
        bytes = sum(each.bytes for each in found)
        nothing = "Nothing has gone out since Sfumato was started"
        self.title.setText(f"{len(found)} connections, {weight(bytes)} received" if found else nothing)
        self.table.setRowCount(len(found))
        for row, each in enumerate(found):
            when = f"{datetime.fromtimestamp(each.when):%H:%M:%S}"
            size = weight(each.bytes) if each.bytes else ""
            for column, text in enumerate((when, each.host, each.purpose, size, each.outcome)):
                self.table.setItem(row, column, QTableWidgetItem(text))
