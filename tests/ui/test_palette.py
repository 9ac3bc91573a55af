"""The command palette."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from desktop.ui.window import Window
from tests.ui.hands import CONTROL, SHIFT, click, make, press, real_click, settle, type_into, until


def listed(window: Window) -> list[str]:
    items = window.palette_box.list
    return [items.item(row).text() for row in range(items.count())]


def test_the_palette_finds_by_letters_and_runs(window: Window) -> None:
    make(window, 1)
    press(window, Qt.Key.Key_K, CONTROL)
    assert window.palette_box.isVisible()
    assert len(listed(window)) > 20
    type_into(window.palette_box.field, "swph")  # letters of it, in order
    assert listed(window)[0] == "Swap width and height"
    for _ in range(20):
        press(window.palette_box.field, Qt.Key.Key_Backspace)
    type_into(window.palette_box.field, "zoom")
    assert listed(window)[:2] == ["Zoom in", "Zoom out"]
    press(window.palette_box.field, Qt.Key.Key_Down)
    before = window.view.lens.zoom
    press(window.palette_box.field, Qt.Key.Key_Return)
    assert window.view.lens.zoom < before
    assert not window.palette_box.isVisible()


def test_the_palette_offers_only_what_can_be_done(window: Window) -> None:
    press(window, Qt.Key.Key_K, CONTROL)
    assert "Save as…" not in listed(window)
    assert "Generate" in listed(window)
    type_into(window.palette_box.field, "save as")
    press(window.palette_box.field, Qt.Key.Key_Return)  # of what there is else
    assert not window.toasts.shown


def test_the_palette_goes_by_escape_and_when_people_look_elsewhere(window: Window) -> None:
    press(window, Qt.Key.Key_K, CONTROL)
    press(window.palette_box.field, Qt.Key.Key_Escape)
    assert not window.palette_box.isVisible()
    press(window, Qt.Key.Key_K, CONTROL)
    real_click(window.panel.prompt.viewport())
    assert not window.palette_box.isVisible()
    press(window, Qt.Key.Key_K, CONTROL)
    type_into(window.palette_box.field, "nothing that there is")
    press(window.palette_box.field, Qt.Key.Key_Return)
    assert not window.palette_box.isVisible()


@pytest.mark.parametrize("place", ["prompt", "steps", "view"])
@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_Return], ids=["Escape", "Enter"])
def test_after_the_palette_people_are_where_they_were(window: Window, place: str, key: Qt.Key) -> None:
    before = window.view if place == "view" else getattr(window.panel, place)
    before.setFocus()
    for _ in range(2):  # a second time it is there already
        press(QApplication.focusWidget() or window, Qt.Key.Key_K, CONTROL)
    type_into(window.palette_box.field, "swap")
    press(window.palette_box.field, key)
    assert QApplication.focusWidget() is before


def test_after_a_field_that_is_gone_the_palette_leaves_well(window: Window) -> None:
    click(window.panel.steps)  # opens a field that goes when it is left
    field = QApplication.focusWidget()
    assert field
    press(field, Qt.Key.Key_K, CONTROL)
    QApplication.sendPostedEvents()
    settle()
    press(window.palette_box.field, Qt.Key.Key_Escape)
    assert not window.palette_box.isVisible()
    press(window, Qt.Key.Key_L, CONTROL | SHIFT)  # keys go on working
    assert window.studio.memory.settings.theme == "light"


def test_a_command_is_clicked(window: Window) -> None:
    press(window, Qt.Key.Key_K, CONTROL)
    type_into(window.palette_box.field, "dark or")
    items = window.palette_box.list
    click(items.viewport(), items.visualItemRect(items.item(0)).center())
    assert window.studio.memory.settings.theme == "light"
    assert not window.palette_box.isVisible()


def test_arrows_end_where_the_list_ends(window: Window) -> None:
    press(window, Qt.Key.Key_K, CONTROL)
    items, field = window.palette_box.list, window.palette_box.field
    press(field, Qt.Key.Key_Up)
    assert items.currentRow() == 0
    for _ in range(items.count() + 3):
        press(field, Qt.Key.Key_Down)
    assert items.currentRow() == items.count() - 1
    assert items.viewport().rect().contains(items.visualItemRect(items.currentItem()))


def test_the_palette_begins_anew_each_time(window: Window) -> None:
    press(window, Qt.Key.Key_K, CONTROL)
    type_into(window.palette_box.field, "zoom")
    press(window.palette_box.field, Qt.Key.Key_Escape)
    make(window, 1)
    press(window, Qt.Key.Key_K, CONTROL)
    assert window.palette_box.field.text() == ""
    until(lambda: "Save as…" in listed(window))  # can be done by now
