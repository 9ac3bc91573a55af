"""The gallery: what is found and chosen in it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from desktop.database import Database
from desktop.engine.api import Produced
from desktop.library.library import Library
from desktop.paths import data_folder
from desktop.studio import gallery
from desktop.ui.gallery.page import CELLS, GalleryPage
from desktop.ui.window import Window
from tests.fakes import MADE, painted
from tests.studio.things import recipe_of
from tests.ui.conftest import Open
from tests.ui.gallery.pages import PROMPTS, all_there, choose, chosen, place, prompts, rows_chosen, search
from tests.ui.hands import CONTROL, LEFT, NONE, SHIFT, click, make, named, pick, press, seen, toast, until

# ---------------------------------------------------------------- looking


def test_all_pictures_are_there_the_newest_first(window: Window, page: GalleryPage) -> None:
    assert prompts(page) == list(reversed(PROMPTS))
    assert window.center.tabs.currentIndex() == 2
    assert not window.docks["results"].isVisible()  # the gallery shows them all
    for row in range(3):
        color = seen(page.grid.viewport())[place(page, row).y(), place(page, row).x()]
        expected = painted(recipe_of(len(PROMPTS) - 1 - row)).pixels[0, 0]
        assert abs(color.astype(int) - expected).max() < 12  # JPEG
    press(window, Qt.Key.Key_F4)
    assert window.center.tabs.currentIndex() == 0
    assert window.docks["results"].isVisible()


def test_the_results_come_back_as_people_had_them(window: Window, page: GalleryPage, open_window: Open) -> None:
    window.close()  # in the gallery
    again = open_window()
    until(again.docks["results"].isVisible)
    again.docks["results"].hide()
    for _ in range(2):
        press(again, Qt.Key.Key_F4)
    assert not again.docks["results"].isVisible()


def test_the_canvas_and_the_gallery_take_turns(window: Window, page: GalleryPage) -> None:
    press(window, Qt.Key.Key_F3)
    assert (window.studio.easel.active, window.studio.gallery.active) == (True, False)
    press(window, Qt.Key.Key_F4)
    assert (window.studio.easel.active, window.studio.gallery.active) == (False, True)


def test_what_is_made_meanwhile_comes_first_and_the_choice_stays(window: Window, page: GalleryPage) -> None:
    choose(page, 2)
    before = chosen(page)
    make(window, 70, 71)
    until(lambda: page.model.rowCount() == len(PROMPTS) + 2)
    assert prompts(page)[2:] == list(reversed(PROMPTS))
    assert chosen(page) == before
    assert rows_chosen(page) == [4]


def test_typing_finds_and_the_way_back_is_in_the_empty_gallery(page: GalleryPage) -> None:
    search(page, "red")
    until(lambda: page.model.rowCount() == 2)
    assert prompts(page) == ["a red boat on a lake", "a red house"]
    search(page, "red la")
    until(lambda: page.model.rowCount() == 1)
    search(page, "zebra")
    until(lambda: page.model.rowCount() == 0)
    assert page._why.isVisible()
    click(page._way_out)
    until(lambda: page.model.rowCount() == len(PROMPTS))
    assert page.search.text() == ""
    assert page.grid.isVisible()


def test_the_keyboard_goes_from_the_search_to_what_was_found(window: Window, page: GalleryPage) -> None:
    press(window, Qt.Key.Key_F, CONTROL)
    until(page.search.hasFocus)
    QTest.keyClicks(page.search, "house")
    press(page.search, Qt.Key.Key_Down)
    assert page.grid.hasFocus()
    until(lambda: page.model.rowCount() == 3)


def test_filters_narrow_and_are_cleared(window: Window, page: GalleryPage) -> None:
    choose(page, 0)
    press(page.grid, Qt.Key.Key_4)
    until(lambda: page._gallery.pictures[0].rating == 4)
    click(page.filter_button)
    pick(page.filters.boxes["rating"], 3)
    until(lambda: page.model.rowCount() == 1)
    assert prompts(page) == ["a lighthouse"]
    click(named(page, type(page._way_out), "Clear"))
    until(lambda: page.model.rowCount() == len(PROMPTS))
    until(lambda: page.filters.boxes["model"].count() == 2)
    pick(page.filters.boxes["model"], "fake")
    page.filters.seed.setFocus()
    QTest.keyClicks(page.filters.seed, "3")
    press(page.filters.seed, Qt.Key.Key_Return)
    until(lambda: page.model.rowCount() == 1)
    assert prompts(page) == ["dunes"]


def test_the_first_ones_are_seen_before_all_are_known(
    window: Window, page: GalleryPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "FIRST", 2)
    counts: list[int] = []
    for signal in (page.model.modelReset, page.model.rowsInserted):
        signal.connect(lambda *_: counts.append(page.model.rowCount()))
    pick(page.sort, "oldest")
    until(lambda: prompts(page) == list(PROMPTS))
    assert counts == [2, len(PROMPTS)]


def test_a_month_is_looked_through(window: Window, page: GalleryPage) -> None:
    with window.studio.gallery.library.database.write() as connection:
        old = datetime(2024, 2, 29, 23, 59).timestamp()
        connection.execute("UPDATE pictures SET created = ? WHERE seed = '3'", (old,))
    click(page.filter_button)
    until(lambda: page.filters.boxes["time"].findData("2024-02") > 0)
    pick(page.filters.boxes["time"], "2024-02")
    until(lambda: page.model.rowCount() == 1)
    assert prompts(page) == ["dunes"]
    pick(page.filters.boxes["time"], 7)
    until(lambda: page.model.rowCount() == len(PROMPTS) - 1)


def test_another_order(page: GalleryPage) -> None:
    pick(page.sort, "oldest")
    until(lambda: prompts(page) == list(PROMPTS))


def test_thumbnails_have_three_sizes(page: GalleryPage) -> None:
    sides = []
    for cell in CELLS.values():
        pick(page.cells, cell)
        QApplication.processEvents()
        sides.append(page.grid.visualRect(page.model.index(0)).width())
        until(lambda: all_there(page))
    assert sides == sorted(sides)
    assert sides[0] < sides[2]


def test_a_file_that_is_gone_is_shown_as_such_and_found_again(
    window: Window, page: GalleryPage, files: list[Path], tmp_path: Path
) -> None:
    lost = files[-1]
    elsewhere = tmp_path / "elsewhere" / "deep"
    elsewhere.mkdir(parents=True)
    lost.rename(elsewhere / lost.name)
    window.studio.gallery.stale.emit(None)
    until(lambda: page.model.index(0).data(Qt.ItemDataRole.UserRole).is_missing)
    choose(page, 0)
    until(lambda: any("not there any more" in label.text() for label in page.details.findChildren(QLabel)))
    window.studio.tending.locate(window.studio.gallery.pictures, tmp_path / "elsewhere")
    toast(window, "One picture found again.")
    until(lambda: not page.model.index(0).data(Qt.ItemDataRole.UserRole).is_missing)
    until(lambda: window.studio.gallery.pictures[0].file == elsewhere / lost.name)


def test_what_another_process_changes_is_seen(window: Window, page: GalleryPage, pictures: Path) -> None:
    with closing(Database(data_folder() / "sfumato.db")) as database:
        recipe = replace(recipe_of(50), prompt="from elsewhere")
        Library(database, lambda: pictures).add(Produced(painted(recipe), recipe, MADE), 1)
    until(lambda: page.model.rowCount() == len(PROMPTS) + 1)
    assert prompts(page)[0] == "from elsewhere"


# ---------------------------------------------------------------- choosing


def test_pictures_are_chosen_by_mouse_and_keys(page: GalleryPage) -> None:
    choose(page, 1)
    choose(page, 3, CONTROL)
    assert rows_chosen(page) == [1, 3]
    choose(page, 1)
    choose(page, 4, SHIFT)
    assert rows_chosen(page) == [1, 2, 3, 4]
    press(page.grid, Qt.Key.Key_Home)
    assert rows_chosen(page) == [0]
    press(page.grid, Qt.Key.Key_Right)
    press(page.grid, Qt.Key.Key_Right, SHIFT)
    assert rows_chosen(page) == [1, 2]
    press(page.grid, Qt.Key.Key_Down)
    assert rows_chosen(page) == [2 + page.grid.wall.columns] if 2 + page.grid.wall.columns < len(PROMPTS) else [2]
    press(page.grid, Qt.Key.Key_End)
    assert rows_chosen(page) == [len(PROMPTS) - 1]
    press(page.grid, Qt.Key.Key_A, CONTROL)
    assert len(chosen(page)) == len(PROMPTS)
    click(page.grid.viewport(), QPoint(page.grid.viewport().width() // 2, page.grid.viewport().height() - 2))
    assert rows_chosen(page) == []


def test_a_rubber_band_takes_what_it_touches(page: GalleryPage) -> None:
    view = page.grid.viewport()
    below = QPoint(place(page, page.model.rowCount() - 1).x() + page.grid.wall.pitch, view.height() - 4)
    QTest.mousePress(view, LEFT, NONE, below)
    QTest.mouseMove(view, (below + place(page, 1)) / 2)
    QTest.mouseMove(view, place(page, 1))
    QTest.mouseRelease(view, LEFT, NONE, place(page, 1))
    columns = page.grid.wall.columns
    assert rows_chosen(page) == [row for row in range(len(PROMPTS)) if row % columns >= 1]


def test_details_tell_how_a_picture_was_made(page: GalleryPage, files: list[Path]) -> None:
    choose(page, 1)
    until(lambda: any(label.text() == "a red boat on a lake" for label in page.details.findChildren(QLabel)))
    texts = [label.text() for label in page.details.findChildren(QLabel)]
    for expected in ("64 × 64", "4", "Euler", "1.5 s", "Sfumato", "fake"):
        assert expected in texts, expected
    assert files[4].name in texts
    choose(page, 2, CONTROL)
    until(lambda: any(label.text() == "2 pictures" for label in page.details.findChildren(QLabel)))
    assert not [label for label in page.details.findChildren(QLabel) if label.isVisible() and label.text() == "Seed"]
