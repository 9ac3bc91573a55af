"""CommandPalette: every action by a few letters of its name."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from PySide6.QtCore import QEvent, QModelIndex, QObject, QRect, QSize, Qt
from PySide6.QtGui import QAction, QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from desktop.ui import theme

WIDTH = 520
ROW = 32
ROWS = 10
ACTION = Qt.ItemDataRole.UserRole


class CommandPalette(QFrame):
    """Floats at the top of the window until something is chosen or Escape is pressed."""

    def __init__(self, actions: Sequence[QAction], parent: QWidget):
        super().__init__(parent)
        self._window = self._before = parent
        self._actions = actions
        self.setProperty("card", True)
        self.setAccessibleName("Command palette")
        self.field = QLineEdit(self)
        self.field.setPlaceholderText("What would you like to do?")
        self.field.setAccessibleName("Command")
        self.field.textChanged.connect(self._filter)
        self.field.installEventFilter(self)
        self.list = QListWidget(self)
        self.list.setItemDelegate(_Row(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setAccessibleName("Commands")
        self.list.itemClicked.connect(self._run)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.field)
        layout.addWidget(self.list)
        self.hide()

    def open(self) -> None:
        if self.isHidden():
            self._before = QApplication.focusWidget() or self._window
        self.field.clear()
        self._filter("")
        width = min(WIDTH, self._window.width() - 32)
        height = ROW * ROWS + theme.CONTROL + 40
        self.setGeometry((self._window.width() - width) // 2, 64, width, height)
        self.show()
        self.raise_()
        self.field.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self.hide()
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event.key())
        return False

    def _key(self, key: int) -> bool:
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            row = self.list.currentRow() + (1 if key == Qt.Key.Key_Down else -1)
            self.list.setCurrentRow(min(max(row, 0), self.list.count() - 1))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run(self.list.currentItem())
        elif key == Qt.Key.Key_Escape:
            self._leave()
        else:
            return False
        return True

    def _filter(self, text: str) -> None:
        self.list.clear()
        for action in sorted(self._fitting(text), key=lambda each: _rank(_name(each), text)):
            item = QListWidgetItem(action.icon(), _name(action), self.list)
            item.setData(ACTION, action)
        self.list.setCurrentRow(0)

    def _fitting(self, text: str) -> list[QAction]:
        return [each for each in self._actions if each.isEnabled() and _holds(_name(each), text)]

    def _leave(self) -> None:
        """Back to where people were."""
        self.hide()
        self._window.setFocus()
        with suppress(RuntimeError):  # it is gone by now
            self._before.setFocus()

    def _run(self, item: QListWidgetItem | None) -> None:
        self._leave()
        if item:
            item.data(ACTION).trigger()


class _Row(QStyledItemDelegate):
    """Icon and name to the left, the keys to the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:  # pyright: ignore[reportIncompatibleMethodOverride]
        return QSize(100, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        super().paint(painter, option, index)
        action: QAction = index.data(ACTION)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)  # pyright: ignore[reportAttributeAccessIssue]
        colors = theme.current()
        painter.setPen(QColor(colors.on_accent if chosen else colors.muted))
        place: QRect = option.rect.adjusted(0, 0, -12, 0)  # pyright: ignore[reportAttributeAccessIssue]
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(place, right, action.shortcut().toString(action.shortcut().SequenceFormat.NativeText))


def _name(action: QAction) -> str:
    return action.text().replace("&", "")


def _holds(name: str, text: str) -> bool:
    """Whether the letters of `text` come in `name` in that order."""
    letters = iter(name.casefold())
    return all(letter in letters for letter in text.casefold().replace(" ", ""))


def _rank(name: str, text: str) -> tuple[int, str]:
    """Names that begin so first, then those that hold it in one piece."""
    low, wanted = name.casefold(), text.casefold()
    return (0 if low.startswith(wanted) else 1 if wanted in low else 2), ("" if not wanted else low)
