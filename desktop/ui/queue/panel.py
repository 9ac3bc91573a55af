"""QueuePanel: every job in the queue, to reorder by drag, edit, cancel, and try again."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QSize, Qt
from PySide6.QtGui import QAction, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QMenu,
    QPushButton,
    QStackedLayout,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from desktop.studio.queue import Entry, Queue, State
from desktop.ui.queue.model import QueueModel
from desktop.ui.widgets.buttons import ActionButton, IconButton, tell_keys

MENU = (
    *("job_next", "job_edit", "job_retry", "job_cancel", ""),
    *("pause", "cancel_waiting", "cancel_all", "clear_done"),
)
FAINT = 0.7  # what is done stands back, and can still be read


class QueuePanel(QWidget):
    """Bound to a queue. Delete cancels the chosen job, Enter edits it, Alt+Up and Alt+Down move it."""

    def __init__(self, queue: Queue, actions: Mapping[str, QAction], parent: QWidget | None = None):
        super().__init__(parent)
        self._queue, self._actions = queue, actions
        self.model = QueueModel(queue, self)
        self.list = _List(self)
        self.list.setModel(self.model)
        self.list.setItemDelegate(_Line(self.list))
        self.list.installEventFilter(self)
        self.list.customContextMenuRequested.connect(self._open_menu)
        self.banner = _Banner(actions, self)
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
        layout.addLayout(self._buttons())
        layout.addWidget(self.banner)
        layout.addWidget(area, 1)
        queue.changed.connect(self._show)
        self._show()

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
                return self._actions["job_cancel"].trigger
            case ((Qt.Key.Key_Return | Qt.Key.Key_Enter), Qt.KeyboardModifier.NoModifier):
                return self._actions["job_edit"].trigger
            case Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier:
                return lambda: self._move(-1)
            case Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier:
                return lambda: self._move(1)
        return None

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        for name, words_, tip, by in (
            ("up", "Sooner", "Moves the chosen job one place forward (Alt+Up).", -1),
            ("down", "Later", "Moves the chosen job one place back (Alt+Down).", 1),
        ):
            row.addWidget(IconButton(name, words_, tip, lambda by=by: self._move(by), self))
        for name in ("job_next", "job_edit", "job_retry", "job_cancel"):
            row.addWidget(ActionButton(self._actions[name], self))
        row.addStretch(1)
        for name in ("pause", "cancel_all", "clear_done"):
            row.addWidget(ActionButton(self._actions[name], self))
        return row

    def _show(self) -> None:
        self._pages.setCurrentIndex(1 if self.model.rowCount() else 0)
        self.banner.setVisible(self._queue.edited is not None)

    def _open_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in MENU:
            if name:
                menu.addAction(self._actions[name])
            else:
                menu.addSeparator()
        menu.popup(self.list.viewport().mapToGlobal(at))

    def _move(self, by: int) -> None:
        entry = self.chosen
        if entry and entry.state is State.WAITING:
            place = self._queue.waiting.index(entry) + by
            self._queue.move(entry.id, max(0, place))


class _Banner(QFrame):
    """Over the list while a job is being edited."""

    def __init__(self, actions: Mapping[str, QAction], parent: QWidget):
        super().__init__(parent)
        self.setProperty("card", True)
        words = QLabel("Change what you like in the prompt panel. The job is held back meanwhile.", self)
        words.setWordWrap(True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 6)
        layout.addWidget(words, 1)
        for name in ("job_leave", "job_replace"):
            button = QPushButton(actions[name].text(), self)
            button.setProperty("primary", name == "job_replace")
            button.clicked.connect(actions[name].trigger)
            tell_keys(button, actions[name])
            layout.addWidget(button)


class _Line(QStyledItemDelegate):
    """A job's row; what is done is fainter."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        model = index.model()
        assert isinstance(model, QueueModel)
        painter.save()
        painter.setOpacity(FAINT if model.entry(index).state is State.DONE else 1.0)
        super().paint(painter, option, index)
        painter.restore()


class _List(QListView):
    """Rows that can be dragged."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setDragDropOverwriteMode(False)
        self.setUniformItemSizes(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        for name in ("bare", "rows"):
            self.setProperty(name, True)
        self.setIconSize(QSize(16, 16))
        self.setAccessibleName("Jobs")
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
