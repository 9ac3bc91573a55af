"""The view in the middle: zoom, pan, and the line below."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton

from desktop.engine.api import Preview
from desktop.raster import Raster
from desktop.ui.picture.lens import LARGEST, MOST_FIT, SMALLEST
from desktop.ui.widgets.images import from_image
from desktop.ui.window import Window
from tests.fakes import FakeEngine
from tests.ui.hands import (
    CONTROL,
    LEFT,
    begin,
    click,
    drag,
    make,
    menu_of,
    named,
    plain,
    press,
    real_click,
    seen,
    until,
    wheel,
)


@pytest.fixture
def seen_window(window: Window) -> Window:
    """One with a picture in it."""
    make(window, 1)
    return window


def test_the_wheel_zooms_where_the_pointer_is(seen_window: Window) -> None:
    view = seen_window.view
    at = view.lens.place.topLeft() + QPointF(40, 60)
    still, zoom = view.lens.to_picture(at), view.lens.zoom
    wheel(view, 2, at)
    assert view.lens.zoom == pytest.approx(zoom * 1.25**2)
    assert view.lens.to_picture(at).x() == pytest.approx(still.x())
    assert view.lens.to_picture(at).y() == pytest.approx(still.y())


def test_zooming_ends_somewhere(seen_window: Window) -> None:
    view = seen_window.view
    for notches, end in ((60, LARGEST), (-120, SMALLEST)):
        wheel(view, notches, QPointF(100, 100))
        assert view.lens.zoom == end


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


def test_a_double_click_goes_between_all_of_it_and_its_pixels(seen_window: Window) -> None:
    view = seen_window.view
    at = view.lens.place.topLeft().toPoint() + QPoint(40, 60)
    still = view.lens.to_picture(QPointF(at))
    real_click(view, at, double=True)
    assert view.lens.zoom == 1
    assert (view.lens.to_picture(QPointF(at)) - still).manhattanLength() < 0.5  # where the pointer is
    real_click(view, at, double=True)
    assert view.lens.fits


def test_a_preview_does_not_move_the_picture(seen_window: Window, engine: FakeEngine) -> None:
    view = seen_window.view
    view.zoom_to(3.0, QPointF(10, 10))
    place = view.lens.place
    make(seen_window, 2)
    assert view.lens.place == place


def test_the_menu_of_a_picture_offers_what_can_be_done(seen_window: Window) -> None:
    view = seen_window.view
    menu = menu_of(view)
    words = [action.text() for action in menu.actions() if action.isEnabled() and action.text()]
    assert "Start from this picture" in words
    assert "Save as…" in words
    menu.close()


def test_a_click_without_a_drag_moves_nothing(seen_window: Window) -> None:
    view = seen_window.view
    place = view.lens.place
    click(view)
    assert view.lens.place == place


def test_buttons_below_zoom_and_the_line_tells_how_far(seen_window: Window) -> None:
    view, foot = seen_window.view, seen_window.foot
    for button, zoom in (("Actual size", 1.0), ("Zoom in", 1.5), ("Zoom out", 1.0), ("Fit in window", None)):
        click(named(foot, QToolButton, button))
        assert view.lens.fits if zoom is None else view.lens.zoom == pytest.approx(zoom)
        assert named(foot, QLabel, f"{view.lens.zoom * 100:.0f} %")
    wheel(view, 3)
    assert named(foot, QLabel, f"{view.lens.zoom * 100:.0f} %")


def test_the_line_tells_size_and_time(window: Window) -> None:
    def words() -> list[str]:
        return [each.text() for each in window.foot.findChildren(QLabel) if each.text()]

    assert words() == []
    window.studio.session.width = 192
    make(window, 1)
    took = window.studio.results.all[0].seconds
    assert words()[1] == f"192 × 128   ·   {took:.1f} s"


def test_the_invitation_goes_with_the_first_picture(window: Window) -> None:
    assert named(window.view, QPushButton, "Make the first picture")
    make(window, 1)
    assert not [each for each in window.view.findChildren(QPushButton) if each.isVisible()]


def test_the_button_below_copies_the_picture(seen_window: Window) -> None:
    click(named(seen_window.foot, QToolButton, "Copy picture"))
    assert from_image(QGuiApplication.clipboard().image()).rgb() == seen_window.studio.stage.picture


def test_a_small_picture_is_not_blown_up_beyond_recognition(window: Window, engine: FakeEngine) -> None:
    begin(window, engine, [Preview(plain(8, 8, (1, 2, 3)), 1)])
    until(lambda: window.studio.stage.picture is not None)
    window.studio.stage.size, window.studio.stage.picture = (16, 16), plain(16, 16, (1, 2, 3))
    assert window.view.lens.zoom == MOST_FIT


def test_far_in_pixels_are_squares_and_a_preview_is_smooth(window: Window) -> None:
    """A picture of two halves, and how many shades there are between them."""
    halves = Raster(np.repeat(np.array([[[0] * 3, [255] * 3]], np.uint8), 64, axis=0).repeat(32, axis=1))
    stage, view = window.studio.stage, window.view

    def shades() -> int:
        middle = view.lens.place.center().toPoint()
        return len(np.unique(seen(view)[middle.y(), middle.x() - 40 : middle.x() + 40, 0]))

    stage.size, stage.picture = (64, 64), halves
    view.zoom_to(40.0)
    assert shades() == 2
    stage.size, stage.picture = (128, 128), Raster(255 - halves.pixels)  # as of one on its way
    view.zoom_to(40.0)
    assert shades() > 10
