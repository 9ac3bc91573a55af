"""QueuePanel: every job in the queue, to reorder by drag, cancel, and try again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QEvent, QMimeData, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QLabel, QListView, QStackedLayout, QVBoxLayout, QWidget

from desktop.studio.queue import Entry, Queue, State
from desktop.ui.icons import icon
from desktop.ui.queue import words
from desktop.ui.widgets.buttons import ActionButton, IconButton

Index = QModelIndex | QPersistentModelIndex
MIME = "application/x-sfumato-jobs"
ICONS = {State.RUNNING: ("play", "accent"), State.WAITING: ("history", "muted"), State.FAILED: ("failed", "failure")}


class QueueModel(QAbstractListModel):
    """The queue's entries as rows."""

    def __init__(self, queue: Queue, parent: QObject | None = None):
        super().__init__(parent)
        self._queue = queue
        self._entries: list[Entry] = []
        queue.changed.connect(self._refresh)
        queue.progressed.connect(self._progressed)
        self._refresh()

    def entry(self, index: Index) -> Entry:
        return self._entries[index.row()]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry = self.entry(index)
        recipe = entry.job.work
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            prompt = " ".join(recipe.prompt.split()) or "(no prompt)"
            return f"{words.state_of(entry)}   ·   {recipe.width} × {recipe.height}   ·   {prompt}"
        if role == Qt.ItemDataRole.DecorationRole:
            return icon(*ICONS[entry.state])
        if role == Qt.ItemDataRole.ToolTipRole:
            hint = f"\n{entry.failure.hint}" if entry.failure and entry.failure.hint else ""
            return f"{recipe.prompt}\n{recipe.steps} steps, seed {recipe.seed}\n{words.state_of(entry)}{hint}"
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

    def _progressed(self, entry: Entry) -> None:
        if entry in self._entries:
            index = self.index(self._entries.index(entry))
            self.dataChanged.emit(index, index)

    def _refresh(self) -> None:
        self.beginResetModel()
        self._entries = list(self._queue.entries)
        self.endResetModel()


class QueuePanel(QWidget):
    """Bound to a queue. Delete cancels the chosen job, Alt+Up and Alt+Down move it."""

    def __init__(self, queue: Queue, actions: Mapping[str, QAction], parent: QWidget | None = None):
        super().__init__(parent)
        self._queue = queue
        self.model = QueueModel(queue, self)
        self.list = _List(self)
        self.list.setModel(self.model)
        self.list.installEventFilter(self)
        self.model.modelReset.connect(self._show_page)
        empty = QLabel("Nothing waits. Generate as often as you like: the jobs line up here.", self)
        empty.setProperty("muted", True)
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        empty.setWordWrap(True)
        area = QWidget(self)
        self._pages = QStackedLayout(area)
        self._pages.addWidget(empty)
        self._pages.addWidget(self.list)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 8)
        layout.setSpacing(4)
        layout.addLayout(self._buttons(actions))
        layout.addWidget(area, 1)
        self._chosen: str | None = None
        self.list.selectionModel().currentChanged.connect(self._remember)
        self._show_page()

    @property
    def chosen(self) -> Entry | None:
        index = self.list.currentIndex()
        return self.model.entry(index) if index.isValid() else None

    def sizeHint(self) -> QSize:
        return QSize(480, 180)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The list's keys, before the list itself or a shortcut of the window takes them."""
        if not isinstance(event, QKeyEvent) or not (deed := self._deed(event)):
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
        elif event.type() == QEvent.Type.KeyPress:
            deed()
        return True

    def _deed(self, event: QKeyEvent) -> Callable[[], None] | None:
        match event.key(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            case Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier:
                return self._cancel
            case Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier:
                return lambda: self._move(-1)
            case Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier:
                return lambda: self._move(1)
        return None

    def _buttons(self, actions: Mapping[str, QAction]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        for name, words_, tip, do in (
            ("up", "Sooner", "Moves the chosen job one place forward (Alt+Up).", lambda: self._move(-1)),
            ("down", "Later", "Moves the chosen job one place back (Alt+Down).", lambda: self._move(1)),
            ("retry", "Try again", "Runs the chosen failed job again.", self._retry),
            ("cancel", "Cancel", "Cancels the chosen job (Delete).", self._cancel),
        ):
            row.addWidget(IconButton(name, words_, tip, do, self))
        row.addStretch(1)
        for name in ("pause", "cancel_all"):
            row.addWidget(ActionButton(actions[name], self))
        return row

    def _show_page(self) -> None:
        """After a reset: the page that fits, and the job that was chosen before."""
        self._pages.setCurrentIndex(1 if self.model.rowCount() else 0)
        rows = [self.model.index(row) for row in range(self.model.rowCount())]
        if same := next((index for index in rows if self.model.entry(index).id == self._chosen), None):
            self.list.setCurrentIndex(same)

    def _remember(self, index: QModelIndex) -> None:
        if index.isValid():
            self._chosen = self.model.entry(index).id

    def _cancel(self) -> None:
        if entry := self.chosen:
            self._queue.cancel(entry.id)

    def _retry(self) -> None:
        if entry := self.chosen:
            self._queue.retry(entry.id)

    def _move(self, by: int) -> None:
        entry = self.chosen
        if entry and entry.state is State.WAITING:
            place = self._queue.waiting.index(entry) + by
            self._queue.move(entry.id, max(0, place))


class _List(QListView):
    """Rows that can be dragged."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setDragDropOverwriteMode(False)
        self.setUniformItemSizes(True)
        for name in ("bare", "rows"):
            self.setProperty(name, True)
        self.setIconSize(QSize(16, 16))
        self.setAccessibleName("Jobs")
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
