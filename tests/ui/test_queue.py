"""The queue line and the list of jobs."""

from __future__ import annotations

import time

from PySide6.QtCore import QMimeData, QModelIndex, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton

from desktop.engine.api import Failed, Progress, Started
from desktop.studio.pace import Pace
from desktop.ui.window import Window
from tests.fakes import FakeEngine
from tests.ui.hands import ALT, CONTROL, NONE, SHIFT, begin, click, named, press, until

DENOISING = [Started(), Progress(5, 20, "denoising")]


def shown(window: Window) -> list[str]:
    model = window.queue_panel.model
    return [model.data(model.index(row)) for row in range(model.rowCount())]


def seeds(window: Window) -> list[int]:
    return [entry.job.work.seed for entry in window.studio.queue.entries]


def open_queue_of_four(window: Window, engine: FakeEngine) -> None:
    """One runs, three wait, with the seeds 0 to 3."""
    session = window.studio.session
    session.seed, session.seed_locked, session.count = 0, True, 4
    begin(window, engine, DENOISING)
    until(lambda: shown(window)[0].startswith("denoising"))
    click(named(window.statusBar(), QPushButton, "Show the queue"))
    until(window.queue_panel.isVisible)


def choose(window: Window, row: int) -> None:
    panel = window.queue_panel
    click(panel.list.viewport(), panel.list.visualRect(panel.model.index(row)).center())


def test_the_line_says_what_is_going_on(window: Window, engine: FakeEngine) -> None:
    line = window.statusBar()
    assert named(line, QLabel, "Ready")
    window.studio.session.count = 3
    for progress, words in (
        (Progress(0, 1, "starting the engine"), "Starting the engine"),
        (Progress(40, 100, "loading model"), "Loading model 40 %"),
        (Progress(7, 20, "denoising"), "Denoising 7 of 20"),
    ):
        begin(window, engine, [Started(), progress])
        until(lambda words=words: bool([each for each in line.findChildren(QLabel) if each.text() == words]))
        assert named(line, QPushButton, "2 waiting")
        window.studio.queue.cancel_all()
        until(lambda: not window.studio.queue.entries)
    assert named(line, QLabel, "Ready")


def test_a_long_run_says_how_long_it_will_take(window: Window, engine: FakeEngine) -> None:
    open_queue_of_four(window, engine)
    running = window.studio.queue.running
    assert running
    running.pace = Pace()
    for step in (6, 7, 8):  # two seconds each, the last one just now
        running.pace.take(Progress(step, 20, "denoising"), time.monotonic() + 2 * (step - 8))
    window.studio.queue.progressed.emit(running)
    assert [each for each in window.statusBar().findChildren(QLabel) if each.text() in ("24 s left", "23 s left")]


def test_jobs_stand_in_their_order(window: Window, engine: FakeEngine) -> None:
    open_queue_of_four(window, engine)
    assert [row.split()[0] for row in shown(window)] == ["denoising", "waiting", "waiting", "waiting"]
    assert window.studio.session.prompt in shown(window)[0]


def test_keys_move_a_job(window: Window, engine: FakeEngine) -> None:
    open_queue_of_four(window, engine)
    choose(window, 3)
    press(window.queue_panel.list, Qt.Key.Key_Up, ALT)
    assert seeds(window) == [0, 1, 3, 2]
    press(window.queue_panel.list, Qt.Key.Key_Up, ALT)
    press(window.queue_panel.list, Qt.Key.Key_Up, ALT)  # before the running one there is no place
    assert seeds(window) == [0, 3, 1, 2]
    press(window.queue_panel.list, Qt.Key.Key_Down, ALT)
    assert seeds(window) == [0, 1, 3, 2]


def test_buttons_move_a_job(window: Window, engine: FakeEngine) -> None:
    open_queue_of_four(window, engine)
    choose(window, 1)
    click(named(window.queue_panel, QToolButton, "Later"))
    assert seeds(window) == [0, 2, 1, 3]
    click(named(window.queue_panel, QToolButton, "Sooner"))
    assert seeds(window) == [0, 1, 2, 3]


def test_a_job_is_dragged_to_its_place(window: Window, engine: FakeEngine) -> None:
    open_queue_of_four(window, engine)
    model = window.queue_panel.model
    for row, to, order in ((3, 1, [0, 3, 1, 2]), (1, 4, [0, 1, 2, 3]), (2, 0, [0, 2, 1, 3])):
        mime: QMimeData = model.mimeData([model.index(row)])
        assert model.canDropMimeData(mime, Qt.DropAction.MoveAction, to, 0, QModelIndex())
        model.dropMimeData(mime, Qt.DropAction.MoveAction, to, 0, QModelIndex())
        assert seeds(window) == order
    running, waiting = model.index(0), model.index(1)
    assert not model.flags(running) & Qt.ItemFlag.ItemIsDragEnabled
    assert model.flags(waiting) & Qt.ItemFlag.ItemIsDragEnabled


def test_delete_cancels_the_chosen_job(window: Window, engine: FakeEngine) -> None:
    open_queue_of_four(window, engine)
    choose(window, 2)
    press(window.queue_panel.list, Qt.Key.Key_Delete)
    assert seeds(window) == [0, 1, 3]
    choose(window, 0)
    press(window.queue_panel.list, Qt.Key.Key_Delete)
    until(lambda: seeds(window) == [1, 3])


def test_what_is_chosen_stays_so_while_others_go(window: Window, engine: FakeEngine) -> None:
    open_queue_of_four(window, engine)
    choose(window, 2)
    window.studio.cancel()
    until(lambda: seeds(window) == [1, 2, 3])
    chosen = window.queue_panel.chosen
    assert chosen is not None
    assert chosen.job.work.seed == 2


def test_paused_no_further_job_begins(window: Window, engine: FakeEngine) -> None:
    engine.hold()
    window.studio.session.count = 2
    window.studio.generate()
    until(lambda: len(engine.jobs) == 1)
    click(named(window.statusBar(), QToolButton, "Pause the queue"))
    engine.free()
    until(lambda: len(window.studio.results.all) == 1)
    assert window.studio.queue.running is None
    assert named(window.statusBar(), QLabel, "Paused")
    assert window.actions_["pause"].isChecked()
    press(window, Qt.Key.Key_P, CONTROL | SHIFT)
    until(lambda: len(window.studio.results.all) == 2)
    assert not window.actions_["pause"].isChecked()


def test_a_failed_job_is_tried_again_from_the_list(window: Window, engine: FakeEngine) -> None:
    engine.script = [Started(), Failed("The disk is full.", "Make room.")]
    window.studio.generate()
    until(lambda: bool(window.studio.queue.failed))
    window.actions_["show_queue"].trigger()
    assert named(window.statusBar(), QPushButton, "1 failed")
    assert shown(window)[0].startswith("The disk is full.")
    model = window.queue_panel.model
    assert "Make room." in model.data(model.index(0), Qt.ItemDataRole.ToolTipRole)
    engine.script = None
    choose(window, 0)
    click(named(window.queue_panel, QToolButton, "Try again"))
    until(lambda: len(window.studio.results.all) == 1)
    assert not shown(window)


def test_an_empty_queue_says_so(window: Window) -> None:
    press(window, Qt.Key.Key_F9, NONE)
    assert [
        each for each in window.queue_panel.findChildren(QLabel) if each.isVisible() and "Nothing waits" in each.text()
    ]
