"""ModelDetails: all that is known of what is chosen, what people note about it, and what can be done with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

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
    "show_model": "Show in folder",
    "delete_model": "Delete",
}


class ModelDetails(QScrollArea):
    """Bound to a stock. Of several files it shows what all have in common. `actions` by name, from their table."""

    def __init__(self, stock: Stock, actions: Mapping[str, QAction], parent: QWidget | None = None):
        super().__init__(parent)
        self._stock = stock
        self._items: tuple[Item, ...] = ()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setProperty("bare", True)
        inside = QWidget(self)
        self.portrait = Portrait(stock.previews, inside)
        self._title = _words(inside, heading=True)
        self._title.setTextInteractionFlags(
            Qt.TextInteractionFlag.NoTextInteraction
        )  # nobody wants its breaks in a copy
        self.star = Toggle("star-on", "star", "Favourite", "Favourites are found by the star above.", inside)
        self.star.edited.connect(lambda on: stock.note(self._items, favourite=on))
        self._problem = _words(inside, failure=True)
        self.triggers = Chips("Trigger word", "Puts it into the prompt.", parent=inside)
        self.triggers.picked.connect(stock.words_wanted)
        self.tags = Chips("Take away the tag", "A click takes the tag away.", "cancel", inside)
        self.tags.picked.connect(lambda tag: stock.untag(self._items, tag))
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
        self._notes_title = self._line("Notes", inside)
        rest = [self.triggers, self._line("Tags", inside), self.tags, self.tag_field]
        rest += [self._notes_title, self.notes, self._facts]
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
        field.setToolTip("Enter adds it to all that is chosen; commas divide several.")
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
        self._stock.tag(self._items, self.tag_field.text())
        self.tag_field.clear()

    def write_notes(self) -> None:
        """At once, if they are new."""
        self._writing.stop()
        if self._item and (notes := self.notes.toPlainText()) != self._item.mark.notes:
            self._stock.note(self._items, notes=notes)

    def hideEvent(self, event: QHideEvent) -> None:
        """Also when the window closes."""
        super().hideEvent(event)
        self.write_notes()

    # ------------------------------------------------------------ showing

    @property
    def _item(self) -> Item | None:
        """The only one."""
        return self._items[0] if len(self._items) == 1 else None

    def _show(self, items: tuple[Item, ...]) -> None:
        is_other = [item.entry.path for item in items] != [item.entry.path for item in self._items]
        if is_other and self._writing.isActive():
            self.write_notes()  # of the one before
        self._items = items
        for widget in (*self._parts, self._facts):
            widget.setVisible(bool(items))
        self._show_one(self._item)
        if not items:
            self._title.setText("Choose a model to see what is known of it.")
            return
        self._title.setText(words.breakable(self._item.title) if self._item else words.many(len(items)))
        self.star.content = all(item.mark.favourite for item in items)
        self.tags.content = (tag for tag in items[0].mark.tags if all(tag in item.mark.tags for item in items))
        self.tags.setVisible(bool(self.tags.content))
        if self._item and (is_other or not self.notes.hasFocus()):
            self._show_notes(self._item.mark.notes)
        self._show_facts(words.in_full(self._item) if self._item else words.together(items))

    def _show_one(self, item: Item | None) -> None:
        """What several have nothing of."""
        triggers = item.entry.triggers if item else ()
        problem = item.entry.problem if item else ""
        self._title.setToolTip(plain(str(item.entry.path)) if item else "")
        self.portrait.show_picture(item.picture if item else None)
        self._problem.setText(f"{words.sentence(problem)} {REMEDY}" if problem else "")
        self._problem.setVisible(bool(problem))
        self.triggers.content = triggers
        for widget in (self.triggers, self._words_title):
            widget.setVisible(bool(triggers))
        self._all.setVisible(len(triggers) > 1)
        for widget in (self._notes_title, self.notes):
            widget.setVisible(item is not None)

    def _show_notes(self, notes: str) -> None:
        if notes != self.notes.toPlainText():
            self.notes.setPlainText(notes)
            self._writing.stop()

    def _show_facts(self, facts: Iterable[tuple[str, str]]) -> None:
        """With a form of its own for each: Qt's keeps the heights of lines that are gone."""
        before, self._facts = self._facts, QWidget(self.widget())
        form = QFormLayout(self._facts)
        form.setContentsMargins(0, 4, 0, 0)
        form.setHorizontalSpacing(8)
        form.setVerticalSpacing(6)
        for label, value in facts:
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
