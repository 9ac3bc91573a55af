"""What is done with model files on their page: noting, using and throwing away, by mouse and keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMenu, QMessageBox, QPushButton, QToolButton

from desktop.models.entry import Entry
from desktop.studio.stock import Stock
from desktop.ui.models.cell import BADGE, PAD, USUAL
from desktop.ui.models.page import ModelsPage
from desktop.ui.models.words import in_short, weight
from desktop.ui.window import Window
from tests import model_files
from tests.ui.conftest import Open
from tests.ui.hands import CONTROL, click, menu_of, named, press, settle, toast, until
from tests.ui.models.pages import card, choose, item, names, opened, row_of, texts

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
