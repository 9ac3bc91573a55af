"""Telling people who look elsewhere that a long job has ended."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QWindow
from PySide6.QtWidgets import QApplication

from desktop.ui import notify
from desktop.ui.window import Window
from tests.fakes import FakeEngine
from tests.ui.hands import make, settle, until


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What the system's notifications would say: offscreen there are none."""
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(notify.Notifier, "say", lambda self, title, text: told.append((title, text)))
    return told


@pytest.fixture
def elsewhere(window: Window) -> Iterator[None]:
    """A window that is none of ours is in front."""
    other = QWindow()
    other.show()
    other.requestActivate()
    until(lambda: QApplication.activeWindow() is None)
    yield
    other.close()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(9.9, ""), (10.0, "10 s"), (59.4, "59 s"), (60.0, "1 min 0 s"), (3599.0, "59 min 59 s"), (7260.0, "2 h 1 min")],
)
@pytest.mark.usefixtures("elsewhere")
def test_a_long_job_in_the_background_is_told(
    window: Window, said: list[tuple[str, str]], seconds: float, words: str
) -> None:
    window.studio.finished.emit(seconds)
    assert said == ([("The picture is ready", f"It took {words}.")] if words else [])


def test_nobody_is_told_what_they_see(window: Window, said: list[tuple[str, str]]) -> None:
    window.studio.finished.emit(60.0)
    window.open_settings()  # another window, but one of ours
    until(lambda: bool(window._settings_window and window._settings_window.isActiveWindow()))
    window.studio.finished.emit(60.0)
    assert said == []


@pytest.mark.usefixtures("elsewhere")
def test_who_does_not_want_it_is_not_told(window: Window, said: list[tuple[str, str]]) -> None:
    window.studio.memory.change_settings(notify=False)
    window.studio.finished.emit(60.0)
    assert said == []


@pytest.mark.usefixtures("elsewhere")
def test_a_real_job_counts_all_that_it_took(
    window: Window, engine: FakeEngine, said: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    make(window, 1)
    assert said == []  # it took no time
    monkeypatch.setattr(notify, "LONG", 0.6)  # load and denoise, as the engine tells
    make(window, 2)
    until(lambda: said == [("The picture is ready", "It took 0.6 s.")])


@pytest.mark.usefixtures("elsewhere")
def test_without_a_tray_nothing_is_said_and_nothing_breaks(window: Window) -> None:
    window.studio.finished.emit(60.0)
    settle()
    assert window.notifier.children() == []
