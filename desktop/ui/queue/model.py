"""QueueModel: the queue's jobs as rows of a list."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt

from desktop.studio.queue import Entry, Queue, State
from desktop.ui.icons import icon
from desktop.ui.queue import words
from desktop.ui.widgets.tips import plain

Index = QModelIndex | QPersistentModelIndex
MIME = "application/x-sfumato-jobs"
ICONS = {
    State.RUNNING: ("play", "accent"),
    State.WAITING: ("history", "muted"),
    State.FAILED: ("failed", "failure"),
    State.DONE: ("done", "muted"),
}
EDITED = ("rename", "text")


class QueueModel(QAbstractListModel):
    """The jobs in their order, below them those that are done. Rows that stay keep what is chosen."""

    def __init__(self, queue: Queue, parent: QObject | None = None):
        super().__init__(parent)
        self._queue = queue
        self._entries: list[Entry] = [*queue.entries, *queue.done]
        queue.changed.connect(self._follow)
        queue.progressed.connect(self._progressed)

    def entry(self, index: Index) -> Entry:
        return self._entries[index.row()]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry = self.entry(index)
        recipe = entry.job.work
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            parts = (self._state_of(entry), words.cell_of(entry), f"{recipe.width} × {recipe.height}")
            prompt = " ".join(recipe.prompt.split()) or "(no prompt)"
            return "   ·   ".join(filter(None, (*parts, prompt)))
        if role == Qt.ItemDataRole.DecorationRole:
            return icon(*(EDITED if entry is self._queue.edited else ICONS[entry.state]))
        if role == Qt.ItemDataRole.ToolTipRole:
            hint = f"\n{entry.failure.hint}" if entry.failure and entry.failure.hint else ""
            return plain(f"{recipe.prompt}\n{recipe.steps} steps, seed {recipe.seed}\n{self._state_of(entry)}{hint}")
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.isValid() and self.entry(index).state is State.WAITING:
            return flags | Qt.ItemFlag.ItemIsDragEnabled
        return flags if index.isValid() else flags | Qt.ItemFlag.ItemIsDropEnabled

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        mime = QMimeData()
        mime.setData(MIME, self.entry(indexes[0]).id.encode())
        return mime

    def dropMimeData(self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        job_id = bytes(data.data(MIME).data()).decode()
        before = self._entries[: row if row >= 0 else None]
        self._queue.move(job_id, sum(each.state is State.WAITING and each.id != job_id for each in before))
        return False  # the queue has moved it; the view must not

    def _state_of(self, entry: Entry) -> str:
        return "being edited" if entry is self._queue.edited else words.state_of(entry)

    # ------------------------------------------------------------ what changes

    def _progressed(self, entry: Entry) -> None:
        if self._entries and self._entries[0] is entry:  # the running one is always the first
            self._redraw(0, 0)

    def _follow(self) -> None:
        """The queue, by as few steps as it takes: whoever looks is not made to look at all rows anew."""
        wanted = [*self._queue.entries, *self._queue.done]
        if wanted != self._entries:
            self._remove({*self._entries} - {*wanted})
            self._insert(wanted, {*wanted} - {*self._entries})
            self._move(wanted)
        if wanted:
            self._redraw(0, len(wanted) - 1)

    def _remove(self, gone: set[Entry]) -> None:
        rows = [row for row, entry in enumerate(self._entries) if entry in gone]
        for first, last in reversed(_runs(rows)):
            self.beginRemoveRows(QModelIndex(), first, last)
            del self._entries[first : last + 1]
            self.endRemoveRows()

    def _insert(self, wanted: list[Entry], new: set[Entry]) -> None:
        rows = [row for row, entry in enumerate(wanted) if entry in new]
        for first, last in _runs(rows):
            self.beginInsertRows(QModelIndex(), first, last)
            self._entries[first:first] = wanted[first : last + 1]
            self.endInsertRows()

    def _move(self, wanted: list[Entry]) -> None:
        for row, entry in enumerate(wanted):
            while self._entries[row] is not entry:
                if self._entries[row + 1] is entry:  # what stands here goes down, rather than all others up
                    self._move_row(row, wanted.index(self._entries[row]))
                else:
                    self._move_row(self._entries.index(entry), row)

    def _move_row(self, row: int, to: int) -> None:
        nothing = QModelIndex()
        self.beginMoveRows(nothing, row, row, nothing, to + 1 if to > row else to)
        self._entries.insert(to, self._entries.pop(row))
        self.endMoveRows()

    def _redraw(self, first: int, last: int) -> None:
        self.dataChanged.emit(self.index(first), self.index(last))


def _runs(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Those that follow one another without a gap, each as its first and last."""
    groups = [[row for _, row in group] for _, group in groupby(enumerate(rows), lambda pair: pair[1] - pair[0])]
    return [(group[0], group[-1]) for group in groups]
