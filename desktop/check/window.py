"""The window, as it is launched, on a library of its own and unseen: its first frame, and the engine warm behind it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer

from desktop import app
from desktop.check.trial import Trial
from desktop.database import Database
from desktop.paths import data_folder
from desktop.settings import Settings
from desktop.ui import application
from desktop.ui.window import Window

PATIENCE = 180.0  # seconds until the engine must be warm
TICK = 100  # milliseconds between two looks at it
COLORS = 20  # that a frame has at least which is not blank


class _Looker:
    """Watches a window until its engine is warm, and closes it."""

    def __init__(self, window: Window):
        self.began = time.perf_counter()
        self.warm: float | None = None  # seconds
        self.colors = 0
        self._window = window
        self._timer = QTimer(window, interval=TICK)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        if self._window.studio.devices():
            self.warm = time.perf_counter() - self.began
            image = self._window.grab().toImage()
            self.colors = len(
                {image.pixel(x, y) for x in range(0, image.width(), 4) for y in range(0, image.height(), 4)}
            )
        if self.warm is not None or time.perf_counter() - self.began > PATIENCE:
            self._timer.stop()
            self._window.close()


def trials(folder: Path) -> Iterator[Trial]:
    yield Trial("window", partial(_opened, folder / "pictures"))


def _opened(pictures: Path) -> str:
    qt = application.begin(Settings())
    database = Database(data_folder() / "sfumato.db")
    database.keep_state("settings", Settings(pictures=str(pictures)).to_json())
    with application.only_one(data_folder()):
        window = application.show(app.make_studio(database))
        looker = _Looker(window)
        code = application.run(qt, window)
    if code != 0:
        raise RuntimeError(f"it ended with exit code {code}")
    if looker.warm is None:
        raise RuntimeError(f"the engine behind it was not warm within {PATIENCE:.0f} seconds")
    if looker.colors < COLORS:
        raise RuntimeError(f"it shows {looker.colors} colours only")
    return f"engine warm after {looker.warm:.1f} s"
