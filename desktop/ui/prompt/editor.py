"""PromptEdit: a field for a prompt, with the styles a slash away and earlier prompts an arrow away."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QEvent, QMimeData, QSize, QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QCompleter, QPlainTextEdit, QSizePolicy, QWidget

from desktop.ui.prompt.marks import Marks
from desktop.ui.widgets.completion import dressed

CONTROL = Qt.KeyboardModifier.ControlModifier
SLASH = re.compile(r"(?:^|(?<=\s))/([\w\- ]{0,30})$")  # a slash that begins a word, up to the cursor


class PromptEdit(QPlainTextEdit):
    """Tab leaves it, Ctrl+Enter is the window's. `picked(name)`: a style was chosen by `/`."""

    edited = Signal(object)
    picked = Signal(str)
    brought = Signal(QMimeData)  # a picture was pasted or dropped here

    def __init__(self, lines: int, parent: QWidget | None = None):
        super().__init__(parent)
        self._lines = lines
        self._earlier: Callable[[], Sequence[str]] = tuple
        self._place = -1  # among the earlier prompts; -1: the one being written
        self._draft = ""
        self._before = ""  # the text as it was last
        self._silent = False
        self._completer: QCompleter | None = None
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.textChanged.connect(self._changed)
        self._marks = Marks(self.document())

    @property
    def content(self) -> str:
        return self.toPlainText()

    @content.setter
    def content(self, text: str) -> None:
        self._silent = True
        self._replace_all(text)
        self._silent = False

    def offer_styles(self, names: Iterable[str]) -> None:
        completer = self._completer = dressed(QCompleter(QStringListModel(list(names), self), self))
        completer.setWidget(self)
        completer.activated.connect(self._complete)

    def offer_earlier(self, prompts: Callable[[], Sequence[str]]) -> None:
        """Alt+Up and Alt+Down go through these, the newest first."""
        self._earlier = prompts

    def recall(self, by: int) -> None:
        """An earlier prompt, `by` places further back; past the newest there is what was being written."""
        earlier = self._earlier()
        if self._place == -1:
            self._draft = self.content
        self._place = min(max(self._place + by, -1), len(earlier) - 1)
        place = self._place
        self._replace_all(earlier[place] if place >= 0 else self._draft)
        self._place = place

    def sizeHint(self) -> QSize:
        margins = self.contentsMargins().top() + self.contentsMargins().bottom()
        height = self.fontMetrics().lineSpacing() * self._lines + round(2 * self.document().documentMargin()) + margins
        return QSize(120, height + 10)

    minimumSizeHint = sizeHint

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._marks.rehighlight()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        popup = self._completer.popup() if self._completer else None
        if popup and popup.isVisible() and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab):
            event.ignore()  # the list takes it
        elif event.modifiers() == Qt.KeyboardModifier.AltModifier and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.recall(1 if event.key() == Qt.Key.Key_Up else -1)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and event.modifiers() & CONTROL:
            event.ignore()
        else:
            super().keyPressEvent(event)
            self._suggest()

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return _is_picture(source) or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        if _is_picture(source):
            self.brought.emit(source)
        else:
            super().insertFromMimeData(source)

    def _changed(self) -> None:
        if self.content == self._before:
            return  # it only looks different
        self._before = self.content
        if not self._silent:
            self._place = -1
            self.edited.emit(self.content)

    def _before_cursor(self) -> str:
        return self.textCursor().block().text()[: self.textCursor().positionInBlock()]

    def _suggest(self) -> None:
        popup = self._completer.popup() if self._completer else None
        if self._completer is None or popup is None:
            return
        found = SLASH.search(self._before_cursor())
        if found is None:
            popup.hide()
            return
        self._completer.setCompletionPrefix(found[1])
        popup.setCurrentIndex(self._completer.completionModel().index(0, 0))
        place = self.cursorRect()  # the list hangs under its line, as wide as the field
        place.translate(0, self.viewport().y() + 4)
        place.setLeft(0)
        place.setWidth(self.width())
        self._completer.complete(place)

    def _complete(self, name: str) -> None:
        """Takes "/wat" out of the text again: the style has a field of its own."""
        if found := SLASH.search(self._before_cursor()):
            cursor = self.textCursor()
            for _ in found[0]:
                cursor.deletePreviousChar()
        self.picked.emit(name)

    def _replace_all(self, text: str) -> None:
        """So that Ctrl+Z brings back what was there."""
        cursor = self.textCursor()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)


def _is_picture(mime: QMimeData) -> bool:
    """Rather than words: office programs add a picture of them."""
    drawn = mime.hasImage() and not mime.hasFormat("text/plain")
    return drawn or any(url.isLocalFile() for url in mime.urls())
