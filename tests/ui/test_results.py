"""The strip of results, and the view that shows them."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from desktop.engine.api import Produced
from desktop.studio.results import MOST
from desktop.ui.window import Window
from tests.fakes import MADE, FakeEngine, painted
from tests.ui.hands import (
    CONTROL,
    LEFT,
    NONE,
    click,
    color,
    drag,
    make,
    middle,
    press,
    seen,
    toast,
    until,
    wheel,
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
    for _ in range(40):
        press(window.view, Qt.Key.Key_Right)
    assert at(0.75) == left
    assert window.actions_["compare"].isChecked()
    press(window.view, Qt.Key.Key_E, CONTROL)
    assert at(0.95) == left
    assert window.studio.stage.rival is None


def test_one_is_compared_with_its_neighbour_and_alone_with_none(window: Window) -> None:
    make(window, 1)
    window.actions_["compare"].trigger()
    assert toast(window, "There is nothing to compare with")
    make(window, 2)
    window.actions_["compare"].trigger()
    until(lambda: window.studio.stage.rival is not None)
    assert window.studio.stage.rival == painted(window.studio.results.all[1].recipe)


def test_a_result_is_saved_with_its_recipe(window: Window, tmp_path: Path) -> None:
    make(window, 1)
    press(window, Qt.Key.Key_S, CONTROL)
    until(lambda: bool(window.findChildren(QFileDialog)))
    dialog = window.findChildren(QFileDialog)[0]
    dialog.fileSelected.emit(str(tmp_path / "mine.png"))
    dialog.close()
    assert toast(window, "Saved as mine.png")
    kept = window.studio.results.all[0].file
    assert kept
    assert (tmp_path / "mine.png").read_bytes() == kept.read_bytes()


def test_saving_where_one_may_not_is_told(window: Window, tmp_path: Path) -> None:
    make(window, 1)
    window.studio.save_as(window.studio.results.all[0], tmp_path / "missing" / "mine.png")
    assert toast(window, "Cannot save mine.png").notice.hint
    window.studio.save_as(window.studio.results.all[0], tmp_path / "mine.jpg")
    assert "PNG" in toast(window, "mine.jpg would be no PNG").notice.hint


def test_a_drag_out_carries_the_files(window: Window) -> None:
    make(window, 1, 2)
    model = window.strip.model
    mime = model.mimeData([model.index(0), model.index(1)])
    files = [result.file for result in window.studio.results.all]
    assert [Path(url.toLocalFile()) for url in mime.urls()] == files
    assert model.flags(model.index(0)) & Qt.ItemFlag.ItemIsDragEnabled


def test_the_strip_holds_the_newest_and_all_that_are_not_on_disk(window: Window, engine: FakeEngine) -> None:
    results = window.studio.results
    make(window, 1)
    first = results.all[0]
    lost = type(first).of_unkept(Produced(painted(first.recipe), first.recipe, MADE), first.thumbnail)
    results.add(lost, painted(first.recipe))
    for seed in range(MOST):
        results.add(type(first)(first.recipe, MADE, float(seed), first.thumbnail, first.file), painted(first.recipe))
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


# ---------------------------------------------------------------- the view


@pytest.fixture
def seen_window(window: Window) -> Window:
    """One with a picture in it."""
    make(window, 1)
    return window


def test_the_wheel_zooms_where_the_pointer_is(seen_window: Window) -> None:
    view = seen_window.view
    at = view.lens.place.topLeft() + QPointF(40, 60)
    still, zoom = view.lens.to_picture(at), view.lens.zoom
    assert wheel(view, at, 2)
    assert view.lens.zoom == pytest.approx(zoom * 1.25**2)
    assert view.lens.to_picture(at).x() == pytest.approx(still.x())
    assert view.lens.to_picture(at).y() == pytest.approx(still.y())


def test_zooming_ends_somewhere(seen_window: Window) -> None:
    view = seen_window.view
    for notches in (60, -120):
        wheel(view, QPointF(100, 100), notches)
        assert 0.02 <= view.lens.zoom <= 64


def test_the_picture_is_dragged_by_the_mouse(seen_window: Window) -> None:
    view = seen_window.view
    for button in (LEFT, Qt.MouseButton.MiddleButton):
        before = view.lens.place.topLeft()
        drag(view, QPoint(100, 100), QPoint(140, 70), button)
        assert view.lens.place.topLeft() - before == QPointF(40, -30)


def test_keys_fit_and_show_actual_pixels(seen_window: Window) -> None:
    view = seen_window.view
    fitting = view.lens.zoom
    press(view, Qt.Key.Key_1, CONTROL)
    assert view.lens.zoom == 1
    press(view, Qt.Key.Key_Plus, CONTROL)
    assert view.lens.zoom == 1.5
    press(view, Qt.Key.Key_Minus, CONTROL)
    press(view, Qt.Key.Key_0, CONTROL)
    assert view.lens.zoom == fitting
    assert view.rect().contains(view.lens.place.toAlignedRect())


def test_what_fits_goes_on_fitting(seen_window: Window) -> None:
    view = seen_window.view
    seen_window.resize(1100, 700)
    until(lambda: view.rect().contains(view.lens.place.toAlignedRect()))
    QTest.mouseDClick(view, LEFT, NONE, view.rect().center())
    assert view.lens.zoom == 1
    QTest.mouseDClick(view, LEFT, NONE, view.rect().center())
    assert view.lens.fits


def test_a_preview_does_not_move_the_picture(seen_window: Window, engine: FakeEngine) -> None:
    view = seen_window.view
    view.zoom_to(3.0, QPointF(10, 10))
    place = view.lens.place
    make(seen_window, 2)
    assert view.lens.place == place


def test_the_menu_of_a_picture_offers_what_can_be_done(seen_window: Window) -> None:
    view = seen_window.view
    view.menu_wanted.emit(view.mapToGlobal(view.rect().center()))
    menu = seen_window._picture_menu
    until(menu.isVisible)
    words = [action.text() for action in menu.actions() if action.isEnabled() and action.text()]
    assert "Start from this picture" in words
    assert "Save as…" in words
    menu.close()


def test_a_click_without_a_drag_moves_nothing(seen_window: Window) -> None:
    view = seen_window.view
    place = view.lens.place
    click(view)
    assert view.lens.place == place
