"""Stars, tags and collections of pictures, and their trash."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from desktop.ui.gallery.page import GalleryPage
from desktop.ui.window import Window
from tests.ui.gallery.pages import PROMPTS, choose, place, prompts, rows_chosen, search
from tests.ui.hands import CONTROL, click, drag, drop, pick, press, toast, until

# ---------------------------------------------------------------- stars, tags, collections


def test_stars_by_key_and_by_click(page: GalleryPage) -> None:
    choose(page, 0)
    choose(page, 1, CONTROL)
    press(page.grid, Qt.Key.Key_5)
    until(lambda: [picture.rating for picture in page._gallery.pictures] == [5, 5])
    until(lambda: page.model.index(0).data(Qt.ItemDataRole.UserRole).picture.rating == 5)
    assert page.details.stars.content == 5
    click(page.details.stars, QPoint(50, 10))
    until(lambda: [picture.rating for picture in page._gallery.pictures] == [3, 3])
    press(page.grid, Qt.Key.Key_0)
    until(lambda: [picture.rating for picture in page._gallery.pictures] == [0, 0])


def test_tags_are_added_completed_found_and_taken_away(window: Window, page: GalleryPage) -> None:
    choose(page, 0)
    choose(page, 1, CONTROL)
    press(page.grid, Qt.Key.Key_T, CONTROL)
    until(page.details.tag_field.hasFocus)
    QTest.keyClicks(page.details.tag_field, "sea, for print")
    press(page.details.tag_field, Qt.Key.Key_Return)
    until(lambda: [picture.tags for picture in page._gallery.pictures] == [("sea", "for print")] * 2)
    until(lambda: set(window.studio.gallery.tags) == {"sea", "for print"})
    completer = page.details.tag_field.completer()
    completer.setCompletionPrefix("pri")
    assert completer.currentCompletion() == "for print"
    search(page, "for print")
    until(lambda: page.model.rowCount() == 2)
    choose(page, 0)
    page.details._tags.linkActivated.emit("sea")
    until(lambda: page._gallery.pictures[0].tags == ("for print",))


def test_collections_take_what_is_chosen_or_dropped(window: Window, page: GalleryPage) -> None:
    choose(page, 0)
    page.collections.name.setFocus()
    QTest.keyClicks(page.collections.name, "Coast")
    press(page.collections.name, Qt.Key.Key_Return)
    until(lambda: window.studio.gallery.collections == (("Coast", 1),))
    places = page.collections.list
    target = places.visualItemRect(places.item(2)).center()
    mime = page.model.mimeData([page.model.index(row) for row in (3, 4)])
    assert drop(places.viewport(), mime, target)
    until(lambda: window.studio.gallery.collections == (("Coast", 3),))
    click(places.viewport(), target)
    until(lambda: page.model.rowCount() == 3)
    choose(page, 0)
    window.actions_["release"].trigger()
    until(lambda: page.model.rowCount() == 2)
    page.collections._rename(places.item(2), "Coast")
    field = places.findChild(QLineEdit)
    assert field
    field.setText("Sea")
    press(field, Qt.Key.Key_Return)
    until(lambda: window.studio.gallery.collections == (("Sea", 2),))
    click(places.viewport(), places.visualItemRect(places.item(0)).center())
    until(lambda: page.model.rowCount() == len(PROMPTS))


def test_all_that_is_chosen_stays_so_when_the_list_begins_anew(window: Window, page: GalleryPage) -> None:
    press(page.grid, Qt.Key.Key_A, CONTROL)
    pick(page.sort, "oldest")
    until(lambda: prompts(page) == list(PROMPTS))
    assert rows_chosen(page) == list(range(len(PROMPTS)))
    assert len(window.studio.gallery.chosen) == len(PROMPTS)


def test_pictures_are_dragged_out_as_files(page: GalleryPage, files: list[Path]) -> None:
    mime = page.model.mimeData([page.model.index(0), page.model.index(2)])
    assert [Path(url.toLocalFile()) for url in mime.urls()] == [files[5], files[3]]
    drag(page.grid.viewport(), place(page, 0), place(page, 0))  # a press alone drags nothing
    assert page.model.rowCount() == len(PROMPTS)


# ---------------------------------------------------------------- the trash


def test_what_is_thrown_away_comes_back(window: Window, page: GalleryPage, files: list[Path]) -> None:
    choose(page, 0)
    choose(page, 1, CONTROL)
    press(page.grid, Qt.Key.Key_Delete)
    until(lambda: page.model.rowCount() == len(PROMPTS) - 2)
    notice = toast(window, "2 pictures are in the trash.").notice
    dict(notice.actions)["Undo"]()
    until(lambda: page.model.rowCount() == len(PROMPTS))
    assert all(file.exists() for file in files)


def test_what_was_chosen_elsewhere_is_not_deleted_in_the_trash(
    window: Window, page: GalleryPage, files: list[Path]
) -> None:
    press(page.grid, Qt.Key.Key_A, CONTROL)
    window.studio.gallery.lane.send(lambda: time.sleep(0.3))
    window.studio.gallery.narrow(trashed=True)
    window.actions_["trash"].trigger()  # before it is known what is in there
    until(lambda: page.model.rowCount() == 0)
    assert all(file.exists() for file in files)
    window.studio.gallery.narrow(trashed=False)
    until(lambda: page.model.rowCount() == len(PROMPTS))


def test_in_the_trash_it_is_restored_or_deleted_for_good(window: Window, page: GalleryPage, files: list[Path]) -> None:
    choose(page, 0)
    choose(page, 1, CONTROL)
    press(page.grid, Qt.Key.Key_Delete)
    until(lambda: page.model.rowCount() == len(PROMPTS) - 2)
    places = page.collections.list
    click(places.viewport(), places.visualItemRect(places.item(1)).center())
    until(lambda: page.model.rowCount() == 2)
    choose(page, 0)
    window.actions_["restore"].trigger()
    until(lambda: page.model.rowCount() == 1)
    choose(page, 0)
    page.grid.setFocus()
    press(page.grid, Qt.Key.Key_Delete)
    until(lambda: page.model.rowCount() == 0)
    assert [file.exists() for file in files] == [True] * 4 + [False, True]
    click(page._way_out)
    until(lambda: page.model.rowCount() == len(PROMPTS) - 1)
