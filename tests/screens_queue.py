"""The queue's and the sheets' states for tests.screens."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop.engine.api import Failed, Preview, Started
from desktop.ui.sheets import SheetWindow

if TYPE_CHECKING:
    from tests.screens import Scene

PROMPTS = (
    "a calm lake at dawn, a sailboat with a white sail in the middle, clouds",
    "green hills at noon with a windmill on the left and a rainbow",
    "desert dunes at night, a crescent moon on the right, a cactus on the left",
)
HOUSE = "a house with a red roof in front of snowy mountains at sunset"


def queue_full(scene: Scene) -> None:
    """One runs, one is edited, two wait, one has failed, two are done."""
    studio, window = scene.studio, scene.window
    scene.make(HOUSE, PROMPTS[0])
    scene.engine.script = [Started(), Failed("The engine was killed by SIGKILL.", "Try again; it starts anew.")]
    scene.generate(PROMPTS[2])
    scene.until(lambda: bool(studio.queue.failed))
    scene.engine.script = None
    for toast in list(window.toasts.shown):
        toast.leave()
    scene.stop_before(Preview, 9)
    for prompt in (PROMPTS[1], *PROMPTS[1:]):
        scene.generate(prompt)
    window.actions_["show_queue"].trigger()
    panel = window.queue_panel
    panel.list.setCurrentIndex(panel.model.index(3))
    window.actions_["job_edit"].trigger()
    scene.until(lambda: studio.session.prompt == PROMPTS[1])
    for toast in list(window.toasts.shown):
        toast.leave()
    window.resizeDocks([window.docks["queue"]], [300], Qt.Orientation.Vertical)
    QTest.qWait(200)


def queue_menu(scene: Scene) -> None:
    queue_full(scene)
    panel = scene.window.queue_panel
    panel.list.customContextMenuRequested.emit(panel.list.visualRect(panel.model.index(2)).center())
    QTest.qWait(100)


def _window(scene: Scene) -> SheetWindow:
    scene.window.actions_["sheet"].trigger()
    sheet = scene.window.findChild(SheetWindow)
    assert isinstance(sheet, SheetWindow)
    return sheet


def sheet_window(scene: Scene) -> None:
    scene.make(HOUSE)
    sheet = _window(scene)
    sheet.axes[1].content = ("sampler", "Euler, DPM++ 2M Karras, DDIM")
    sheet.axes[2].content = ("prompt", "red, blue")
    QTest.qWait(100)


def sheet_window_wrong(scene: Scene) -> None:
    sheet = _window(scene)
    sheet.axes[0].content = ("steps", "10, twenty")
    sheet.axes[1].content = ("strength", "0.3, 0.5")
    sheet.axes[2].content = ("prompt", "yellow, blue")
    QTest.qWait(100)


def _make(scene: Scene, *axes: tuple[str, str]) -> None:
    scene.studio.session.prompt = HOUSE
    sheet = _window(scene)
    for row, content in zip(sheet.axes, axes, strict=False):
        row.content = content
    QTest.mouseClick(sheet.make, Qt.MouseButton.LeftButton)
    end = time.monotonic() + 60  # it takes its time
    while not scene.studio.results.all and time.monotonic() < end:
        QTest.qWait(10)
    scene.until(lambda: bool(scene.studio.results.all))


def sheet_result(scene: Scene) -> None:
    _make(scene, ("steps", "4, 8, 20"), ("sampler", "Euler, DPM++ 2M Karras"), ("prompt", "red, blue"))


STATES = (queue_full, queue_menu, sheet_window, sheet_window_wrong, sheet_result)
REAL = (sheet_result,)
AT_200 = (queue_full, sheet_window)
