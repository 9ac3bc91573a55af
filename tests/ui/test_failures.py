"""Jobs that are stopped, and jobs that go wrong."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QPushButton, QToolButton, QWidget

from desktop.engine.api import Failed, Finished, Progress, Started, Warned
from desktop.raster import Raster
from desktop.studio.notice import Kind, Notice
from desktop.ui import application
from desktop.ui.window import Window
from tests.fakes import FakeEngine, painted
from tests.ui.conftest import Open
from tests.ui.hands import CONTROL, PATIENCE, SHIFT, begin, click, make, named, press, toast, until

TRACE = "Traceback (most recent call last):\nRuntimeError: a tensor"
DENOISING = [Started(), Progress(3, 20, "denoising")]


def cancel_below_generate(window: Window) -> None:
    click(named(window.panel, QToolButton, "Cancel"))


def cancel_in_the_line(window: Window) -> None:
    click(named(window.statusBar(), QToolButton, "Cancel"))


def cancel_by_keys(window: Window) -> None:
    press(window.panel.prompt, Qt.Key.Key_Period, CONTROL)


@pytest.mark.parametrize(
    "cancel", [cancel_below_generate, cancel_in_the_line, cancel_by_keys], ids=lambda way: way.__name__
)
def test_the_running_job_is_cancelled(window: Window, engine: FakeEngine, cancel: Callable[[Window], None]) -> None:
    action = window.actions_["cancel"]
    assert not action.isEnabled()
    begin(window, engine, DENOISING)
    until(action.isEnabled)
    cancel(window)
    until(lambda: not window.studio.queue.entries)
    assert not action.isEnabled()
    assert not window.studio.results.all
    assert not window.toasts.shown  # it was the user's wish


def test_all_jobs_are_cancelled_at_once(window: Window, engine: FakeEngine) -> None:
    window.studio.session.count = 5
    begin(window, engine, DENOISING)
    press(window.panel.prompt, Qt.Key.Key_Period, CONTROL | SHIFT)
    until(lambda: not window.studio.queue.entries)
    assert len(engine.jobs) == 1


def test_the_next_job_comes_after_a_cancelled_one(window: Window, engine: FakeEngine) -> None:
    window.studio.session.count = 2
    begin(window, engine, DENOISING)
    engine.script = None
    window.studio.cancel()
    engine.free()
    until(lambda: len(window.studio.results.all) == 1)
    assert window.studio.results.all[0].recipe == engine.jobs[1].work


def fail(window: Window, engine: FakeEngine, trace: str = TRACE) -> None:
    engine.script = [Started(), Failed("The engine failed: a tensor", "This is a bug; please report it.", trace)]
    window.studio.generate()


def test_a_failure_shows_its_details_and_copies_them(window: Window, engine: FakeEngine) -> None:
    fail(window, engine)
    shown = toast(window, "The engine failed")
    details = shown.findChild(QPlainTextEdit)
    assert isinstance(details, QPlainTextEdit)
    assert not details.isVisible()  # no traceback is ever shown first
    click(named(shown, QPushButton, "Details"))
    assert details.isVisible()
    assert details.toPlainText() == TRACE
    click(named(shown, QPushButton, "Copy details"))
    copied = QGuiApplication.clipboard().text()
    assert copied.splitlines() == [
        "The engine failed: a tensor",
        "This is a bug; please report it.",
        *TRACE.split("\n"),
    ]
    assert named(shown, QPushButton, "Copied")


def test_try_again_runs_the_same_job(window: Window, engine: FakeEngine) -> None:
    engine.failures = 1
    window.studio.generate()
    shown = toast(window, "The engine was killed")
    assert "Try again" in shown.notice.hint
    assert len(window.studio.queue.failed) == 1
    assert not [each for each in shown.findChildren(QPushButton) if each.text() == "Details"]  # there are none
    click(named(shown, QPushButton, "Try again"))
    until(lambda: len(window.studio.results.all) == 1)
    assert engine.jobs[0].work == engine.jobs[1].work == window.studio.results.all[0].recipe
    assert not window.toasts.shown
    until(lambda: not window.studio.queue.entries)


def test_an_error_stays_until_it_is_closed(window: Window, engine: FakeEngine) -> None:
    fail(window, engine)
    click(named(toast(window, "The engine failed"), QToolButton, "Close"))
    until(lambda: not window.toasts.shown)


def test_what_people_must_mend_first_is_not_tried_again(window: Window, engine: FakeEngine) -> None:
    engine.script = [Started(), Failed("This file is no model.", "Choose another.", lasting=True)]
    window.studio.generate()
    assert not toast(window, "This file is no model.").notice.actions


def test_the_same_failure_is_told_once(window: Window, engine: FakeEngine) -> None:
    fail(window, engine)
    toast(window, "The engine failed")
    fail(window, engine)
    until(lambda: len(window.studio.queue.failed) == 2)
    assert len(window.toasts.shown) == 1


def test_bugs_are_told_with_their_details_and_the_window_stays(
    window: Window, qapp: QApplication, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for module in (sys, threading):
        monkeypatch.setattr(module, "excepthook", module.excepthook)  # as it was, afterwards
    told: list[Notice] = []

    def break_down(where: str) -> None:
        raise ZeroDivisionError(where)

    def look() -> None:
        if len(window.toasts.shown) == 2:
            told.extend(each.notice for each in window.toasts.shown)
            window.close()

    timer = QTimer(window, interval=1)
    timer.timeout.connect(look)
    timer.start()
    thread = threading.Thread(target=break_down, args=["in a thread"])
    QTimer.singleShot(0, lambda: break_down("in a slot"))
    QTimer.singleShot(0, thread.start)
    QTimer.singleShot(round(PATIENCE * 1000), window, window.close)
    assert application.run(qapp, window) == 0
    thread.join()
    messages = {
        "Something went wrong: ZeroDivisionError: in a slot",
        "Something went wrong: ZeroDivisionError: in a thread",
    }
    assert {each.message for each in told} == messages
    assert all("break_down" in each.details for each in told)
    assert capsys.readouterr().err.count("ZeroDivisionError: in a ") == 2


def test_toasts_stay_inside_the_view(window: Window, engine: FakeEngine) -> None:
    fail(window, engine, TRACE * 30)
    shown = toast(window, "The engine failed")
    click(named(shown, QPushButton, "Details"))
    until(lambda: window.toasts.height() > 160)
    assert window.center.pages.rect().contains(window.toasts.geometry())
    window.resize(1000, 640)
    until(lambda: window.center.pages.rect().contains(window.toasts.geometry()))
    inside = [each for each in shown.findChildren(QWidget) if each.isVisible()]
    assert all(shown.rect().contains(each.geometry()) for each in inside if each.parent() is shown)


def test_a_warning_does_not_stop_the_job(window: Window, engine: FakeEngine) -> None:
    engine.script = [Started(), Warned("Half precision gave no numbers: it went on in full."), Finished({}, 0)]
    window.studio.generate()
    assert toast(window, "Half precision").notice.kind is Kind.WARNING
    until(lambda: not window.studio.queue.entries)


def test_a_picture_that_cannot_be_written_is_kept_in_the_strip(
    window: Window, engine: FakeEngine, pictures, tmp_path
) -> None:
    pictures.write_text("a file where the folder should be")
    window.studio.generate()
    assert "in Results only" in toast(window, "The picture cannot be kept").notice.hint
    [result] = window.studio.results.all
    assert result.file is None
    window.studio.saving.save_as(result, tmp_path / "saved.png")
    assert toast(window, "Saved as saved.png")
    assert window.studio.results.all[0].file == tmp_path / "saved.png"
    assert window.strip.model.rowCount() == 1
    assert window.strip.selected == window.studio.results.all


def test_what_the_model_cannot_do_is_told(window: Window) -> None:
    window.studio.session.width = 100  # not a multiple of 8
    click(window.panel.generate)
    assert toast(window, "Starter cannot draw 100 pixels").notice.hint == "Choose a multiple of 8: 96."
    assert not window.studio.queue.entries


def test_what_could_not_be_kept_is_not_lost_by_closing(open_window: Open, pictures: Path) -> None:
    window = open_window()
    pictures.write_text("in the way")
    make(window, 1)
    toast(window, "The picture cannot be kept")
    window.close()
    assert window.isVisible()
    pictures.unlink()
    dict(toast(window, "One picture is in memory only.").notice.actions)["Keep them now"]()
    until(lambda: not window.studio.saving.homeless)
    [result] = window.studio.results.all
    assert result.file
    assert Raster.read(result.file) == painted(result.recipe)
    until(lambda: len(window.studio.gallery.found) == 1)
    window.close()
    assert not window.isVisible()


def test_a_second_time_it_closes_all_the_same(open_window: Open, pictures: Path) -> None:
    window = open_window()
    pictures.write_text("in the way")
    make(window, 1)
    toast(window, "The picture cannot be kept")
    window.close()
    window.close()
    assert not window.isVisible()
