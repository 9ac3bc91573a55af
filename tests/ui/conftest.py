"""A whole window on an engine without models, shown offscreen, and nothing of it left when the test ends."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from desktop.database import Database
from desktop.paths import data_folder
from desktop.settings import Settings
from desktop.studio.studio import Studio
from desktop.studio.worker import Worker
from desktop.styles import read_styles
from desktop.ui import application
from desktop.ui.settings import SettingsWindow
from desktop.ui.window import Window
from tests.fakes import FakeEngine
from tests.ui.hands import CONTROL, press, until
from tests.ui.programs import SFUMATO, Launch, Program, lives, with_story
from tests.ui.story import Story

Open = Callable[..., Window]


@pytest.fixture(autouse=True)
def _dressed(qapp: QApplication) -> Iterator[None]:
    application.dress(qapp, Settings(theme="dark"))
    QGuiApplication.clipboard().clear()
    yield
    QGuiApplication.clipboard().clear()  # offscreen, one that still holds something would crash at the end
    QTimer.singleShot(0, qapp.quit)  # a window that was closed has told the application to end: no loop would begin
    qapp.exec()


@pytest.fixture(autouse=True)
def _whole_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    """The canvas leaves out what takes too long, and draws it with the next frame; not so where a test looks at one."""
    monkeypatch.setattr("desktop.ui.canvas.view.PATIENCE", 60.0)


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where the window keeps what it makes."""
    return tmp_path / "pictures"


@pytest.fixture
def open_window(engine: FakeEngine, pictures: Path) -> Iterator[Open]:
    """Opens a window on the test's data folder, as a launch does; settings may be given at the first one."""
    opened: list[Window] = []

    def launch(make_engine: Any = lambda device, precision: engine, **settings: Any) -> Window:
        database = Database(data_folder() / "sfumato.db")
        if not opened:
            chosen = replace(Settings(theme="dark", pictures=str(pictures)), **settings)
            database.keep_state("settings", chosen.to_json())
        window = Window(Studio(database, make_engine, read_styles()))
        opened.append(window)
        window.show()
        window.activateWindow()
        until(lambda: bool(window.studio.shelf.models) and window.isActiveWindow())
        return window

    yield launch
    for window in opened:
        window.close()
        assert all(worker.isFinished() for worker in window.studio.findChildren(Worker))
        window.deleteLater()
        window.studio.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not [each for each in QApplication.topLevelWidgets() if each.isVisible()]


@pytest.fixture
def window(open_window: Open) -> Window:
    return open_window()


@pytest.fixture
def settings(window: Window) -> SettingsWindow:
    press(window, Qt.Key.Key_Comma, CONTROL)
    until(lambda: bool(window._settings_window and window._settings_window.isActiveWindow()))
    assert window._settings_window
    return window._settings_window


@pytest.fixture
def launch(pictures: Path) -> Iterator[Launch]:
    """Begins `sfumato`, or a window with a story in it."""
    with closing(Database(data_folder() / "sfumato.db")) as database:
        database.keep_state("settings", replace(Settings(theme="dark"), pictures=str(pictures)).to_json())
    programs: list[Program] = []

    def begin(what: Story | list[str] = SFUMATO, environment: dict[str, str] | None = None) -> Program:
        command = with_story(what) if callable(what) else what
        programs.append(Program(command, environment or dict(os.environ)))
        return programs[-1]

    yield begin
    for program in programs:
        program.popen.kill()
        for each in filter(lives, program.family):  # of a test that has failed
            each.kill()
        program.popen.communicate()
