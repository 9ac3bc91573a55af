"""What is there at the next launch."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from desktop.engine.api import Failed, Progress, Started
from desktop.ui.window import Window
from tests.fakes import FakeEngine
from tests.ui.conftest import Open
from tests.ui.hands import CONTROL, SHIFT, begin, click, make, named, picture, press, settle, toast, until


def test_layout_comes_back(open_window: Open) -> None:
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


def test_what_is_folded_is_kept_at_once(window: Window) -> None:
    """A program that is killed says nothing before."""
    click(window.panel.sampling_section._heading)
    until(lambda: (window.studio.memory.recall("layout") or {}).get("folded") == ["sampling", "parts"])


def test_a_moved_divider_between_docks_and_a_floating_one_come_back(open_window: Open) -> None:
    window = open_window()
    window.resize(window.width(), 760)
    window.docks["results"].setFloating(True)
    window.docks["queue"].show()
    settle()
    before = window.docks["queue"].height()
    window.resizeDocks([window.docks["queue"]], [before + 60], Qt.Orientation.Vertical)
    until(lambda: window.docks["queue"].height() == before + 60)
    window.close()
    again = open_window()
    assert again.docks["queue"].height() == before + 60
    assert again.docks["results"].isFloating()
    press(again, Qt.Key.Key_0, CONTROL | SHIFT)
    assert not again.docks["results"].isFloating()
    again.docks["queue"].show()
    until(lambda: again.docks["queue"].height() == before)


def test_a_window_that_was_maximised_is_so_again(open_window: Open) -> None:
    window = open_window()
    window.showMaximized()
    until(window.isMaximized)
    window.close()
    until(open_window().isMaximized)


def test_all_that_is_set_comes_back(open_window: Open) -> None:
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


def test_a_layout_that_is_nonsense_is_ignored(open_window: Open) -> None:
    window = open_window()
    window.studio.memory.keep("layout", lambda: {"geometry": "!", "docks": 7, "folded": [3]})
    window.studio.memory._save()
    window.layout_.keep = lambda: None
    window.close()
    assert open_window().docks["prompt"].isVisible()


# ---------------------------------------------------------------- jobs


def denoising(window: Window, engine: FakeEngine) -> None:
    begin(window, engine, [Started(), Progress(4, 20, "denoising")])


def test_waiting_jobs_wait_for_the_next_launch(open_window: Open, engine: FakeEngine) -> None:
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


def test_waiting_jobs_are_discarded(open_window: Open, engine: FakeEngine) -> None:
    window = open_window()
    window.studio.session.count = 2
    denoising(window, engine)
    window.close()
    again = open_window(lambda device, precision: FakeEngine())
    click(named(toast(again, "2 jobs are waiting"), QPushButton, "Discard"))
    assert not again.studio.queue.entries
    make(again, 1)  # the queue is not left paused


def test_a_failed_job_keeps_its_reason(open_window: Open, engine: FakeEngine) -> None:
    window = open_window()
    engine.script = [Started(), Failed("The disk is full.", "Make room.")]
    window.studio.generate()
    until(lambda: bool(window.studio.queue.failed))
    window.close()
    engine.script = None
    again = open_window(lambda device, precision: FakeEngine())
    [entry] = again.studio.queue.failed
    assert entry.failure
    assert entry.failure.message == "The disk is full."
    again.studio.queue.retry(entry.id)
    until(lambda: len(again.studio.results.all) == 1)


def test_a_document_of_a_newer_sfumato_stays_as_it_is_and_is_offered_still(open_window: Open) -> None:
    window = open_window()
    until(lambda: window.studio.documents.present is not None)
    sheet = window.studio.documents.present
    assert sheet
    window.close()
    with closing(sqlite3.connect(sheet.file)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = sheet.file.read_bytes()
    again = open_window()
    assert "update" in toast(again, f"{sheet.file} was written by a newer Sfumato").notice.hint.lower()
    until(lambda: again.studio.documents.present is not None)
    assert [each.name for each in again.studio.documents.recent][1:] == [sheet.name]
    again.close()
    assert sheet.file.read_bytes() == before
