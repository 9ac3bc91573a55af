"""ModelDetails: all that is known of the chosen model file, what people note about it, and what can be done with it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, QStringListModel, Qt, QTimer
from PySide6.QtGui import QAction, QHideEvent
from PySide6.QtWidgets import (
    QCompleter,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.studio.observable import watch
from desktop.studio.sifting import Item
from desktop.studio.stock import Stock
from desktop.ui.models import words
from desktop.ui.models.chips import Chips
from desktop.ui.models.portrait import Portrait
from desktop.ui.widgets.buttons import Toggle, tell_keys
from desktop.ui.widgets.completion import dressed
from desktop.ui.widgets.flow import Flow
from desktop.ui.widgets.tips import plain

WIDTH = 288
LABELS = 64  # pixels: the column of words
NOTES = 72  # height of their field
WRITES_AFTER = 600  # ms after the last key
REMEDY = "Fetch the file again, or delete it."
DEEDS = {  # and what they are called here
    "check_lora": "Check",
    "convert_model": "Convert to safetensors",
    "unload_model": "Unload",
    "show_model": "Show in folder",
    "delete_model": "Delete file",
}


class ModelDetails(QScrollArea):
    """Bound to a stock. `actions` by name, from the table of actions."""

    def __init__(self, stock: Stock, actions: Mapping[str, QAction], parent: QWidget | None = None):
        super().__init__(parent)
        self._stock = stock
        self._item: Item | None = None
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setProperty("bare", True)
        inside = QWidget(self)
        self.portrait = Portrait(stock.previews, inside)
        self._title = _words(inside, heading=True)
        self.star = Toggle("star-on", "star", "Favourite", "Favourites are found by the star above.", inside)
        self.star.edited.connect(lambda on: self._item and stock.note(self._item, favourite=on))
        self._problem = _words(inside, failure=True)
        self.triggers = Chips("Trigger word", "Puts it into the prompt.", parent=inside)
        self.triggers.picked.connect(stock.words_wanted)
        self.tags = Chips("Take away the tag", "A click takes the tag away.", "cancel", inside)
        self.tags.picked.connect(lambda tag: self._item and stock.untag(self._item, tag))
        self.tag_field = self._make_tag_field(inside)
        self.notes = self._make_notes(inside)
        self._facts = QWidget(inside)
        self._parts = self._lay_out(inside, actions)
        self.setWidget(inside)
        watch(stock, "chosen", self._show, self)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, 400)

    # ------------------------------------------------------------ building

    def _lay_out(self, inside: QWidget, actions: Mapping[str, QAction]) -> list[QWidget]:
        """All but the first line, which stays when nothing is chosen."""
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self.star, 0, Qt.AlignmentFlag.AlignTop)
        self._words_title = self._line("Trigger words", inside)
        self._all = QPushButton("All", inside)
        self._all.setToolTip("Puts all of them into the prompt.")
        self._all.clicked.connect(lambda: self._stock.words_wanted.emit(", ".join(self.triggers.content)))
        row = QHBoxLayout()
        row.addWidget(self._words_title, 1)
        row.addWidget(self._all)
        buttons = self._make_buttons(inside, actions)
        layout = self._lines = QVBoxLayout(inside)
        layout.setContentsMargins(12, 8, 12, 12)
        layout.setSpacing(8)
        layout.addWidget(self.portrait)
        layout.addLayout(head)
        layout.addWidget(self._problem)
        layout.addWidget(buttons)
        layout.addLayout(row)
        rest = [self.triggers, self._line("Tags", inside), self.tags, self.tag_field]
        rest += [self._line("Notes", inside), self.notes, self._facts]
        for widget in rest:
            layout.addWidget(widget)
        layout.addStretch(1)
        return [self.star, self._problem, buttons, self._words_title, self._all, *rest[:-1]]

    def _line(self, text: str, parent: QWidget) -> QLabel:
        label = QLabel(text, parent)
        label.setProperty("muted", True)
        return label

    def _make_buttons(self, parent: QWidget, actions: Mapping[str, QAction]) -> QWidget:
        """Those of what cannot be done with this one are not there."""
        area, rest = QWidget(parent), Flow(gap=6)
        use = _button(actions["use_model"], "Use", area)
        for name, text in DEEDS.items():
            rest.addWidget(_button(actions[name], text, area))
        layout = QVBoxLayout(area)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(use)
        layout.addLayout(rest)
        return area

    def _make_tag_field(self, parent: QWidget) -> QLineEdit:
        field = QLineEdit(parent)
        field.setPlaceholderText("Add a tag")
        field.setAccessibleName("Add a tag")
        field.setToolTip("Enter adds it; commas divide several.")
        known = QStringListModel(field)
        field.setCompleter(dressed(QCompleter(known, field)))
        watch(self._stock, "tags", lambda tags: known.setStringList(list(tags)), field)
        field.returnPressed.connect(self._tag)
        return field

    def _make_notes(self, parent: QWidget) -> QPlainTextEdit:
        field = QPlainTextEdit(parent)
        field.setPlaceholderText("What works well with it, say")
        field.setAccessibleName("Notes")
        field.setToolTip("Only for you; kept as you type.")
        field.setFixedHeight(NOTES)
        field.setTabChangesFocus(True)
        self._writing = QTimer(self, singleShot=True, interval=WRITES_AFTER)
        self._writing.timeout.connect(self.write_notes)
        field.textChanged.connect(self._writing.start)
        return field

    # ------------------------------------------------------------ what people do

    def _tag(self) -> None:
        if self._item:
            self._stock.tag(self._item, self.tag_field.text())
        self.tag_field.clear()

    def write_notes(self) -> None:
        """At once, if they are new."""
        self._writing.stop()
        if self._item and (notes := self.notes.toPlainText()) != self._item.mark.notes:
            self._stock.note(self._item, notes=notes)

    def hideEvent(self, event: QHideEvent) -> None:
        """Also when the window closes."""
        super().hideEvent(event)
        self.write_notes()

    # ------------------------------------------------------------ showing

    def _show(self, item: Item | None) -> None:
        is_other = (item and item.entry.path) != (self._item and self._item.entry.path)
        if is_other and self._writing.isActive():
            self.write_notes()  # of the one before
        self._item = item
        for widget in self._parts:
            widget.setVisible(item is not None)
        self._facts.setVisible(item is not None)
        self.portrait.show_picture(item.picture if item else None)
        if item is None:
            self._title.setText("Choose a model to see what is known of it.")
            return
        self._title.setText(item.title)
        self._title.setToolTip(plain(str(item.entry.path)))
        self.star.content = item.mark.favourite
        self._problem.setText(f"{words.sentence(item.entry.problem)} {REMEDY}")
        self._problem.setVisible(bool(item.entry.problem))
        self.triggers.content = item.entry.triggers
        for widget in (self.triggers, self._words_title):
            widget.setVisible(bool(item.entry.triggers))
        self._all.setVisible(len(item.entry.triggers) > 1)
        self.tags.content = item.mark.tags
        self.tags.setVisible(bool(item.mark.tags))
        if is_other or not self.notes.hasFocus():
            self._show_notes(item.mark.notes)
        self._show_facts(item)

    def _show_notes(self, notes: str) -> None:
        if notes != self.notes.toPlainText():
            self.notes.setPlainText(notes)
            self._writing.stop()

    def _show_facts(self, item: Item) -> None:
        """With a form of its own for each: Qt's keeps the heights of lines that are gone."""
        before, self._facts = self._facts, QWidget(self.widget())
        form = QFormLayout(self._facts)
        form.setContentsMargins(0, 4, 0, 0)
        form.setHorizontalSpacing(8)
        form.setVerticalSpacing(6)
        for label, value in words.in_full(item):
            name = self._line(label, self._facts)
            name.setMinimumWidth(LABELS)
            form.addRow(name, _words(self._facts, value))
        self._lines.replaceWidget(before, self._facts)
        before.hide()
        before.deleteLater()


def _button(action: QAction, text: str, parent: QWidget) -> QPushButton:
    """There while it can be done."""
    button = QPushButton(action.icon(), text, parent)
    tell_keys(button, action)
    button.clicked.connect(action.trigger)
    action.enabledChanged.connect(button.setVisible)
    button.setVisible(action.isEnabled())
    return button


def _words(parent: QWidget, text: str = "", heading: bool = False, failure: bool = False) -> QLabel:
    """Whatever a stranger's file says, as plain text."""
    label = QLabel(text, parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setProperty("heading", heading)
    label.setProperty("failure", failure)
    label.setMinimumWidth(80)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
