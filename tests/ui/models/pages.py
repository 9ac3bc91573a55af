"""What a person does with the models page, and what is there then."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from desktop.studio.sifting import Item
from desktop.studio.stock import Stock
from desktop.ui.models.page import ModelsPage
from desktop.ui.window import Window
from tests.ui.hands import click, press, settle, until

RED = (200, 20, 20)  # of the one that has a picture


def opened(window: Window) -> ModelsPage:
    press(window, Qt.Key.Key_F5)
    until(lambda: window.studio.stock.is_known and not window.studio.stock.is_looking)
    page = window.center.models
    assert page
    page.grid.setFocus()
    return page


def names(page: ModelsPage) -> list[str]:
    return [page.model.item(page.model.index(row)).entry.name for row in range(page.model.rowCount())]


def item(stock: Stock, name: str) -> Item:
    return next(each for each in stock.items if each.entry.name == name)


def row_of(page: ModelsPage, name: str) -> int:
    return names(page).index(name)


def card(page: ModelsPage, name: str) -> QPoint:
    """Its middle, on the wall."""
    index = page.model.index(row_of(page, name))
    page.grid.scrollTo(index)
    return page.grid.visualRect(index).center()


def choose(page: ModelsPage, name: str) -> None:
    click(page.grid.viewport(), card(page, name))
    until(lambda: [each.entry.name for each in page._stock.chosen] == [name])
    settle()  # what is shown of it is laid out


def type_search(page: ModelsPage, text: str) -> None:
    page.search.setFocus()
    page.search.selectAll()
    QTest.keyClicks(page.search, text)
    until(lambda: page._stock.wanted.text == text)


def texts(page: ModelsPage) -> str:
    return "\n".join(label.text() for label in page.details.findChildren(QLabel) if label.isVisible())
