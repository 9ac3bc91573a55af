"""Moving about on the canvas."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from desktop.ui.window import Window
from tests.ui.canvas.strokes import now, paint_all, stroke, view_of
from tests.ui.hands import CONTROL, LEFT, NONE, click, press, settle


def test_zoom_actions_are_of_the_view_that_is_seen(canvas: Window) -> None:
    view = view_of(canvas)
    press(canvas, Qt.Key.Key_1, CONTROL)
    assert view.lens.zoom == 1.0
    assert canvas.view.lens.zoom != 1.0 or canvas.view.lens.fits


@pytest.mark.parametrize(("keys", "nearer"), [(NONE, True), (Qt.KeyboardModifier.AltModifier, False)])
def test_a_click_with_the_zoom_tool(canvas: Window, keys: Qt.KeyboardModifier, nearer: bool) -> None:
    view = view_of(canvas)
    press(view, Qt.Key.Key_Z)
    before = view.lens.zoom
    QTest.mouseClick(view, LEFT, keys, view.rect().center())
    assert (view.lens.zoom > before) == nearer
    assert view.lens.zoom != before


def test_the_hand_and_the_turn_tool_move_the_view_and_nothing_else(canvas: Window) -> None:
    view, before = view_of(canvas), now(canvas)
    press(view, Qt.Key.Key_H)
    center = QPointF(view.lens.center)
    QTest.mousePress(view, LEFT, NONE, QPoint(100, 100))
    QTest.mouseMove(view, QPoint(140, 100))
    QTest.mouseRelease(view, LEFT, NONE, QPoint(140, 100))
    assert view.lens.center.x() < center.x()
    press(view, Qt.Key.Key_R, Qt.KeyboardModifier.ShiftModifier)
    right, below = QPoint(view.width() - 20, view.height() // 2), QPoint(view.width() // 2, view.height() - 20)
    QTest.mousePress(view, LEFT, NONE, right)
    QTest.mouseMove(view, below)
    QTest.mouseRelease(view, LEFT, NONE, below)
    assert view.lens.angle == pytest.approx(90, abs=2)
    QTest.mouseDClick(view, LEFT, NONE, right)
    assert view.lens.angle == pytest.approx(0)
    assert now(canvas) is before


def test_single_pixels_get_a_grid(canvas: Window) -> None:
    view = view_of(canvas)
    paint_all(canvas)
    view.point_at(None)
    for zoom, has_grid in ((11.0, False), (16.0, True)):
        view.zoom_to(zoom)
        settle()
        image = view.grab().toImage()
        row = {image.pixelColor(x, 300).name() for x in range(300, 340)}
        assert (len(row) > 1) == has_grid


def test_the_frame_keeps_to_what_the_model_can_do(canvas: Window) -> None:
    canvas.studio.easel.snap = 16
    view = view_of(canvas)
    view.zoom_to(1.0)
    stroke(canvas, "frame", (200.0, 0.0), (300.0, 90.0))
    assert now(canvas).frame.size().toTuple() == (96, 96)


def test_rulers_and_the_colour_of_masks_are_settings(canvas: Window) -> None:
    view = view_of(canvas)
    stroke(canvas, "mask", (30, 64), (90, 64))
    view.point_at(None)
    place = view.lens.to_view.map(QPointF(60, 64)).toPoint()
    canvas.studio.memory.change_settings(mask_color="#30b050", mask_opacity=90)
    settle()
    green = view.grab().toImage().pixelColor(place)
    assert green.green() > green.red() + 60
    corner = view.grab().toImage().pixelColor(3, 3)
    canvas.actions_["rulers"].trigger()
    settle()
    assert view.grab().toImage().pixelColor(3, 3) != corner


def test_tools_are_buttons_too(canvas: Window) -> None:
    button = next(each for each in canvas.findChildren(QToolButton) if each.accessibleName() == "Eraser")
    click(button)
    assert canvas.studio.easel.tool == "eraser"
    assert button.isChecked()
