"""What a person does on the canvas of a whole window, and what is there then."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPointF, QRect
from PySide6.QtTest import QTest

from desktop.canvas.composite import flatten
from desktop.canvas.snapshot import Snapshot
from desktop.raster import Raster
from desktop.ui.canvas.view import CanvasView
from desktop.ui.window import Window
from tests.ui.hands import LEFT, NONE, click, until

RED = (200, 40, 30)


def view_of(window: Window) -> CanvasView:
    return window.canvas.view


def now(window: Window) -> Snapshot:
    snapshot = window.studio.easel.snapshot
    assert snapshot
    return snapshot


def stroke(window: Window, tool: str, *places: tuple[float, float], size: float = 20) -> None:
    view, easel = view_of(window), window.studio.easel
    easel.tool = tool
    easel.brush.size = size
    at = [view.lens.to_view.map(QPointF(*place)).toPoint() for place in places]
    QTest.mousePress(view, LEFT, NONE, at[0])
    for point in at[1:]:
        QTest.mouseMove(view, point)
    QTest.mouseRelease(view, LEFT, NONE, at[-1])


def paint_all(window: Window) -> None:
    """The whole frame, opaque."""
    frame = now(window).frame
    stroke(window, "brush", (0, frame.height() / 2), (frame.width(), frame.height() / 2), size=400)


def says(window: Window, words: str) -> None:
    until(lambda: window.panel.generate.text() == words)


def generate(window: Window, count: int = 1) -> None:
    """By the button, and waits for the pictures."""
    window.studio.session.count = count
    before = len(window.studio.results.all)
    click(window.panel.generate)
    until(lambda: len(window.studio.results.all) == before + count and not window.studio.queue.entries)


def pixel(window: Window, x: int, y: int) -> tuple[int, ...]:
    return tuple(map(int, flatten(now(window), QRect(x, y, 1, 1))[0, 0]))


def color_of(window: Window, place: int = 0) -> tuple[int, ...]:
    """Of a plain result."""
    raster = Raster.read(window.studio.results.all[place].file or Path())
    return (*map(int, raster.pixels[0, 0]), 255)
