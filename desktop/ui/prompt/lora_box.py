"""LoraBox: a field that completes the names of the LoRAs at hand."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QWidget

from desktop.models.extras import Extra
from desktop.models.families import FAMILIES
from desktop.ui.widgets.completion import dressed


class LoraBox(QComboBox):
    """`picked(Extra)` when people have chosen one; then it is empty again. Those of the model's family come first."""

    picked = Signal(object)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self._loras: Sequence[Extra] = ()
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setMaxVisibleItems(16)
        self.setMinimumContentsLength(6)
        self.setAccessibleName("Add a LoRA")
        self.setToolTip("A small file that teaches the model a style, a person or a thing. Several go together.")
        completer = self.completer()
        assert completer
        dressed(completer).setCompletionMode(completer.CompletionMode.PopupCompletion)
        self.activated.connect(self._take)
        line = self.lineEdit()
        assert line
        line.setPlaceholderText("Add a LoRA: type a part of its name")

    def offer(self, loras: Sequence[Extra], family: str) -> None:
        """`family`: that of the model, whose LoRAs come first; "" where it is not known."""
        self._loras = sorted(loras, key=lambda each: each.entry.family != family)
        blocker = QSignalBlocker(self)
        self.clear()
        for number, each in enumerate(self._loras):
            other = not each.entry.may_be_for(family)
            self.addItem(f"{each.name}  ·  {_family(each)}" if other else each.name)
            self.setItemData(number, _tip(each), Qt.ItemDataRole.ToolTipRole)
        self._empty()
        blocker.unblock()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # it scrolls the panel

    def _take(self, index: int) -> None:
        QTimer.singleShot(0, self, self._empty)  # the completer still writes the name into it
        self.picked.emit(self._loras[index])

    def _empty(self) -> None:
        self.setCurrentIndex(-1)
        self.setEditText("")


def _family(extra: Extra) -> str:
    family = FAMILIES.get(extra.entry.family)
    return family.name if family else extra.entry.family


def _tip(extra: Extra) -> str:
    return "\n".join(filter(None, (_family(extra), ", ".join(extra.entry.triggers[:12]), str(extra.entry.path))))
