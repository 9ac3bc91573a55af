"""Closing at any moment: nothing is asked, nothing is left behind, and what waits is there the next time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImageReader
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from desktop.database import Database
from desktop.engine.api import Failed, Progress, Started
from desktop.paths import data_folder
from desktop.ui.window import Window
from tests.fakes import FakeEngine, ordinary
from tests.ui.conftest import Open
from tests.ui.hands import CONTROL, LEFT, NONE, begin, click, make, menu_of, press, type_into, until

Act = Callable[[Window, FakeEngine], None]


def idle(window: Window, engine: FakeEngine) -> None:
    pass


def before_the_first_event(window: Window, engine: FakeEngine) -> None:
    begin(window, engine, [])


def starting(window: Window, engine: FakeEngine) -> None:
    begin(window, engine, [Progress(0, 1, "starting the engine")])


def loading(window: Window, engine: FakeEngine) -> None:
    begin(window, engine, [Started(), Progress(40, 100, "loading model")])


def denoising(window: Window, engine: FakeEngine) -> None:
    begin(window, engine, [Started(), Progress(4, 20, "denoising")])


def between_picture_and_end(window: Window, engine: FakeEngine) -> None:
    engine.hold()
    window.studio.generate()
    until(lambda: bool(engine.jobs))
    engine.let(len(ordinary(engine.jobs[0].work)) - 1)
    until(lambda: bool(window.studio.results.all))


def cancelling(window: Window, engine: FakeEngine) -> None:
    denoising(window, engine)
    window.studio.cancel()


def failed(window: Window, engine: FakeEngine) -> None:
    engine.script = [Started(), Failed("The disk is full.", "Make room.")]
    window.studio.generate()
    until(lambda: bool(window.studio.queue.failed))


def with_settings_open(window: Window, engine: FakeEngine) -> None:
    window.open_settings()
    denoising(window, engine)


def with_a_dialog_open(window: Window, engine: FakeEngine) -> None:
    denoising(window, engine)
    window.actions_["open"].trigger()
    until(lambda: bool(window.findChildren(QFileDialog)))


def at_once_after_generate(window: Window, engine: FakeEngine) -> None:
    window.studio.generate()


def with_jobs_waiting(window: Window, engine: FakeEngine) -> None:
    window.studio.session.count = 5
    denoising(window, engine)


def with_a_message_open(window: Window, engine: FakeEngine) -> None:
    failed(window, engine)
    until(lambda: bool(window.toasts.shown))


def with_the_palette_open(window: Window, engine: FakeEngine) -> None:
    denoising(window, engine)
    press(window, Qt.Key.Key_K, CONTROL)


def with_a_menu_open(window: Window, engine: FakeEngine) -> None:
    make(window, 1)
    denoising(window, engine)
    menu_of(window.view)


def with_styles_listed(window: Window, engine: FakeEngine) -> None:
    type_into(window.panel.prompt, " /wat")


def while_a_number_is_typed(window: Window, engine: FakeEngine) -> None:
    click(window.panel.steps)


def while_the_picture_is_dragged(window: Window, engine: FakeEngine) -> None:
    make(window, 1)
    denoising(window, engine)
    QTest.mousePress(window.view, LEFT, NONE, QPoint(100, 100))
    QTest.mouseMove(window.view, QPoint(140, 90))


def while_a_slider_is_dragged(window: Window, engine: FakeEngine) -> None:
    QTest.mousePress(window.panel.guidance, LEFT, NONE, QPoint(20, 10))
    QTest.mouseMove(window.panel.guidance, QPoint(60, 10))


def while_pictures_are_opened(window: Window, engine: FakeEngine) -> None:
    make(window, *range(6))
    for result in window.studio.results.all:
        window.studio.stage.show(result)
        window.studio.opening.start_from_result(result)


def while_something_is_saved(window: Window, engine: FakeEngine) -> None:
    make(window, 1)
    window.studio.saving.save_as(
        window.studio.results.all[0], window.studio.memory.settings.pictures_folder / "copy.png"
    )


def twice(window: Window, engine: FakeEngine) -> None:
    denoising(window, engine)
    window.close()


IDLE = (idle, with_styles_listed, while_a_number_is_typed, while_a_slider_is_dragged)
BUSY = (
    before_the_first_event, starting, loading, denoising, between_picture_and_end, with_jobs_waiting, failed,
    with_settings_open, with_a_dialog_open, with_a_message_open, with_the_palette_open, with_a_menu_open,
    while_the_picture_is_dragged, twice,
)  # fmt: skip
WRITING = (while_pictures_are_opened, while_something_is_saved)
ENDING = (cancelling, at_once_after_generate)  # there may or may not be a job left


@pytest.mark.parametrize("moment", [*IDLE, *BUSY, *WRITING, *ENDING], ids=lambda moment: moment.__name__)
def test_closing_asks_nothing_and_leaves_nothing(
    open_window: Open, engine: FakeEngine, pictures: Path, tmp_path: Path, moment: Act
) -> None:
    """That no thread is left the fixtures see."""
    window = open_window()
    moment(window, engine)
    jobs = [(entry.id, entry.job.work) for entry in window.studio.queue.entries]
    made = {result.file for result in window.studio.results.all}
    window.close()
    assert not window.isVisible()
    assert engine.closed or not engine.warm
    assert not [file for file in tmp_path.rglob("*") if file.suffix in (".part", ".tmp")]
    for file in pictures.rglob("*.png"):
        assert not QImageReader(str(file)).read().isNull(), file
    again = open_window(lambda device, precision: FakeEngine())
    until(lambda: {result.file for result in again.studio.results.all} >= made)
    there = [(entry.id, entry.job.work) for entry in again.studio.queue.entries]
    if moment in BUSY:
        assert len(jobs) > 0
    assert there == jobs or (moment in ENDING and not there)
    again.studio.queue.paused = False
    until(lambda: not again.studio.queue.waiting and not again.studio.queue.running)
    assert {work for _, work in jobs} <= {
        *(result.recipe for result in again.studio.results.all),
        *(entry.job.work for entry in again.studio.queue.failed),
    } or moment in ENDING


def test_what_was_typed_last_is_kept(open_window: Open) -> None:
    window = open_window()
    window.panel.prompt.selectAll()
    type_into(window.panel.prompt, "to the last letter")
    window.panel.guidance.setFocus()
    press(window.panel.guidance, Qt.Key.Key_Right)
    window.close()
    stored = Database(data_folder() / "sfumato.db")
    session = dict(stored.state("session") or {})
    stored.close()
    assert (session["prompt"], session["guidance"]) == ("to the last letter", 4.5)
