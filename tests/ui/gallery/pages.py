"""What a person does with the gallery, and what is there then."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from desktop.ui.gallery.page import GalleryPage
from tests.ui.hands import NONE, click, until

PROMPTS = ("a red house", "a blue house", "a lake at night", "dunes", "a red boat on a lake", "a lighthouse")


def all_there(page: GalleryPage) -> bool:
    model = page.model
    return all(model.index(row).data(Qt.ItemDataRole.UserRole) for row in range(model.rowCount()))


def prompts(page: GalleryPage) -> list[str]:
    """Of what is found, in order."""
    until(lambda: all_there(page))
    cards = (page.model.index(row).data(Qt.ItemDataRole.UserRole) for row in range(page.model.rowCount()))
    return [card.picture.fields["prompt"] for card in cards]


def place(page: GalleryPage, row: int) -> QPoint:
    return page.grid.visualRect(page.model.index(row)).center()


def choose(page: GalleryPage, row: int, keys: Qt.KeyboardModifier = NONE) -> None:
    click(page.grid.viewport(), place(page, row), keys)
    until(lambda: are_read(page))


def are_read(page: GalleryPage) -> bool:
    """Those that are chosen."""
    return tuple(picture.id for picture in page._gallery.pictures) == page._gallery.chosen


def chosen(page: GalleryPage) -> list[str]:
    until(lambda: are_read(page))
    return [picture.fields["prompt"] for picture in page._gallery.pictures]


def rows_chosen(page: GalleryPage) -> list[int]:
    return sorted(index.row() for index in page.grid.selectionModel().selectedIndexes())


def search(page: GalleryPage, text: str) -> None:
    page.search.setFocus()
    page.search.selectAll()
    QTest.keyClicks(page.search, text)
    until(lambda: page._gallery.query.text == text)
