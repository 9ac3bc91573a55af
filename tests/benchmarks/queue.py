"""What people do with a queue of a thousand jobs, in the window's thread: python -m tests.benchmarks.queue

The baseline is the same with ten jobs. To reach: no deed above 8 ms.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from desktop.database import Database
from desktop.engine.api import Finished, Progress
from desktop.settings import Settings
from desktop.studio.plan import plan
from desktop.studio.studio import Studio
from desktop.styles import read_styles
from desktop.ui import application
from desktop.ui.window import Window
from tests.benchmarks.table import heading, row
from tests.fakes import FakeEngine

TRIES = 15
MANY, FEW = 1000, 10


def window_of(folder: str) -> Window:
    os.environ["SFUMATO_DATA"] = folder
    database = Database(Path(folder) / "sfumato.db")
    database.keep_state("settings", Settings(pictures=f"{folder}/pictures").to_json())
    engine = FakeEngine()
    window = Window(Studio(database, lambda device, precision: engine, read_styles()))
    window.show()
    settle(window, lambda: bool(window.studio.shelf.models))
    window.actions_["show_queue"].trigger()
    window.studio.queue.due.disconnect()  # nobody runs them
    return window


def settle(window: Window, true: Callable[[], bool] = lambda: True) -> None:
    """What lies in the lanes is done."""
    end = time.monotonic() + 0.3
    while not true() or time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.002)


def deeds(window: Window, count: int) -> dict[str, Callable[[], object]]:
    queue, session = window.studio.queue, window.studio.session
    session.count = count
    more = [plan(session, window.studio.styles) for _ in range(TRIES + 1)]
    queue.submit(more.pop())
    return {
        "move": lambda: queue.move(queue.waiting[count // 2].id, 0),
        "cancel": lambda: queue.cancel(queue.waiting[count // 2].id),
        "progress": lambda: queue.take(queue.entries[0].id, Progress(1, 20, "denoising")),
        "end": lambda: queue.take(queue.entries[0].id, Finished({}, 0)),
        "submit as many again": lambda: queue.submit(more.pop()),
    }


def times(window: Window, deed: Callable[[], object]) -> list[float]:
    found = []
    for _ in range(TRIES):
        settle(window)
        began = time.perf_counter()
        deed()
        found.append((time.perf_counter() - began) * 1000)
        if len(window.studio.queue.waiting) > 2 * MANY:
            window.studio.queue.cancel(*(entry.id for entry in window.studio.queue.waiting[MANY:]))
    return found


def main() -> None:
    app = QApplication([])
    application.dress(app, Settings())
    heading("Deeds in the window's thread, a queue of 1000 jobs beside one of 10; to reach: <= 8 ms")
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        large, small = window_of(one), window_of(other)
        for name, deed in deeds(large, MANY).items():
            few = max(FEW, TRIES + 3) if name in ("cancel", "end") else FEW
            row(name, times(large, deed), times(small, deeds(small, few)[name]), "<= 8 ms", "ms")
        for window in (large, small):
            window.close()


if __name__ == "__main__":
    main()
