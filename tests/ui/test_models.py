"""The models page: looking, searching, noting, using and throwing away, by mouse and keys."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMenu, QMessageBox, QPushButton, QToolButton

from desktop.models.entry import Entry
from desktop.studio.sifting import Item
from desktop.studio.stock import Stock
from desktop.ui.models.cell import BADGE, PAD, USUAL
from desktop.ui.models.page import ModelsPage
from desktop.ui.models.words import in_short, weight
from desktop.ui.window import Window
from tests import model_files
from tests.ui.conftest import Open
from tests.ui.hands import CONTROL, click, menu_of, named, pick, plain, press, seen, settle, toast, until
from tests.ui.test_access import controls

RED = (200, 20, 20)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    ink = model_files.lora(folder / "ink.safetensors", "sdxl", seed=1)
    model_files.note(ink, **{"activation text": "sumi-e, rice paper"})
    ink.with_suffix(".preview.png").write_bytes(plain(60, 90, RED).png())
    model_files.lora(folder / "clay.safetensors", seed=2)
    model_files.embedding(folder / "bad hands.safetensors")
    model_files.broken(folder / "half.safetensors")
    return folder


@pytest.fixture
def window(folder: Path, open_window: Open) -> Window:
    return open_window(models=str(folder))


@pytest.fixture
def stock(window: Window) -> Stock:
    return window.studio.stock


@pytest.fixture
def page(window: Window) -> ModelsPage:
    return opened(window)


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


# ---------------------------------------------------------------- noting


def test_a_star_by_mouse_and_by_key(page: ModelsPage, stock: Stock) -> None:
    place = page.grid.visualRect(page.model.index(row_of(page, "clay")))
    corner = QPoint(place.right() - BADGE // 2, place.top() + BADGE // 2)
    click(page.grid.viewport(), corner)
    assert item(stock, "clay").mark.favourite
    choose(page, "ink")
    press(page.grid, Qt.Key.Key_S)
    assert {each.entry.name for each in stock.items if each.mark.favourite} == {"clay", "ink"}
    assert page.details.star.content
    click(page.details.star)
    assert not item(stock, "ink").mark.favourite


def test_tags_come_by_typing_and_go_by_a_click(page: ModelsPage, stock: Stock) -> None:
    choose(page, "ink")
    page.details.tag_field.setFocus()
    QTest.keyClicks(page.details.tag_field, "paper, best & last")
    press(page.details.tag_field, Qt.Key.Key_Return)
    assert item(stock, "ink").mark.tags == ("paper", "best & last")
    settle()
    click(named(page.details, QToolButton, "Take away the tag: paper"))
    assert item(stock, "ink").mark.tags == ("best & last",)
    assert page.details.tag_field.text() == ""


def test_notes_are_kept_whatever_is_done_next(
    window: Window, page: ModelsPage, stock: Stock, open_window: Open
) -> None:
    choose(page, "ink")
    page.details.notes.setFocus()
    QTest.keyClicks(page.details.notes, "few words")
    choose(page, "clay")
    assert page.details.notes.toPlainText() == ""
    page.details.notes.setFocus()
    QTest.keyClicks(page.details.notes, "soft")
    until(lambda: item(stock, "clay").mark.notes == "soft")
    QTest.keyClicks(page.details.notes, "er")
    window.close()
    again = opened(open_window())
    notes = {each.entry.name: each.mark.notes for each in again._stock.items if each.mark.notes}
    assert notes == {"ink": "few words", "clay": "softer"}


# ---------------------------------------------------------------- using


def test_what_is_known_is_shown(page: ModelsPage, folder: Path) -> None:
    choose(page, "ink")
    for words in ("ink", "LoRA", "SDXL", "float16", str(folder)):
        assert words in texts(page)
    choose(page, "half")
    assert "Fetch the file again" in texts(page)
    assert page._stock.chosen
    assert page._stock.chosen[0].entry.problem[1:] in texts(page)


def test_what_a_stranger_calls_it_is_shown_as_it_is(folder: Path, open_window: Open) -> None:
    title = "<img src='file:///evil.png'>"
    model_files.lora(folder / "odd.safetensors", said={"modelspec.title": title})
    page = opened(open_window(models=str(folder)))
    index = page.model.index(row_of(page, "odd"))
    assert title in index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert title not in index.data(Qt.ItemDataRole.ToolTipRole)
    assert "&lt;img" in index.data(Qt.ItemDataRole.ToolTipRole)


def test_a_long_name_is_broken_where_it_can_be(folder: Path, open_window: Open) -> None:
    name = "a_very_long_name_of_a_lora.of_many_words-and_few_spaces_v12-fp16"
    model_files.lora(folder / f"{name}.safetensors")
    page = opened(open_window(models=str(folder)))
    choose(page, name)
    title = next(label for label in page.details.findChildren(QLabel) if name in label.text().replace("\u200b", ""))
    assert title.minimumSizeHint().width() <= title.width() < title.fontMetrics().horizontalAdvance(name)


def test_trigger_words_go_into_the_prompt(window: Window, page: ModelsPage) -> None:
    choose(page, "ink")
    window.studio.session.prompt = "a lake,"
    click(named(page.details, QToolButton, "Trigger word: sumi-e"))
    assert window.studio.session.prompt.startswith("a lake")
    assert window.studio.session.prompt.endswith(", sumi-e")
    click(named(page.details, QPushButton, "All"))
    assert window.studio.session.prompt.endswith("sumi-e, rice paper")


def test_what_can_be_done_depends_on_the_file(page: ModelsPage) -> None:
    def offered() -> set[str]:
        return {button.text() for button in page.details.findChildren(QPushButton) if button.isVisible()} - {"All"}

    always = {"Show in folder", "Delete"}
    choose(page, "ink")
    assert offered() == {"Use", "Check"} | always
    choose(page, "half")
    assert offered() == always
    choose(page, "bad hands")
    assert offered() == {"Use"} | always
    choose(page, "starter")
    assert offered() == {"Use", "Show in folder"}


def test_enter_uses_the_chosen_one(window: Window, page: ModelsPage, stock: Stock) -> None:
    used: list[Entry] = []
    stock.use_wanted.disconnect()
    stock.use_wanted.connect(used.append)
    choose(page, "ink")
    press(page.grid, Qt.Key.Key_Return)
    choose(page, "half")
    press(page.grid, Qt.Key.Key_Return)
    assert [entry.name for entry in used] == ["ink"]


def test_the_right_button_opens_what_can_be_done(page: ModelsPage) -> None:
    choose(page, "clay")
    menu = menu_of(page.grid.viewport(), card(page, "clay"))
    assert isinstance(menu, QMenu)
    enabled = [action.text() for action in menu.actions() if action.isEnabled() and not action.isSeparator()]
    assert enabled == ["Use", "Favourite", "Check", "Show the model's folder", "Delete file"]
    menu.close()


def test_several_are_noted_and_shown_together(page: ModelsPage, stock: Stock) -> None:
    stock.tag([item(stock, "ink")], "paper")
    stock.tag([item(stock, "ink"), item(stock, "clay")], "soft")
    choose(page, "clay")
    click(page.grid.viewport(), card(page, "ink"), CONTROL)
    assert {each.entry.name for each in stock.chosen} == {"ink", "clay"}
    size = sum(each.entry.bytes for each in stock.chosen)
    settle()
    for words in ("2 models", "LoRA", weight(size)):
        assert words in texts(page)
    assert page.details.tags.content == ("soft",)  # what they have in common
    assert not page.details.notes.isVisible()
    press(page.grid, Qt.Key.Key_S)
    assert all(item(stock, name).mark.favourite for name in ("ink", "clay"))
    click(page.details.star)
    assert not any(item(stock, name).mark.favourite for name in ("ink", "clay"))
    assert len(stock.chosen) == 2
    choose(page, "ink")
    assert page.details.notes.isVisible()


def test_several_go_after_one_question(window: Window, page: ModelsPage, stock: Stock) -> None:
    thrown: list[list[str]] = []
    stock.discarding.throw_away = lambda items: thrown.append([each.entry.name for each in items])
    press(page.grid, Qt.Key.Key_A, CONTROL)
    assert len(stock.chosen) == 5
    press(page.grid, Qt.Key.Key_Delete)
    question = window.findChild(QMessageBox)
    assert question
    assert question.text() == "Move 4 models to the trash?"  # the built-in one stays
    size = sum(each.entry.bytes for each in stock.items if each.entry.name != "starter")
    assert weight(size) in question.informativeText()
    press(question, Qt.Key.Key_Escape)
    assert thrown == []
    press(page.grid, Qt.Key.Key_Delete)
    click(named(window, QPushButton, "Move to trash"))
    assert [sorted(names) for names in thrown] == [["bad hands", "clay", "half", "ink"]]


def test_delete_goes_to_the_trash_with_a_way_back(
    window: Window, page: ModelsPage, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    choose(page, "clay")
    press(page.grid, Qt.Key.Key_Delete)
    said = toast(window, "clay ")
    if "cannot" in said.notice.message:
        pytest.skip("there is no trash here")
    assert "clay" not in names(page)
    click(named(said, QPushButton, "Undo"))
    until(lambda: "clay" in names(page))
    assert (folder / "clay.safetensors").exists()


@pytest.mark.parametrize("width", [900, 1360, 2000])
def test_the_second_line_of_a_card_is_seen_whole(window: Window, page: ModelsPage, width: int) -> None:
    window.resize(width, 800)
    settle()
    room = page.grid.wall.side - 2 * PAD
    for name in ("ink", "clay", "bad hands", "starter"):
        assert page.grid.fontMetrics().horizontalAdvance(in_short(item(page._stock, name).entry)) <= room
    assert page.grid.fontMetrics().horizontalAdvance(USUAL) <= room
