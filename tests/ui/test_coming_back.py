"""What is there at the next launch, and closing at any moment."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImageReader
from PySide6.QtWidgets import QFileDialog, QPushButton

from desktop.engine.api import Failed, Progress, Started
from desktop.ui import notify
from desktop.ui.window import Window
from tests.fakes import FakeEngine, ordinary
from tests.ui.hands import begin, click, make, named, picture, press, toast, until

Act = Callable[[Window, FakeEngine], None]


def test_layout_comes_back(open_window) -> None:
    window = open_window()
    window.resize(window.width(), 660)
    window.docks["results"].hide()
    window.docks["queue"].show()
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, window.docks["prompt"])
    click(window.panel.sampling_section._heading)
    window.close()
    again = open_window()
    assert again.height() == 660
    assert not again.docks["results"].isVisible()
    assert again.docks["queue"].isVisible()
    assert again.dockWidgetArea(again.docks["prompt"]) == Qt.DockWidgetArea.RightDockWidgetArea
    assert not again.panel.sampling_section.open
    assert again.panel.picture_section.open
    again.actions_["reset_layout"].trigger()
    assert again.dockWidgetArea(again.docks["prompt"]) == Qt.DockWidgetArea.LeftDockWidgetArea
    assert again.docks["results"].isVisible()
    assert not again.docks["queue"].isVisible()


def test_all_that_is_set_comes_back(open_window) -> None:
    window = open_window()
    session = window.studio.session
    session.start_from(picture())
    session.prompt, session.negative, session.style = "a tent\nat night", "people", "Watercolour"
    session.seed, session.seed_locked, session.count, session.strength = 2**63 + 1, True, 3, 0.4
    session.steps, session.guidance, session.sampler = 11, 5.5, "heun"
    before = session.to_json()
    window.close()
    again = open_window()
    until(lambda: again.studio.session.source is not None)
    assert again.studio.session.to_json() == before
    assert again.panel.prompt.toPlainText() == "a tent\nat night"
    assert again.panel.seed_row.field.text() == str(2**63 + 1)


def test_a_layout_that_is_nonsense_is_ignored(open_window) -> None:
    window = open_window()
    window.studio.memory.keep("layout", lambda: {"geometry": "!", "docks": 7, "folded": [3]})
    window.studio.memory._save()
    window._keep_layout = lambda: None
    window.close()
    assert open_window().docks["prompt"].isVisible()


# ---------------------------------------------------------------- closing


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
    window.actions_["open"].trigger()
    until(lambda: bool(window.findChildren(QFileDialog)))


def at_once_after_generate(window: Window, engine: FakeEngine) -> None:
    window.studio.generate()


MOMENTS = (
    idle, before_the_first_event, starting, loading, denoising, between_picture_and_end, cancelling, failed,
    with_settings_open, with_a_dialog_open, at_once_after_generate,
)  # fmt: skip


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.__name__)
def test_closing_asks_nothing_and_leaves_nothing(open_window, engine: FakeEngine, pictures: Path, moment: Act) -> None:
    """That no thread is left the fixtures see."""
    window = open_window()
    moment(window, engine)
    window.close()
    assert not window.isVisible()
    assert engine.closed or not engine.warm
    for file in pictures.rglob("*"):
        assert file.is_dir() or not QImageReader(str(file)).read().isNull(), file


def test_waiting_jobs_wait_for_the_next_launch(open_window, engine: FakeEngine) -> None:
    window = open_window()
    session = window.studio.session
    session.seed, session.seed_locked, session.count = 5, True, 3
    denoising(window, engine)
    window.close()
    fresh = FakeEngine()
    again = open_window(lambda device, precision: fresh)
    shown = toast(again, "3 jobs are waiting from the last time")
    assert [entry.job.work.seed for entry in again.studio.queue.entries] == [5, 6, 7]
    assert not fresh.jobs
    click(named(shown, QPushButton, "Go on"))
    until(lambda: len(again.studio.results.all) == 3)
    assert [job.work.seed for job in fresh.jobs] == [5, 6, 7]


def test_waiting_jobs_are_discarded(open_window, engine: FakeEngine) -> None:
    window = open_window()
    window.studio.session.count = 2
    denoising(window, engine)
    window.close()
    again = open_window(lambda device, precision: FakeEngine())
    click(named(toast(again, "2 jobs are waiting"), QPushButton, "Discard"))
    assert not again.studio.queue.entries
    make(again, 1)  # the queue is not left paused


def test_a_failed_job_keeps_its_reason(open_window, engine: FakeEngine) -> None:
    window = open_window()
    failed(window, engine)
    window.close()
    engine.script = None
    again = open_window(lambda device, precision: FakeEngine())
    [entry] = again.studio.queue.failed
    assert entry.failure
    assert entry.failure.message == "The disk is full."
    again.studio.queue.retry(entry.id)
    until(lambda: len(again.studio.results.all) == 1)


# ---------------------------------------------------------------- notifications


@pytest.mark.parametrize(("seconds", "wanted", "in_front", "told"), [
    (60.0, True, False, True),
    (60.0, True, True, False),
    (60.0, False, False, False),
    (2.0, True, False, False),
])  # fmt: skip
def test_a_long_job_in_the_background_is_told(
    window: Window, monkeypatch: pytest.MonkeyPatch, seconds: float, wanted: bool, in_front: bool, told: bool
) -> None:
    said: list[tuple[str, str]] = []
    monkeypatch.setattr(notify.Notifier, "say", lambda self, title, text: said.append((title, text)))
    monkeypatch.setattr(notify.QApplication, "activeWindow", lambda: window if in_front else None)
    window.studio.memory.change_settings(notify=wanted)
    window.studio.finished.emit(seconds)
    assert said == ([("The picture is ready", "It took 1 min 0 s.")] if told else [])


def test_without_a_tray_nothing_is_said_and_nothing_breaks(window: Window) -> None:
    window.notifier.say("The picture is ready", "It took 1 min.")
    press(window, Qt.Key.Key_F8)
