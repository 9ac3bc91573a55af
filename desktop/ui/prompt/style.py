"""StyleBox: a field that completes the names of styles."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFocusEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QWidget

from desktop.styles import Style
from desktop.ui.widgets.completion import dressed
from desktop.ui.widgets.tips import plain

NONE = "None"


class StyleBox(QComboBox):
    """`content`: a style's name, or nothing. Type a part of it, or choose from the list."""

    edited = Signal(object)

    def __init__(self, styles: Mapping[str, Style], parent: QWidget | None = None):
        super().__init__(parent)
        self._names = {name.casefold(): name for name in styles}
        self._content = ""
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setMaxVisibleItems(16)
        self.setMinimumContentsLength(6)
        self.addItem(NONE)
        self._fill(styles)
        completer = self.completer()
        assert completer
        dressed(completer).setCompletionMode(completer.CompletionMode.PopupCompletion)
        self.activated.connect(lambda _: self._take())
        line = self.lineEdit()
        assert line
        line.setPlaceholderText("Type a part of its name")
        line.editingFinished.connect(self._take)

    def _fill(self, styles: Mapping[str, Style]) -> None:
        group = ""
        for name, style in styles.items():
            if style.group != group:
                self.insertSeparator(self.count())
                group = style.group
            self.addItem(name)
            self.setItemData(self.count() - 1, plain(style.prompt), Qt.ItemDataRole.ToolTipRole)

    @property
    def content(self) -> str:
        return self._content

    @content.setter
    def content(self, name: str) -> None:
        self._content = name
        blocker = QSignalBlocker(self)
        self.setCurrentIndex(max(0, self.findText(name)) if name else 0)
        self.setEditText(name or NONE)
        blocker.unblock()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        line = self.lineEdit()
        assert line
        line.selectAll()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # it scrolls the panel

    def _take(self) -> None:
        """What has been typed or chosen; words that are no style's name leave all as it was."""
        text = self.currentText().strip().casefold()
        name = "" if text in ("", NONE.casefold()) else self._names.get(text, self._content)
        changed = name != self._content
        self.content = name
        if changed:
            self.edited.emit(name)
