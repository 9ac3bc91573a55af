"""The strip of results."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel, QLineEdit

from desktop.engine.api import Produced
from desktop.studio.results import MOST
from desktop.ui import deeds, theme
from desktop.ui.picture.results import ResultsModel
from desktop.ui.window import Window
from tests.fakes import MADE, FakeEngine, painted
from tests.ui.hands import (
    ALT,
    CONTROL,
    SHIFT,
    answer,
    click,
    color,
    drag,
    make,
    menu_of,
    middle,
    named,
    press,
    real_click,
    seen,
    settle,
    toast,
    until,
)


def chosen(window: Window) -> list[int]:
    return [result.recipe.seed for result in window.strip.selected]


def cell(window: Window, row: int) -> QPoint:
    return window.strip.list.visualRect(window.strip.model.index(row)).center()


def test_arrow_keys_flip_through(window: Window, engine: FakeEngine) -> None:
    make(window, 1, 2, 3)
    window.strip.list.setFocus()
    assert chosen(window) == [3]
    press(window.strip.list, Qt.Key.Key_Right)
    assert chosen(window) == [2]
    assert middle(window.view) == color(painted(engine.jobs[1].work))
    press(window.view, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert chosen(window) == [1]
    press(window.view, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)  # there is no further one
    assert chosen(window) == [1]
    press(window.view, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert chosen(window) == [2]


def test_a_click_shows_a_result_and_new_ones_do_not_push_it_away(window: Window, engine: FakeEngine) -> None:
    make(window, 1, 2)
    engine.hold()
    window.studio.session.seed = 3
    window.studio.generate()
    until(lambda: len(engine.jobs) == 3)
    click(window.strip.list.viewport(), cell(window, 1))
    engine.free()
    until(lambda: len(window.studio.results.all) == 3)
    assert chosen(window) == [1]
    assert middle(window.view) == color(painted(engine.jobs[0].work))
    make(window, 4)  # Generate is a wish to see what comes
    assert chosen(window) == [4]


def test_two_are_compared_with_a_divider(window: Window, engine: FakeEngine) -> None:
    make(window, 1, 2)
    click(window.strip.list.viewport(), cell(window, 0))
    click(window.strip.list.viewport(), cell(window, 1), CONTROL)
    press(window.strip.list, Qt.Key.Key_E, CONTROL)
    until(lambda: window.studio.stage.rival is not None)
    left, right = (color(painted(engine.jobs[place].work)) for place in (1, 0))
    place = window.view.lens.place.toRect()

    def at(share: float) -> tuple[int, ...]:
        pixels = seen(window.view)
        return tuple(map(int, pixels[place.top() + 20, place.left() + round(place.width() * share)]))

    assert (at(0.25), at(0.75)) == (left, right)
    drag(window.view, place.center(), QPoint(place.left() + place.width() // 10, place.center().y()))
    assert at(0.25) == right
    for key, everywhere in ((Qt.Key.Key_Right, left), (Qt.Key.Key_Left, right)):
        for _ in range(60):  # further than there is room
            press(window.view, key)
        assert at(0.02) == at(0.98) == everywhere
        press(window.view, Qt.Key.Key_Left if key == Qt.Key.Key_Right else Qt.Key.Key_Right)
        assert at(0.005) != at(0.995)  # it has not gone out of reach
    assert window.actions_["compare"].isChecked()
    press(window.view, Qt.Key.Key_E, CONTROL)
    assert at(0.95) == left
    assert window.studio.stage.rival is None


def test_one_is_compared_with_its_neighbour_and_alone_with_none(window: Window) -> None:
    make(window, 1)
    window.actions_["compare"].trigger()
    assert toast(window, "There is nothing to compare with")
    assert not window.actions_["compare"].isChecked()
    make(window, 2)
    window.actions_["compare"].trigger()
    until(lambda: window.studio.stage.rival is not None)
    assert window.studio.stage.rival == painted(window.studio.results.all[1].recipe)
    assert window.actions_["compare"].isChecked()


def suggested(window: Window) -> str:
    """The name in the dialog that is open."""
    until(lambda: bool(window.findChildren(QFileDialog)))
    field = window.findChildren(QFileDialog)[0].findChild(QLineEdit)
    assert field
    return field.text()


def test_a_result_is_saved_with_its_recipe(window: Window, tmp_path: Path) -> None:
    make(window, 1)
    press(window, Qt.Key.Key_S, CONTROL)
    kept = window.studio.results.all[0].file
    assert kept
    assert suggested(window) == kept.name
    answer(window, tmp_path / "mine")  # the end is added
    assert toast(window, "Saved as mine.png")
    assert (tmp_path / "mine.png").read_bytes() == kept.read_bytes()


def test_saving_where_one_may_not_is_told(window: Window, tmp_path: Path) -> None:
    make(window, 1)
    window.studio.saving.save_as(window.studio.results.all[0], tmp_path / "missing" / "mine.png")
    assert toast(window, "Cannot save mine.png").notice.hint
    window.studio.saving.save_as(window.studio.results.all[0], tmp_path / "mine.jpg")
    assert "PNG" in toast(window, "mine.jpg would be no PNG").notice.hint


def test_a_drag_out_carries_the_files(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    make(window, 1, 2)
    results, carry = window.strip.list, ResultsModel.mimeData
    carried: list[QMimeData] = []
    monkeypatch.setattr(
        ResultsModel, "mimeData", lambda self, chosen: carried.append(carry(self, chosen)) or carry(self, chosen)
    )
    click(results.viewport(), cell(window, 1))
    click(results.viewport(), cell(window, 0), CONTROL)
    drag(results.viewport(), cell(window, 1), cell(window, 1) + QPoint(80, 60))
    [mime] = carried
    files = [result.file for result in window.studio.results.all]
    assert {Path(url.toLocalFile()) for url in mime.urls()} == set(files)
    assert [result.file for result in window.studio.results.all] == files  # nothing is moved out


def test_the_strip_holds_the_newest_and_all_that_are_not_on_disk(window: Window, engine: FakeEngine) -> None:
    results = window.studio.results
    make(window, 1)
    first = results.all[0]
    assert first.thumbnail
    lost = type(first).of_unkept(Produced(painted(first.recipe), first.recipe, MADE), first.thumbnail)
    results.add(lost, painted(first.recipe))
    for seed in range(MOST):
        results.add(type(first)(first.said, float(seed), first.thumbnail, first.file), painted(first.recipe))
    assert window.strip.model.rowCount() == MOST + 1
    assert lost in results.all
    assert first not in results.all


def test_results_of_the_last_time_are_there_and_the_newest_is_seen(open_window, engine: FakeEngine) -> None:
    window = open_window()
    make(window, 1, 2)
    window.close()
    again = open_window()
    until(lambda: again.strip.model.rowCount() == 2)
    until(lambda: again.studio.stage.picture is not None)
    assert chosen(again) == [2]
    assert middle(again.view) == color(painted(engine.jobs[1].work))


def test_a_file_that_is_gone_is_told_when_it_is_looked_at(window: Window) -> None:
    make(window, *range(1, 8))
    gone = window.studio.results.all[6].file
    assert gone
    gone.unlink()
    click(window.strip.list.viewport(), cell(window, 6))
    assert toast(window, "There is no file").notice.hint


def test_a_divider_begins_in_the_middle(window: Window) -> None:
    make(window, 1, 2)
    for _ in range(2):
        press(window.view, Qt.Key.Key_E, CONTROL)
        until(lambda: window.studio.stage.rival is not None)
        place = window.view.lens.place.toRect()
        row = seen(window.view)[place.top() + 10, place.left() : place.right()]
        assert tuple(row[place.width() // 2 - 8]) != tuple(row[place.width() // 2 + 8])
        press(window.view, Qt.Key.Key_Left)
        press(window.view, Qt.Key.Key_Left)
        press(window.view, Qt.Key.Key_E, CONTROL)


def test_the_divider_shows_that_it_can_be_dragged_and_beside_it_the_picture_is(window: Window) -> None:
    make(window, 1, 2)
    press(window.view, Qt.Key.Key_E, CONTROL)
    until(lambda: window.studio.stage.rival is not None)
    view, place = window.view, window.view.lens.place
    QTest.mouseMove(view, place.center().toPoint())
    assert view.cursor().shape() == Qt.CursorShape.SplitHCursor
    beside = place.center().toPoint() + QPoint(60, 0)
    QTest.mouseMove(view, beside)
    assert view.cursor().shape() == Qt.CursorShape.ArrowCursor
    drag(view, beside, beside + QPoint(30, 10))
    assert view.lens.place.topLeft() - place.topLeft() == QPointF(30, 10)


def test_a_thumbnail_says_what_it_is(window: Window) -> None:
    window.studio.session.prompt = "a lighthouse " * 20
    make(window, 2**40)
    [index] = [window.strip.model.index(row) for row in range(window.strip.model.rowCount())]
    words = window.strip.model.data(index, Qt.ItemDataRole.ToolTipRole)
    assert words.startswith("a lighthouse a lighthouse")
    assert len(words) < 300
    assert "128 × 128, 20 steps, " in words
    assert f"seed {2**40}" in words


@pytest.mark.parametrize("way", ["double click", "Enter"])
def test_from_the_strip_to_the_view(window: Window, way: str) -> None:
    make(window, 1, 2)
    window.strip.list.setFocus()
    if way == "Enter":
        press(window.strip.list, Qt.Key.Key_Return)
    else:
        real_click(window.strip.list.viewport(), cell(window, 1), double=True)
        assert chosen(window) == [1]
    assert window.view.hasFocus()


def test_the_menu_of_a_thumbnail_is_about_that_one(window: Window) -> None:
    make(window, 1, 2)
    menu = menu_of(window.strip.list.viewport(), cell(window, 1))
    assert chosen(window) == [1]
    click(menu, menu.actionGeometry(window.actions_["use_seed"]).center())
    assert window.studio.session.seed == 1


def test_a_chosen_thumbnail_has_a_frame(window: Window) -> None:
    make(window, 1, 2)
    place = window.strip.list.visualRect(window.strip.model.index(0))

    def accents() -> int:
        pixels = seen(window.strip.list.viewport())[place.top() : place.bottom(), place.left() : place.right()]
        accent = QColor(theme.current().accent)
        return int((abs(pixels.astype(int) - [accent.red(), accent.green(), accent.blue()]).max(axis=2) < 12).sum())

    assert accents() > 100
    click(window.strip.list.viewport(), cell(window, 1))
    assert accents() < 30


def test_the_chosen_one_is_in_sight(window: Window) -> None:
    make(window, *range(12))
    window.resize(1100, 560)
    settle()
    window.view.setFocus()
    for _ in range(11):
        press(window.view, Qt.Key.Key_Right, ALT)
    until(lambda: chosen(window) == [0])
    port = window.strip.list.viewport().rect()
    assert port.contains(window.strip.list.visualRect(window.strip.list.currentIndex()))
    assert not port.contains(window.strip.list.visualRect(window.strip.model.index(0)))


def test_the_folder_of_a_result_is_shown(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []
    monkeypatch.setattr(deeds.QDesktopServices, "openUrl", lambda url: opened.append(Path(url.toLocalFile())))
    make(window, 1)
    press(window.strip.list, Qt.Key.Key_E, CONTROL | SHIFT)
    file = window.studio.results.all[0].file
    assert file
    assert opened == [file.parent]


def test_an_empty_strip_says_what_will_come(window: Window) -> None:
    assert named(window.strip, QLabel, "Pictures that you make appear here.")
    make(window, 1)
    assert not window.strip.findChildren(QLabel)[0].isVisible()
