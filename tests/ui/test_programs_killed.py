"""Programs that are killed, and what the next launch finds."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from desktop.engine.api import Progress
from desktop.raster import Raster
from desktop.studio.making import Kept
from desktop.studio.worker import Worker
from desktop.ui.window import Window
from tests.canvas.painter import digest
from tests.ui.hands import LEFT, NONE, click, denoising, drag, named, toast, type_into
from tests.ui.programs import Launch, files, kill
from tests.ui.story import Steps, after, all_kept, never, say

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")

LONG = 150  # steps: seconds, in which much can happen
SEEDS = [7, 8, 9]
KEPT_WITHIN = 1.0  # seconds after which a step on the canvas is safe
SETTLED = 0.5  # seconds after which nothing is lost any more


def state_of(window: Window) -> dict[str, Any]:
    """What must come back."""
    studio = window.studio
    return {
        "prompt": window.panel.prompt.toPlainText(),
        "steps": studio.session.steps,
        "height": window.height(),
        "docks": sorted(name for name, dock in window.docks.items() if dock.isVisible()),
        "folded": sorted(name for name, section in window.panel.sections.items() if not section.open),
    }


def seeds_of(window: Window) -> dict[str, Any]:
    studio = window.studio
    jobs = [entry for entry in studio.queue.entries if entry in studio.queue.waiting or entry is studio.queue.running]
    return {
        "left": [entry.job.work.seed for entry in jobs],
        "made": sorted(each.recipe.seed for each in studio.results.all),
        "paused": studio.queue.paused,
    }


def submit(window: Window, seeds: list[int], steps: int) -> None:
    session = window.studio.session
    session.seed, session.seed_locked, session.count, session.steps = seeds[0], True, len(seeds), steps
    click(window.panel.generate)


def looks_around(window: Window) -> Steps:
    """And closes it again."""
    yield lambda: bool(window.studio.shelf.models)
    restored: list[None] = []
    for lane in (window.studio.errands, window.studio.gallery.lane):  # jobs come by the one, pictures by the other
        lane.send(lambda: None, restored.append)
    yield lambda: len(restored) == 2
    say({"state": state_of(window), "seeds": seeds_of(window)})
    window.close()


def goes_on(window: Window) -> Steps:
    """With the jobs of the last time."""
    yield lambda: bool(window.toasts.shown)
    say(seeds_of(window))
    click(named(toast(window, "3 jobs are waiting"), QPushButton, "Go on"))
    yield lambda: not window.studio.queue.entries
    say(seeds_of(window))
    window.close()


def changes_all(window: Window) -> Steps:
    yield lambda: bool(window.studio.shelf.models)
    window.actions_["show_queue"].trigger()
    window.actions_["show_results"].trigger()
    window.resize(window.width(), 740)  # the offscreen screen has 800 pixels, less than some fonts want for the width
    click(named(window.panel, QPushButton, "Sampling: open or close"))
    window.panel.prompt.selectAll()
    type_into(window.panel.prompt, "a quiet harbour in the fog")
    window.studio.session.steps = 33
    yield after(SETTLED)
    yield all_kept(window)
    say(state_of(window))
    yield never


def canvas_of(window: Window) -> dict[str, Any]:
    """What must come back of the canvas: all steps, which of them is the present one, and how each looks."""
    document = window.studio.easel.document
    assert document
    return {
        "steps": [step.name for step in document.history.steps],
        "looks": [digest(step.snapshot) for step in document.history.steps],
        "at": document.history.at,
        "frame": repr(document.snapshot.frame),
        "prompt": window.panel.prompt.toPlainText(),
        "active": window.studio.easel.active,
    }


def paints(window: Window) -> Steps:
    """Strokes, a frame, a prompt; within a second all of it is safe, and another stroke is under way."""
    easel, view = window.studio.easel, window.canvas.view
    window.actions_["canvas"].trigger()
    yield lambda: easel.document is not None and view.isVisible()
    type_into(window.panel.prompt, "gulls over ")
    for number in range(3):
        easel.color = (60 * number, 90, 200 - 60 * number)
        drag(view, QPoint(150, 150 + 60 * number), QPoint(350, 190 + 60 * number))
    window.studio.framing.extend(0, 0, 64, 0)
    yield lambda: window.actions_["undo"].isEnabled()
    window.actions_["undo"].trigger()
    yield after(KEPT_WITHIN)
    say(canvas_of(window))
    QTest.mousePress(view, LEFT, NONE, QPoint(150, 400))
    QTest.mouseMove(view, QPoint(300, 420))
    yield never


def looks_at_canvas(window: Window) -> Steps:
    """And undoes a step: the past is there, too."""
    easel = window.studio.easel
    yield lambda: easel.document is not None
    found = canvas_of(window)
    assert easel.document
    easel.document.undo()
    found["undone"] = digest(easel.document.snapshot)
    say(found)
    window.close()


def lets_jobs_wait(window: Window) -> Steps:
    yield lambda: bool(window.studio.shelf.models)
    window.actions_["pause"].trigger()
    submit(window, SEEDS, steps=4)
    yield all_kept(window)
    yield lambda: bool(window.studio.devices())  # the engine waits, too
    say("they wait")
    yield never


def is_busy(window: Window) -> Steps:
    yield lambda: bool(window.studio.shelf.models)
    submit(window, SEEDS, LONG)
    yield all_kept(window)
    yield denoising(window, 3)
    say("it draws")
    yield never


def draws_quickly(window: Window) -> Steps:
    """Many small ones, and tells of each that has left the engine, and of each that is kept."""
    studio = window.studio

    def hear(_: str, event: object) -> None:
        if isinstance(event, Kept):
            say("kept")
        elif isinstance(event, Progress) and event.note == "decoding":
            say("decoding")

    lane = studio.findChild(Worker, "engine")
    assert lane
    lane.told.connect(hear)
    yield lambda: bool(studio.shelf.models)
    submit(window, list(range(20)), steps=1)
    yield never


def left_of(launch: Launch) -> dict[str, Any]:
    """What the next launch finds."""
    program = launch(looks_around)
    found = program.says()
    assert program.ends()[0] == 0
    return found


def test_killed_once_all_is_settled_nothing_that_was_changed_is_lost(launch: Launch) -> None:
    program = launch(changes_all)
    state = program.says()
    kill(program)
    assert state["prompt"] == "a quiet harbour in the fog"
    assert state["height"] == 740
    assert state["docks"] == ["prompt", "queue"]
    assert state["folded"] == ["parts", "sampling"]
    assert left_of(launch)["state"] == state


def test_killed_while_people_paint_the_canvas_is_there_with_its_past(launch: Launch) -> None:
    program = launch(paints)
    before = program.says()
    kill(program)
    program = launch(looks_at_canvas)
    after_all = program.says()
    assert program.ends()[0] == 0
    assert after_all.pop("undone") == before["looks"][before["at"] - 1]
    assert after_all == before
    assert before["steps"] == ["New document", *["Brush stroke"] * 3, "Frame"]
    assert before["at"] == 3
    assert before["active"]


def test_killed_while_it_draws_all_jobs_wait_the_next_time(launch: Launch, pictures: Path) -> None:
    program = launch(is_busy)
    program.says()
    assert program.has_engine()
    kill(program)
    assert not files(pictures)
    assert left_of(launch)["seeds"] == {"left": SEEDS, "made": [], "paused": True}


def test_killed_while_jobs_wait_they_go_on_when_people_say_so(launch: Launch) -> None:
    program = launch(lets_jobs_wait)
    program.says()
    kill(program)
    program = launch(goes_on)
    assert program.says() == {"left": SEEDS, "made": [], "paused": True}
    assert program.says() == {"left": [], "made": SEEDS, "paused": False}
    assert program.ends() == (0, "", "")


@pytest.mark.parametrize(("moment", "times"), [("decoding", 3), ("kept", 2)])
def test_killed_at_full_speed_each_picture_is_whole_or_its_job_waits(
    launch: Launch, pictures: Path, moment: str, times: int
) -> None:
    program = launch(draws_quickly)
    for _ in range(times):
        while program.says() != moment:
            pass
    kill(program)
    found = left_of(launch)["seeds"]
    assert set(found["left"]) | set(found["made"]) == set(range(20))
    assert found["paused"]
    whole = [Raster.read(file) for file in files(pictures)]  # nothing else is there
    assert len(whole) >= len(found["made"]) >= (times if moment == "kept" else times - 1)


def test_signals_close_it_while_it_draws(launch: Launch) -> None:
    program = launch(is_busy)
    program.says()
    program.signal(signal.SIGTERM)
    assert program.ends() == (0, "", "")
    assert left_of(launch)["seeds"]["left"] == SEEDS
