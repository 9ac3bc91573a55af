"""LoraBox: a field that completes the names of the LoRAs at hand."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSignalBlocker,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QWidget

from desktop.models.extras import NO_EXTRAS, Extra, Extras
from desktop.models.families import FAMILIES
from desktop.ui.prompt import behind
from desktop.ui.widgets.completion import dressed
from desktop.ui.widgets.tips import plain

MOST_TRIGGERS = 12  # in a tip
Index = QModelIndex | QPersistentModelIndex


class LoraList(QAbstractListModel):
    """Those at hand, in the order in which they are offered; of thousands, words are made of what is seen."""

    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        self._family, self._extras = "", NO_EXTRAS
        self.all: Sequence[Extra] = ()

    def offer(self, extras: Extras, family: str) -> None:
        self.beginResetModel()
        self._family, self._extras = family, extras
        self.all = sorted(extras.kind("lora"), key=lambda each: each.entry.family != family)
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent and parent.isValid() else len(self.all)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return self.all[index.row()].name
            case behind.BEHIND:
                return self._behind(self.all[index.row()])
            case Qt.ItemDataRole.AccessibleTextRole:
                extra = self.all[index.row()]
                return ", ".join(filter(None, (extra.name, self._behind(extra))))
            case Qt.ItemDataRole.ToolTipRole:
                return _tip(self.all[index.row()])

    def _behind(self, extra: Extra) -> str:
        """Its folder, if others are called the same, and its family, if that is another than the model's."""
        family = "" if extra.entry.may_be_for(self._family) else _family(extra)
        return "  ·  ".join(filter(None, (self._extras.place(extra), family)))


class LoraBox(QComboBox):
    """`picked(Extra)` when people have chosen one; then it is empty again. Those of the model's family come first."""

    picked = Signal(object)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self._list = LoraList(self)
        self.setModel(self._list)
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setMaxVisibleItems(16)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.setAccessibleName("Add a LoRA")
        self.setToolTip("A small file that teaches the model a style, a person or a thing. Several go together.")
        completer = self.completer()
        assert completer
        dressed(completer).setCompletionMode(completer.CompletionMode.PopupCompletion)
        behind.shown_in(self.view(), completer.popup())
        self.activated.connect(self._take)
        line = self.lineEdit()
        assert line
        line.setPlaceholderText("Add a LoRA: type a part of its name")

    def offer(self, extras: Extras, family: str) -> None:
        """`family`: that of the model, whose LoRAs come first; "" where it is not known."""
        blocker = QSignalBlocker(self)
        self._list.offer(extras, family)
        self._empty()
        blocker.unblock()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # it scrolls the panel

    def _take(self, index: int) -> None:
        QTimer.singleShot(0, self, self._empty)  # the completer still writes the name into it
        self.picked.emit(self._list.all[index])

    def _empty(self) -> None:
        self.setCurrentIndex(-1)
        self.setEditText("")


def _family(extra: Extra) -> str:
    family = FAMILIES.get(extra.entry.family)
    return family.name if family else extra.entry.family


def _tip(extra: Extra) -> str:
    triggers = ", ".join(extra.entry.triggers[:MOST_TRIGGERS])
    return plain("\n".join(filter(None, (_family(extra), triggers, str(extra.entry.path)))))
