"""DetailsPanel: what is known of the chosen pictures, with their stars and tags."""

from __future__ import annotations

import html

from PySide6.QtCore import QSize, QStringListModel, Qt
from PySide6.QtWidgets import QCompleter, QFormLayout, QFrame, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from desktop.library.picture import Picture
from desktop.studio.curator import Curator
from desktop.studio.gallery import Gallery
from desktop.studio.observable import watch
from desktop.ui import theme
from desktop.ui.gallery import words
from desktop.ui.gallery.stars import Stars
from desktop.ui.widgets.completion import dressed
from desktop.ui.widgets.tips import plain

WIDTH = 280
LABELS = 64  # pixels: the column of words
LONGEST = 300  # characters of a value that nobody has a place for


class DetailsPanel(QScrollArea):
    """Bound to a gallery. Of several pictures it shows what all have in common."""

    def __init__(self, gallery: Gallery, curator: Curator, parent: QWidget | None = None):
        super().__init__(parent)
        self._gallery, self._curator = gallery, curator
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setProperty("bare", True)
        inside = QWidget(self)
        self._title = QLabel(inside)
        self._title.setProperty("heading", True)
        self.stars = Stars(inside)
        self.stars.edited.connect(curator.rate)
        self._tags = QLabel(inside)
        self._tags.setWordWrap(True)
        self._tags.setTextFormat(Qt.TextFormat.RichText)
        self._tags.linkActivated.connect(curator.untag)
        self.tag_field = self._make_tag_field(inside)
        self._facts = QWidget(inside)
        layout = self._lines = QVBoxLayout(inside)
        layout.setContentsMargins(12, 8, 12, 12)
        layout.setSpacing(6)
        for widget in (self._title, self.stars, self._tags, self.tag_field, self._facts):
            layout.addWidget(widget)
        layout.addStretch(1)
        self.setWidget(inside)
        watch(gallery, "pictures", self._show, self)
        watch(gallery, "chosen", lambda _: self._show(gallery.pictures), self)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, 400)

    def _make_tag_field(self, parent: QWidget) -> QLineEdit:
        field = QLineEdit(parent)
        field.setPlaceholderText("Add a tag")
        field.setAccessibleName("Add a tag")
        field.setToolTip("Enter adds it to all that is chosen; commas divide several.")
        known = QStringListModel(field)
        completer = dressed(QCompleter(known, field))
        field.setCompleter(completer)
        watch(self._gallery, "tags", lambda tags: known.setStringList(list(tags)), field)
        field.returnPressed.connect(lambda: self._tag(field.text()))
        return field

    def _tag(self, names: str) -> None:
        self._curator.tag(names)
        self.tag_field.clear()

    # ------------------------------------------------------------ showing

    def _show(self, pictures: tuple[Picture, ...]) -> None:
        count = len(self._gallery.chosen)
        if count and not pictures:
            return  # they are being read, which takes no time worth showing
        there = count > 0
        for widget in (self.stars, self._tags, self.tag_field, self._facts):
            widget.setVisible(there)
        self._title.setWordWrap(True)
        if not there:
            self._title.setText("Choose a picture to see how it was made.")
            return
        first = pictures[0]
        self._title.setText(first.file.name if count == 1 else words.many(count))
        self._title.setToolTip(plain(str(first.file)) if count == 1 else "")
        ratings = {picture.rating for picture in pictures}
        self.stars.content = first.rating if len(ratings) == 1 else 0
        self._show_tags([tag for tag in first.tags if all(tag in picture.tags for picture in pictures)])
        self._show_facts(first if count == 1 else None)

    def _show_tags(self, tags: list[str]) -> None:
        self._tags.setVisible(bool(tags))
        color = theme.current().text
        links = (
            f'<a href="{html.escape(tag)}" style="color:{color};text-decoration:none">{html.escape(tag)}&nbsp;✕</a>'
            for tag in tags
        )
        self._tags.setText(" &nbsp; ".join(links))
        self._tags.setToolTip("A click takes the tag away.")

    def _show_facts(self, picture: Picture | None) -> None:
        self._clear_facts()
        if picture is None:
            return
        if picture.id in self._gallery.lost:
            self._form.addRow(_value(f"The file is not there any more: {picture.file}", failure=True))
        for label, value in words.in_full(picture):
            self._form.addRow(_label(label), _value(value))
        self._form.addRow(_label("Folder"), _value(str(picture.file.parent)))
        if picture.unused:
            left = ", ".join(f"{name}: {str(value)[:LONGEST]}" for name, value in picture.unused.items())
            self._form.addRow(_label("Not used"), _value(left))

    def _clear_facts(self) -> None:
        """With a form of its own for each picture: Qt's keeps the heights of lines that are gone."""
        before, self._facts = self._facts, QWidget(self.widget())
        self._form = QFormLayout(self._facts)
        self._form.setContentsMargins(0, 8, 0, 0)
        self._form.setHorizontalSpacing(8)
        self._form.setVerticalSpacing(6)
        self._lines.replaceWidget(before, self._facts)
        before.hide()
        before.deleteLater()


def _label(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("muted", True)
    label.setFixedWidth(LABELS)
    label.setAlignment(Qt.AlignmentFlag.AlignTop)
    return label


def _value(text: str, failure: bool = False) -> QLabel:
    value = QLabel(text)
    value.setTextFormat(Qt.TextFormat.PlainText)  # whatever a stranger's picture says
    value.setWordWrap(True)
    value.setProperty("failure", failure)
    value.setMinimumWidth(80)
    value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return value
