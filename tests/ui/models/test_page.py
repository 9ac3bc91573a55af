"""The models page: looking and searching, by mouse and keys."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QToolButton

from desktop.studio.stock import Stock
from desktop.ui.models.page import ModelsPage
from desktop.ui.window import Window
from tests.ui.conftest import Open
from tests.ui.hands import CONTROL, click, named, pick, plain, press, seen, settle, until
from tests.ui.models.pages import RED, card, choose, item, names, opened, row_of, type_search
from tests.ui.test_access import controls

# ---------------------------------------------------------------- looking


def test_all_model_files_are_there_and_the_results_make_room(window: Window, page: ModelsPage) -> None:
    assert names(page) == ["bad hands", "clay", "half", "ink", "starter"]
    assert window.center.tabs.currentIndex() == 3
    assert not window.docks["results"].isVisible()
    assert not page.invitation.isVisible()
    press(window, Qt.Key.Key_F5)
    assert window.center.tabs.currentIndex() == 0
    assert window.docks["results"].isVisible()


def test_canvas_gallery_and_models_take_turns(window: Window, page: ModelsPage) -> None:
    parts = (window.studio.easel, window.studio.gallery, window.studio.stock)
    for key, place in ((Qt.Key.Key_F4, 1), (Qt.Key.Key_F3, 0), (Qt.Key.Key_F5, 2), (Qt.Key.Key_F4, 1)):
        press(window, key)
        assert [part.active for part in parts] == [number == place for number in range(3)]
        assert window.center.tabs.currentIndex() == place + 1
    for place in (3, 2, 1, 3, 0):
        window.center.tabs.setCurrentIndex(place)
        assert [part.active for part in parts] == [number == place - 1 for number in range(3)]
        assert window.center.tabs.currentIndex() == place


def test_a_card_shows_its_picture(page: ModelsPage) -> None:
    until(lambda: page.model.index(row_of(page, "ink")).data(Qt.ItemDataRole.DecorationRole) is not None)
    at = card(page, "ink")
    until(lambda: abs(seen(page.grid.viewport())[at.y() - 30, at.x()].astype(int) - RED).max() < 12)


def test_a_new_picture_is_shown_after_another_look(page: ModelsPage, stock: Stock, folder: Path) -> None:
    until(lambda: page.model.index(row_of(page, "ink")).data(Qt.ItemDataRole.DecorationRole) is not None)
    (folder / "ink.preview.png").write_bytes(plain(60, 90, (20, 20, 200)).png())
    press(page, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
    at = card(page, "ink")
    until(lambda: abs(seen(page.grid.viewport())[at.y() - 30, at.x()].astype(int) - (20, 20, 200)).max() < 12)


def test_while_there_is_only_the_built_in_model_the_page_says_what_to_do(open_window: Open) -> None:
    page = opened(open_window())
    assert names(page) == ["starter"]
    assert page.invitation.isVisible()
    assert named(page.invitation, QPushButton, "Find my models").isEnabled()


def test_every_control_has_a_name_and_says_what_it_does(page: ModelsPage) -> None:
    choose(page, "ink")
    page._stock.tag([item(page._stock, "ink")], "paper")
    for each in controls(page):
        words = each.text() if isinstance(each, QPushButton | QToolButton) else ""
        assert each.accessibleName() or words, each
        assert each.toolTip() or each is page.grid, (each, each.accessibleName(), words)
    tip = page.model.index(row_of(page, "ink")).data(Qt.ItemDataRole.AccessibleTextRole)
    assert all(words in tip for words in ("ink", "SDXL", "LoRA", "sumi-e, rice paper", "ink.safetensors"))


# ---------------------------------------------------------------- searching


def test_typing_finds_and_there_is_a_way_back(page: ModelsPage) -> None:
    type_search(page, "rice")
    assert names(page) == ["ink"]
    press(page.search, Qt.Key.Key_Down)
    assert page.grid.hasFocus()
    type_search(page, "zebra")
    assert names(page) == []
    click(named(page, QPushButton, "Show everything"))
    assert len(names(page)) == 5
    assert page.search.text() == ""


def test_kinds_are_chosen_in_the_list_with_their_numbers(page: ModelsPage) -> None:
    lines = [page.kinds.list.item(row).text().split("   ") for row in range(page.kinds.list.count())]
    half = item(page._stock, "half").entry.kind
    assert ["All models", "5"] in lines
    assert ["Embeddings", "1"] in lines
    assert ["LoRAs", "3" if half == "lora" else "2"] in lines
    page.kinds.list.setFocus()
    while "Embeddings" not in page.kinds.list.currentItem().text():
        press(page.kinds.list, Qt.Key.Key_Down)
    assert names(page) == ["bad hands"]
    press(page.kinds.list, Qt.Key.Key_Home)
    assert len(names(page)) == 5


def test_the_list_of_kinds_has_room_for_its_numbers(page: ModelsPage, stock: Stock) -> None:
    some = stock.items[0]
    page.kinds._fill(tuple(replace(some, entry=replace(some.entry, kind="diffusion")) for _ in range(100)))
    assert page.kinds.list.sizeHintForColumn(0) <= page.kinds.list.viewport().width()


def test_filters_and_orders(page: ModelsPage, stock: Stock) -> None:
    pick(page.family, "sdxl")
    assert names(page) == ["ink"]
    pick(page.family, "")
    click(page.problems)
    assert names(page) == ["half"]
    click(page.problems)
    stock.tag([item(stock, "clay")], "soft")
    pick(page.tag, "soft")
    assert names(page) == ["clay"]
    pick(page.tag, "")
    stock.note([item(stock, "starter")], favourite=True)
    click(page.favourites)
    assert names(page) == ["starter"]
    click(page.favourites)
    pick(page.sort, "largest")
    assert names(page)[0] == "starter"


def test_the_choice_stays_while_the_list_changes(page: ModelsPage, stock: Stock) -> None:
    choose(page, "ink")
    pick(page.sort, "largest")
    assert page.grid.currentIndex().row() == row_of(page, "ink")
    assert page.grid.selectionModel().isSelected(page.grid.currentIndex())
    type_search(page, "clay")
    assert not page.grid.selectionModel().hasSelection()
    assert not stock.chosen  # what is done is done to something in sight


def test_keys_go_along_lines_and_to_the_search(window: Window, page: ModelsPage) -> None:
    window.resize(1140, 700)
    settle()
    choose(page, "bad hands")
    columns = page.grid.wall.columns
    assert 1 < columns < 5
    press(page.grid, Qt.Key.Key_Down)
    assert page.grid.currentIndex().row() == columns
    press(page.grid, Qt.Key.Key_Left)
    assert page.grid.currentIndex().row() == columns - 1
    lower = page.grid.visualRect(page.model.index(columns))
    assert lower.top() >= page.grid.visualRect(page.model.index(0)).bottom()
    press(page.grid, Qt.Key.Key_F, CONTROL)
    assert page.search.hasFocus()
    assert window.studio.stock.active
