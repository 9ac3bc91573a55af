"""The whole program, in its real loop, with somebody in it: a story that uses the window."""

from __future__ import annotations

import json
import os
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

from PySide6.QtCore import QObject, Qt, QTimer

from desktop.app import open_window
from desktop.studio.studio import Studio
from desktop.ui import application
from desktop.ui.window import Window

Steps = Iterator[Callable[[], bool]]  # what is waited for before the story goes on
Story = Callable[[Window], Steps]


class Teller(QTimer):
    """Begins the story, and looks every millisecond if it can go on. One that breaks ends the program at once."""

    def __init__(self, steps: Steps, parent: QObject):
        super().__init__(parent, interval=1, timerType=Qt.TimerType.PreciseTimer)
        self._steps = steps
        self._true: Callable[[], bool] = lambda: True
        self.timeout.connect(self._look)
        self.start()
        self._look()

    def _look(self) -> None:
        try:
            if self._true():
                self._true = next(self._steps)
        except StopIteration:
            self.stop()
        except BaseException:
            traceback.print_exc()
            os._exit(1)


def tell(story: Story) -> int:
    """Opens the window as `sfumato` does, until it is closed; the exit code."""
    show = application.show

    def shown(studio: Studio) -> Window:
        window = show(studio)
        Teller(story(window), window)
        return window

    with patch.object(application, "show", shown):
        return open_window()


# ---------------------------------------------------------------- what is told, and what is waited for


def say(what: Any) -> None:
    print(json.dumps(what), flush=True)


def never() -> bool:
    return False


def after(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def all_kept(window: Window) -> Callable[[], bool]:
    """Whether what was to be remembered until now is on disk."""
    done: list[None] = []
    window.studio.memory.lane.send(lambda: None, done.append)
    return lambda: bool(done)
