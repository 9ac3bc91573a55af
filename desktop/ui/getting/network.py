"""NetworkWindow: every connection that there was, for people to see that there were no others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt, QTimer
from PySide6.QtWidgets import QHeaderView, QLabel, QTableView, QVBoxLayout, QWidget

from desktop.models.getting.connections import Connection, Connections
from desktop.ui.models.words import weight
from desktop.ui.widgets.side_window import SideWindow

Index = QModelIndex | QPersistentModelIndex
COLUMNS = {"Time": 10, "Host": 22, "For": 0, "Received": 12, "Outcome": 20}  # digits wide; 0: the room that is left
AGAIN = 500  # ms: while it is open, it looks so often


class ConnectionsModel(QAbstractTableModel):
    """The newest first. Only what has changed is told: many of them are looked at again and again."""

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self._shown: list[Connection] = []

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        is_name = orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return [*COLUMNS][section] if is_name else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        each = self._shown[index.row()]
        when = f"{datetime.fromtimestamp(each.when):%H:%M:%S}"
        size = weight(each.bytes) if each.bytes else ""
        return (when, each.host, each.purpose, size, each.outcome)[index.column()]

    def show(self, found: Sequence[Connection]) -> None:
        newest = self._shown[0].number if self._shown else 0
        fresh = [each for each in found if each.number > newest]
        self._drop(len(self._shown) + len(fresh) - len(found))
        if fresh:
            self.beginInsertRows(QModelIndex(), 0, len(fresh) - 1)
            self._shown = [*fresh, *self._shown]
            self.endInsertRows()
        for row in range(len(fresh), len(found)):
            if self._shown[row] != found[row]:
                self._shown[row] = found[row]
                self.dataChanged.emit(self.index(row, 0), self.index(row, len(COLUMNS) - 1))

    def _drop(self, oldest: int) -> None:
        if oldest:
            left = len(self._shown) - oldest
            self.beginRemoveRows(QModelIndex(), left, len(self._shown) - 1)
            del self._shown[left:]
            self.endRemoveRows()


class NetworkWindow(SideWindow):
    """Of this launch; what is under way is there, too."""

    def __init__(self, connections: Connections, parent: QWidget):
        super().__init__("Network", parent)
        self._connections = connections
        self.title = QLabel(self)
        self.title.setProperty("heading", True)
        self._model = ConnectionsModel(self)
        self.table = self._make_table()
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
        super().open()
        self.table.setFocus()

    def hideEvent(self, event: object) -> None:
        self._timer.stop()

    def _make_table(self) -> QTableView:
        """Nothing in it is as wide or high as its content: a thousand rows would be measured each time."""
        table = QTableView(self)
        table.setModel(self._model)
        table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header, digit = table.horizontalHeader(), table.fontMetrics().horizontalAdvance("0")
        for column, digits in enumerate(COLUMNS.values()):
            if digits:
                header.resizeSection(column, digits * digit)
            else:
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        table.setAccessibleName("Connections")
        return table

    def _look(self) -> None:
        found = self._connections.all()
        bytes = sum(each.bytes for each in found)
        nothing = "Nothing has gone out since Sfumato was started"
        self.title.setText(f"{len(found)} connections, {weight(bytes)} received" if found else nothing)
        self._model.show(found)
