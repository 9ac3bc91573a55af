"""BlocksField: factors for the blocks of a LoRA, whose names it completes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QObject, QStringListModel, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit, QWidget

from desktop.studio.clinic import is_block
from desktop.ui.icons import icon
from desktop.ui.prompt.told import Told
from desktop.ui.widgets.completion import dressed

FACTOR = re.compile(r"\s*([\w.]+)\s*=\s*(-?\d+(?:\.\d+)?)\s*")
Blocks = tuple[tuple[str, float], ...]


class BlocksField(QObject):
    """`content`: what can be read of its `line`; the rest stays as it was typed, and is `told`."""

    edited = Signal(object)

    def __init__(self, name: str, parent: QWidget):
        super().__init__(parent)
        self._content: Blocks = ()
        self._places: Sequence[str] = ()
        self.line = _Line(parent)
        self.line.setPlaceholderText("up_blocks=0.5, mid_block=0")
        self.line.setAccessibleName(f"Block weights of {name}")
        self.line.setToolTip("Factors for the blocks of the model whose path begins so; all others count whole.")
        self.line.editingFinished.connect(self._take)
        self.told = Told(parent)

    @property
    def content(self) -> Blocks:
        return self._content

    @content.setter
    def content(self, blocks: Blocks) -> None:
        if blocks != self._content:
            self._content = blocks
            self.line.setText(", ".join(f"{path}={factor:g}" for path, factor in blocks))
        self._tell()

    def offer(self, places: Sequence[str]) -> None:
        """Names of the blocks that there are; none where they are not known yet."""
        if places != self._places:
            self._places = places
            self.line.offer(places)
            self._tell()

    def _take(self) -> None:
        found = [FACTOR.fullmatch(part) for part in self._parts()]
        self._content = tuple((match[1], float(match[2])) for match in found if match)
        self._tell()
        self.edited.emit(self._content)

    def _parts(self) -> list[str]:
        return [part.strip() for part in self.line.text().split(",") if part.strip()]

    def _tell(self) -> None:
        unread = [part for part in self._parts() if not FACTOR.fullmatch(part)]
        strange = [name for name, _ in self._content if self._places and not is_block(name, self._places)]
        if unread:
            self.told.say(f"“{unread[0]}” is no weight of a block. Write it so: up_blocks=0.5")
        else:
            self.told.say(f"It has no block “{strange[0]}” here: that changes nothing." if strange else "")


class _Line(QLineEdit):
    """Completes the name that is being typed; Down, or the mark at its end, opens the list of all."""

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self._names = QStringListModel(self)
        self._list = dressed(QCompleter(self._names, self))
        self._list.setWidget(self)
        self._list.activated.connect(self._complete)
        self.mark = QAction(icon("caret-down", "muted"), "The blocks of this LoRA", self)
        self.mark.triggered.connect(lambda: self._suggest(""))
        self.mark.setVisible(False)
        self.addAction(self.mark, QLineEdit.ActionPosition.TrailingPosition)
        self.textEdited.connect(lambda _: self._suggest(self._typed()))

    def offer(self, names: Sequence[str]) -> None:
        self._names.setStringList(list(names))
        self.mark.setVisible(bool(names))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        popup = self._list.popup()
        if popup and popup.isVisible() and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab):
            event.ignore()  # the list takes it
        elif event.key() == Qt.Key.Key_Down:
            self._suggest(self._typed())
        else:
            super().keyPressEvent(event)

    def _typed(self) -> str:
        """The last name, up to the cursor."""
        return self.text()[: self.cursorPosition()].rpartition(",")[2].strip()

    def _suggest(self, beginning: str) -> None:
        popup = self._list.popup()
        if popup and "=" in beginning:
            popup.hide()
            return
        self._list.setCompletionPrefix(beginning)
        self._list.complete()

    def _complete(self, name: str) -> None:
        before, comma, _ = self.text()[: self.cursorPosition()].rpartition(",")
        rest = self.text()[self.cursorPosition() :]
        start = f"{before}{comma} {name}=" if comma else f"{name}="
        self.setText(start + rest)
        self.setCursorPosition(len(start))
