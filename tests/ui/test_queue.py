"""The queue line and the list of jobs."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton, QWidget

from desktop.engine.api import Failed, Progress, Started
from desktop.studio.pace import Pace
from desktop.studio.plan import plan
from desktop.ui.queue.model import QueueModel
from desktop.ui.window import Window
from tests.fakes import FakeEngine
from tests.ui.hands import (
    ALT,
    CONTROL,
    NONE,
    SHIFT,
    begin,
    click,
    drag,
    drop,
    make,
    menu_of,
    mime_of,
    named,
    picture,
    press,
    seen,
    until,
)

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


def test_the_bar_fills(window: Window, engine: FakeEngine) -> None:
    def bars() -> list[QWidget]:
        inside = window.statusBar().findChildren(QWidget)
        return [each for each in inside if each.isVisible() and each.accessibleName().startswith("Progress")]

    assert not bars()
    begin(window, engine, DENOISING)
    until(lambda: [bar.accessibleName() for bar in bars()] == ["Progress 25%"])
    pixels = seen(bars()[0])[3]
    quarter = len(pixels) // 4
    done, rest = pixels[2 : quarter - 2], pixels[quarter + 2 : -2]
    assert np.ptp(done, axis=0).max() == np.ptp(rest, axis=0).max() == 0  # two plain colours
    assert tuple(done[0]) != tuple(rest[0])
    window.studio.cancel()
    until(lambda: not bars())


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


@pytest.mark.parametrize(
    ("row", "before", "order"),
    [(3, 1, [0, 3, 1, 2]), (1, 3, [0, 2, 1, 3]), (1, None, [0, 2, 3, 1]), (2, 0, [0, 2, 1, 3]), (2, 2, [0, 1, 2, 3])],
)
def test_a_job_is_dragged_to_its_place(
    window: Window, engine: FakeEngine, row: int, before: int | None, order: list[int]
) -> None:
    open_queue_of_four(window, engine)
    model, jobs = window.queue_panel.model, window.queue_panel.list
    last = jobs.visualRect(model.index(3))
    upper_edge = QPoint(20, last.bottom() + 8) if before is None else jobs.visualRect(model.index(before)).topLeft()
    drop(jobs.viewport(), model.mimeData([model.index(row)]), upper_edge + QPoint(0, 1), Qt.DropAction.MoveAction)
    assert seeds(window) == order


def test_only_what_waits_can_be_dragged(window: Window, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    open_queue_of_four(window, engine)
    model, jobs = window.queue_panel.model, window.queue_panel.list
    dragged: list[int] = []
    carry = QueueModel.mimeData
    monkeypatch.setattr(
        QueueModel, "mimeData", lambda self, chosen: dragged.append(chosen[0].row()) or carry(self, chosen)
    )
    for row in (0, 2):
        at = jobs.visualRect(model.index(row)).center()
        drag(jobs.viewport(), at, at + QPoint(40, 30))
    assert dragged == [2]


def test_a_picture_file_is_no_job(window: Window, engine: FakeEngine, tmp_path: Path) -> None:
    open_queue_of_four(window, engine)
    file = tmp_path / "foreign.png"
    file.write_bytes(picture().png())
    drop(window.queue_panel.list.viewport(), mime_of(file), action=Qt.DropAction.MoveAction)
    assert seeds(window) == [0, 1, 2, 3]
    until(lambda: window.studio.session.source == picture())  # it is what it is everywhere else


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


def pause_in_the_line(window: Window) -> None:
    click(named(window.statusBar(), QToolButton, "Pause the queue"))


def pause_in_the_panel(window: Window) -> None:
    window.docks["queue"].show()
    click(named(window.queue_panel, QToolButton, "Pause the queue"))


def pause_by_keys(window: Window) -> None:
    press(window.panel.prompt, Qt.Key.Key_P, CONTROL | SHIFT)


@pytest.mark.parametrize("pause", [pause_in_the_line, pause_in_the_panel, pause_by_keys], ids=lambda way: way.__name__)
def test_paused_no_further_job_begins(window: Window, engine: FakeEngine, pause: Callable[[Window], None]) -> None:
    engine.hold()
    window.studio.session.count = 2
    window.studio.generate()
    until(lambda: len(engine.jobs) == 1)
    pause(window)
    engine.free()
    until(lambda: len(window.studio.results.all) == 1)
    until(lambda: window.studio.queue.running is None)
    assert named(window.statusBar(), QLabel, "Paused")
    assert named(window.statusBar(), QToolButton, "Pause the queue").isChecked()
    pause(window)
    until(lambda: len(window.studio.results.all) == 2)
    assert not window.actions_["pause"].isChecked()


def test_the_panel_cancels_all(window: Window, engine: FakeEngine) -> None:
    open_queue_of_four(window, engine)
    click(named(window.queue_panel, QToolButton, "Cancel all jobs"))
    until(lambda: not window.studio.queue.entries)
    assert not shown(window)
    assert not window.actions_["cancel_all"].isEnabled()


def test_a_job_that_is_slow_to_stop_says_so(window: Window) -> None:
    """Between the wish and the end; a second time it is by force."""
    [job] = plan(window.studio.session, window.studio.styles)
    window.studio.queue.due.disconnect()  # nobody runs it
    window.studio.queue.submit([job])
    unwanted: list[str] = []
    window.studio.queue.unwanted.connect(unwanted.append)
    assert named(window.statusBar(), QLabel, "Starting")
    for _ in range(2):
        press(window.panel.prompt, Qt.Key.Key_Period, CONTROL)
    assert named(window.statusBar(), QLabel, "Stopping")
    assert unwanted == [job.id, job.id]


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
    until(lambda: [row.split()[0] for row in shown(window)] == ["done"])


def test_an_empty_queue_says_so(window: Window) -> None:
    press(window, Qt.Key.Key_F9, NONE)
    assert [
        each for each in window.queue_panel.findChildren(QLabel) if each.isVisible() and "Nothing waits" in each.text()
    ]


# ---------------------------------------------------------------- what was done, and what is chosen


def test_what_is_done_stands_below_until_it_is_cleared(window: Window, engine: FakeEngine) -> None:
    make(window, 7, 8)
    open_queue_of_four(window, engine)
    assert [row.split()[0] for row in shown(window)] == ["denoising", *["waiting"] * 3, "done", "done"]
    choose(window, 4)
    press(window.queue_panel.list, Qt.Key.Key_Delete)  # there is nothing to cancel
    assert len(shown(window)) == 6
    click(named(window.queue_panel, QToolButton, "Clear done jobs"))
    assert len(shown(window)) == 4
    assert not window.actions_["clear_done"].isEnabled()
    assert len(window.studio.results.all) == 2


def menu_item(window: Window, row: int, text: str) -> None:
    """A right click on the row, and a click on that item."""
    panel = window.queue_panel
    choose(window, row)
    menu = menu_of(panel.list.viewport(), panel.list.visualRect(panel.model.index(row)).center())
    action = next(each for each in menu.actions() if each.text() == text)
    assert action.isEnabled()
    click(menu, menu.actionGeometry(action).center())


def test_the_menu_brings_a_job_to_the_front(window: Window, engine: FakeEngine) -> None:
    open_queue_of_four(window, engine)
    menu_item(window, 3, "Run this job next")
    assert seeds(window) == [0, 3, 1, 2]


def test_after_the_running_job_the_rest_is_cancelled(window: Window, engine: FakeEngine) -> None:
    open_queue_of_four(window, engine)
    menu_item(window, 0, "Cancel after this job")
    assert seeds(window) == [0]
    assert window.studio.queue.running
    assert not window.actions_["cancel_waiting"].isEnabled()


def test_a_job_that_waits_is_edited_and_replaced(window: Window, engine: FakeEngine) -> None:
    open_queue_of_four(window, engine)
    session = window.studio.session
    session.prompt, session.seed = "something else", 99
    choose(window, 2)
    press(window.queue_panel.list, Qt.Key.Key_Return)
    until(lambda: session.seed == 2)
    assert session.prompt != "something else"
    assert shown(window)[2].startswith("being edited")
    assert window.panel.prompt.hasFocus()
    session.prompt = "a tent"
    click(named(window.queue_panel.banner, QPushButton, "Replace the job"))
    assert seeds(window) == [0, 1, 2, 3]
    assert [entry.job.work.prompt == "a tent" for entry in window.studio.queue.entries] == [False, False, True, False]
    assert not window.queue_panel.banner.isVisible()


def test_a_job_that_is_edited_is_held_back_until_it_is_left_alone(window: Window, engine: FakeEngine) -> None:
    open_queue_of_four(window, engine)
    before = window.studio.queue.entries[1].job
    menu_item(window, 1, "Edit this job")
    engine.script = None
    engine.free()
    window.studio.cancel()
    until(lambda: len(window.studio.results.all) == 2)
    assert seeds(window) == [1]
    click(named(window.queue_panel.banner, QPushButton, "Leave it as it was"))
    until(lambda: len(window.studio.results.all) == 3)
    assert engine.jobs[-1] == before


def test_only_what_fits_the_chosen_job_can_be_done(window: Window, engine: FakeEngine) -> None:
    make(window, 7)
    open_queue_of_four(window, engine)
    actions = ("job_next", "job_edit", "job_retry", "job_cancel")
    for row, possible in ((0, [False, False, False, True]), (1, [True, True, False, True]), (4, [False] * 4)):
        choose(window, row)
        assert [window.actions_[name].isEnabled() for name in actions] == possible
