"""FilterBar: what the gallery is narrowed to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QLineEdit, QPushButton, QWidget

from desktop.library.marks import STARS
from desktop.library.query import Query
from desktop.studio.gallery import Gallery
from desktop.studio.observable import watch
from desktop.ui.gallery import words
from desktop.ui.widgets.choice import ChoiceBox

COLUMNS = 4
ANY_TIME = ("", "Any time")
DAYS = ((1, "Today"), (7, "Last 7 days"), (30, "Last 30 days"), (365, "Last year"))
KINDS: dict[str, tuple[str, Callable[[str], str]]] = {  # of Query's fields: what they are called, and their values
    "model": ("Model", str),
    "task": ("Task", words.task),
    "tool": ("Made with", words.tool),
    "size": ("Size", lambda size: size.replace("x", " × ")),
}


class FilterBar(QWidget):
    """Bound to a gallery's query."""

    def __init__(self, gallery: Gallery, parent: QWidget | None = None):
        super().__init__(parent)
        self._gallery = gallery
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(8, 0, 8, 4)
        self._layout.setHorizontalSpacing(8)
        self._layout.setVerticalSpacing(4)
        for column in range(1, 2 * COLUMNS, 2):
            self._layout.setColumnStretch(column, 1)
        self.boxes: dict[str, ChoiceBox] = {}
        stars = [(number, "★" * number if number else "Any") for number in STARS]
        self._add_box("rating", "Stars", stars)
        self._add_box("time", "Made", (ANY_TIME, *DAYS))
        for name, (label, _) in KINDS.items():
            self._add_box(name, label, [("", "Any")])
        self._add_box("tag", "Tag", [("", "Any")])
        self.seed = QLineEdit(self)
        self.seed.setPlaceholderText("Any")
        self.seed.setAccessibleName("Seed")
        self.seed.editingFinished.connect(lambda: gallery.narrow(seed=self.seed.text().strip()))
        self._add("Seed", self.seed)
        self.duplicates = QCheckBox("Only duplicates", self)
        self.duplicates.setToolTip("Pictures that show exactly what another one shows, beside each other.")
        self.duplicates.clicked.connect(lambda on: gallery.narrow(duplicates=on))
        clear = QPushButton("Clear", self)
        clear.setToolTip("Shows everything again.")
        clear.clicked.connect(self.clear)
        row = self._layout.rowCount()
        self._layout.addWidget(self.duplicates, row, 0, 1, 4)
        self._layout.addWidget(clear, row, 2 * COLUMNS - 1)
        watch(gallery, "choices", self._offer, self)
        watch(gallery, "tags", lambda tags: self._fill("tag", ((tag, tag) for tag in tags)), self)
        watch(gallery, "query", self._show, self)

    def clear(self) -> None:
        query = self._gallery.query
        self._gallery.search(Query(collection=query.collection, trashed=query.trashed, sort=query.sort))

    def _add(self, label: str, widget: QWidget) -> None:
        number = self._layout.count() // 2
        words_ = QLabel(label, self)
        words_.setProperty("muted", True)
        self._layout.addWidget(words_, number // COLUMNS, number % COLUMNS * 2)
        self._layout.addWidget(widget, number // COLUMNS, number % COLUMNS * 2 + 1)

    def _add_box(self, name: str, label: str, choices: Iterable[tuple[Any, str]]) -> None:
        box = self.boxes[name] = ChoiceBox(self)
        box.setAccessibleName(label)
        box.offer(choices)
        box.edited.connect(partial(self._picked, name))
        self._add(label, box)

    def _picked(self, name: str, value: Any) -> None:
        if name == "time":
            since, until = _span(value)
            self._gallery.narrow(since=since, until=until)
        else:
            self._gallery.narrow(**{name: value})

    def _offer(self, choices: dict[str, list[str]]) -> None:
        for name, (_, in_words) in KINDS.items():
            self._fill(name, ((value, in_words(value)) for value in choices.get(name, ())))
        months = sorted(choices.get("month", ()), reverse=True)
        self.boxes["time"].offer([ANY_TIME, *DAYS, *((month, month) for month in months)])

    def _fill(self, name: str, choices: Iterable[tuple[str, str]]) -> None:
        self.boxes[name].offer([("", "Any"), *choices])

    def _show(self, query: Query) -> None:
        for name in ("rating", "tag", *KINDS):
            self.boxes[name].content = getattr(query, name)
        if query.since is None:
            self.boxes["time"].content = ""
        self.seed.setText(query.seed)
        self.duplicates.setChecked(query.duplicates)


def _span(time: int | str) -> tuple[float | None, float | None]:
    """From when until when: of so many days, today being one of them, or of a month ("2026-11"); "" is any time."""
    if isinstance(time, int):
        today = datetime.now().replace(hour=0, minute=0, second=0, microsecond=0)
        return (today - timedelta(days=time - 1)).timestamp(), None
    if not time:
        return None, None
    first = datetime.strptime(time, "%Y-%m")
    following = (first + timedelta(days=31)).replace(day=1)
    return first.timestamp(), following.timestamp()
