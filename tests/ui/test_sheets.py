"""The window for X/Y/Z sheets: what it says while people write, and what it makes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton

from desktop.models.extras import Extras
from desktop.models.samplers import SAMPLERS
from desktop.raster import Raster
from desktop.ui.sheets import AxisRow, SheetWindow
from desktop.ui.window import Window
from tests.fakes import FakeEngine
from tests.studio.at_hand import extra
from tests.ui.hands import CONTROL, SHIFT, click, make, named, pick, press, settle, type_into, until
from tests.ui.test_access import controls


@pytest.fixture
def sheet(window: Window) -> SheetWindow:
    press(window, Qt.Key.Key_Y, CONTROL | SHIFT)
    sheet = window.findChild(SheetWindow)
    assert isinstance(sheet, SheetWindow)
    until(sheet.isActiveWindow)
    return sheet


def write(row: AxisRow, field: str, text: str) -> None:
    """As people do it."""
    pick(row.choice, field)
    row.values.setFocus()
    row.values.selectAll()
    type_into(row.values, text)


def says(sheet: SheetWindow, words: str) -> bool:
    return any(words in each.text() for each in sheet.findChildren(QLabel) if each.isVisible())


def test_a_sheet_is_made_from_what_is_written(window: Window, sheet: SheetWindow, engine: FakeEngine) -> None:
    write(sheet.axes[0], "steps", "2, 3, 4")
    write(sheet.axes[1], "seed", "1-2")
    assert says(sheet, "6 pictures")
    click(named(sheet, QPushButton, "Make the sheet"))
    assert not sheet.isVisible()
    until(lambda: bool(window.studio.results.all))
    assert [(job.work.steps, job.work.seed) for job in engine.jobs] == [(s, n) for n in (1, 2) for s in (2, 3, 4)]
    [result] = window.studio.results.all
    assert result.file
    assert window.studio.stage.picture == Raster.read(result.file)


def test_the_third_axis_and_the_single_pictures(window: Window, sheet: SheetWindow) -> None:
    window.studio.session.prompt = "a red house"
    write(sheet.axes[0], "seed", "1, 2")
    write(sheet.axes[1], "guidance", "1-2 [2]")
    write(sheet.axes[2], "prompt", "red, blue")
    click(sheet.singles, sheet.singles.rect().topLeft() + sheet.singles.rect().center() / 8)
    assert sheet.singles.isChecked()
    click(sheet.make)
    until(lambda: len(window.studio.results.all) == 9)
    prompts = [result.recipe.prompt for result in window.studio.results.all]
    assert prompts.count("a blue house") == 4


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("steps", "ten", "“ten” is no number"),
        ("steps", "5000", "5000 steps are out of range"),
        ("strength", "0.5", "no picture to start from"),
        ("prompt", "yellow, blue", "“yellow” is not in the prompt"),
        ("sampler", "Eulr", "no sampler"),
    ],
)
def test_what_is_wrong_stands_under_its_field(sheet: SheetWindow, field: str, text: str, words: str) -> None:
    assert sheet.make.isEnabled()
    write(sheet.axes[2], field, text)
    assert words in sheet.axes[2].error.text()
    assert not sheet.make.isEnabled()
    pick(sheet.axes[2].choice, "")
    assert sheet.axes[2].error.text() == ""
    assert sheet.make.isEnabled()


def test_axes_that_do_not_go_together_are_told(sheet: SheetWindow) -> None:
    write(sheet.axes[1], "steps", "5")
    assert says(sheet, "Steps is on two axes")
    assert not sheet.make.isEnabled()
    write(sheet.axes[1], "seed", "1-100")
    write(sheet.axes[0], "steps", "1-100")
    assert says(sheet, "10000 pictures are too many")
    pick(sheet.axes[1].choice, "")
    assert says(sheet, "Choose what changes on X and on Y")


def test_loras_and_their_weight_are_completed_and_told(window: Window, sheet: SheetWindow) -> None:
    window.studio.shelf.extras = Extras.of([extra("lora", "1", "ink"), extra("lora", "2", "clay", family="sdxl")])
    write(sheet.axes[0], "lora", "None, ink")
    write(sheet.axes[1], "lora_weight", "0.4, 0.8, 1.2")
    assert sheet.axes[0].values.names == ["None", "ink"]
    assert says(sheet, "6 pictures")
    write(sheet.axes[0], "lora", "clay")
    assert "clay" in sheet.axes[0].error.text()
    assert not sheet.make.isEnabled()
    assert not says(sheet, "no LoRA whose weight")
    pick(sheet.axes[0].choice, "seed")
    sheet.axes[0].values.setText("1, 2")
    assert says(sheet, "no LoRA whose weight")


def test_what_is_set_elsewhere_counts_too(window: Window, sheet: SheetWindow) -> None:
    write(sheet.axes[2], "prompt", "yellow, blue")
    assert not sheet.make.isEnabled()
    window.studio.session.prompt = "a yellow door"
    until(sheet.make.isEnabled)


def test_it_says_how_long_it_will_take(window: Window, sheet: SheetWindow) -> None:
    window.studio.session.steps = 10
    make(window, 1)
    result = window.studio.results.all[0]
    object.__setattr__(result, "seconds", 2.0)
    write(sheet.axes[0], "steps", "10, 20, 30")
    write(sheet.axes[1], "seed", "1, 2")
    assert says(sheet, "6 pictures, about 24 s")


def test_names_are_completed_and_all_of_them_can_be_had(sheet: SheetWindow) -> None:
    row = sheet.axes[1]
    write(row, "sampler", "Euler, karr")
    completer = row.values.completer()
    popup = completer.popup() if completer else None
    assert popup
    until(popup.isVisible)
    press(popup, Qt.Key.Key_Down)
    press(popup, Qt.Key.Key_Return)
    assert row.values.text() == "Euler, DPM++ 2M Karras"
    click(named(sheet, QToolButton, "Y: all values"))
    assert row.values.text().split(", ") == [row.name for row in SAMPLERS.values() if not row.flow]
    assert row.error.text() == ""
    pick(row.choice, "steps")
    assert row.values.text() == ""
    assert not [each for each in sheet.findChildren(QToolButton) if each.isVisible()]


def test_it_opens_once_and_stays_as_it_was(window: Window, sheet: SheetWindow) -> None:
    write(sheet.axes[0], "seed", "7")
    sheet.close()
    press(window, Qt.Key.Key_Y, CONTROL | SHIFT)
    settle()
    assert window.findChildren(SheetWindow) == [sheet]
    assert sheet.axes[0].content == ("seed", "7")


def test_every_control_has_a_name_and_says_what_it_does(sheet: SheetWindow) -> None:
    write(sheet.axes[0], "sampler", "Euler")
    for each in controls(sheet):
        assert each.accessibleName() or each.text(), each  # pyright: ignore[reportAttributeAccessIssue]
        assert each.toolTip(), each
