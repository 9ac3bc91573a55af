"""What `tests.benchmarks.window` measures, a process for each, which prints what it has found as JSON.

They are begun by `command`, with no main module that the engine's child would import, too. What is heavy is imported
within the functions, as far as it has no part in what is measured.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication, QMainWindow

    from desktop.engine.api import Engine, Job, Preview
    from desktop.engine.process import ProcessEngine
    from desktop.raster import Raster
    from desktop.studio.worker import Worker
    from desktop.ui.window import Window
    from tests.ui.story import Steps

PICTURES = ((128, 20),) * 5 + ((512, 20),)  # side and steps of those that are made while the loop is watched
PRESSES = 25
STEPS = 3  # of a job, before it is cancelled
PREVIEWS = 60
MANY = 100  # pictures between two looks at the memory
SIZE = (1360, 860)
SETTLES = 3.0  # seconds until a window that does nothing is at rest


def command(name: str, *numbers: float) -> list[str]:
    """Runs one of these functions in a process of its own."""
    arguments = ", ".join(map(str, numbers))
    return [sys.executable, "-c", f"from tests.benchmarks import window_children as run; run.{name}({arguments})"]


def tell(found: Any) -> None:
    print(json.dumps(found), flush=True)


# ---------------------------------------------------------------- launch


def launch() -> None:
    from tests.ui import story

    def look(window: Window) -> Steps:
        yield _first_frame(window)
        window.close()

    story.tell(look)


def bare_launch() -> None:
    app, window = _bare_window()
    _when(_first_frame(window), app.quit)
    app.exec()


def _first_frame(window: QMainWindow) -> Callable[[], bool]:
    """Tells when it is on the screen, and whether torch has been imported by then; true from that moment on."""
    from PySide6.QtCore import QCoreApplication, QEvent, QObject

    class Eye(QObject):
        seen = False

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() != QEvent.Type.Expose:
                return False
            watched.removeEventFilter(self)
            QCoreApplication.sendEvent(watched, event)  # paints
            tell({"at": time.monotonic(), "torch": "torch" in sys.modules})
            self.seen = True
            return True

    eye, handle = Eye(window), window.windowHandle()
    assert handle
    handle.installEventFilter(eye)
    return lambda: eye.seen


# ---------------------------------------------------------------- gaps of the event loop


class Watch:
    """When a timer of 1 ms ticked, and when the engine began with what: "start", "load", "generate", "end"."""

    def __init__(self) -> None:
        self.ticks: list[float] = []
        self.marks: dict[str, float] = {"start": time.monotonic()}

    def begin(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self._timer = QTimer(interval=1, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(lambda: self.ticks.append(time.monotonic()))
        self._timer.start()

    def hear(self, event: Any) -> None:
        from desktop.engine.api import Progress, Started

        if isinstance(event, Started):
            self.marks.setdefault("load", time.monotonic())
        elif isinstance(event, Progress) and event.note == "denoising":
            self.marks.setdefault("generate", time.monotonic())

    def end(self) -> dict[str, Any]:
        self.marks["end"] = time.monotonic()
        return {"ticks": self.ticks, "marks": self.marks, "torch": "torch" in sys.modules}


def window_at_work() -> None:
    """The window from its first frame until the PICTURES are made."""
    from tests.ui import story

    def work(window: Window) -> Steps:
        watch, studio = Watch(), window.studio
        watch.begin()
        _lane(window).told.connect(lambda _, event: watch.hear(event))
        yield lambda: bool(studio.shelf.models)
        for side, steps in PICTURES:
            _generate(window, side, steps)
        yield lambda: not studio.queue.entries
        tell(watch.end())
        window.close()

    story.tell(work)


def bare_loop_beside_an_engine() -> None:
    """That does the same in a process of its own."""
    app, _ = _bare_window()
    watch = Watch()
    watch.begin()
    with subprocess.Popen(command("engine_at_work"), stdout=subprocess.PIPE, text=True) as engine:
        _when(lambda: engine.poll() is not None, app.quit)
        app.exec()
        assert engine.stdout
        watch.marks = json.load(engine.stdout)["marks"]
    tell({"ticks": watch.ticks, "marks": watch.marks})


def engine_at_work() -> None:
    watch = Watch()
    with closing(_engine()) as engine:
        for side, steps in PICTURES:
            for event in engine.run(_job(side, steps)):
                watch.hear(event)
    tell(watch.end())


def idle_loop(seconds: float) -> None:
    from PySide6.QtCore import QTimer

    app, _ = _bare_window()
    watch = Watch()
    watch.begin()
    QTimer.singleShot(round(seconds * 1000), app.quit)
    app.exec()
    tell(watch.end())


# ---------------------------------------------------------------- delays


class Delays:
    """Seconds from press to Started, from cancel to the end, and from step to step."""

    def __init__(self) -> None:
        self.found: dict[str, list[float]] = {"press": [], "cancel": [], "step": []}
        self._began: dict[str, float] = {}
        self.steps = 0  # of this job

    def begin(self, name: str) -> None:
        self._began[name] = time.monotonic()

    def end(self, name: str) -> None:
        if name in self._began:
            self.found[name].append(time.monotonic() - self._began.pop(name))

    def hear(self, event: Any) -> None:
        from desktop.engine.api import Last, Progress, Started

        if isinstance(event, Started):
            self.end("press")
            self.steps = 0
        elif isinstance(event, Progress) and event.note == "denoising":
            self.steps += 1
            self.end("step")
            self.begin("step")
        elif isinstance(event, Last):
            self._began.pop("step", None)

    def pause(self, chance: random.Random) -> float:
        """Up to a step."""
        return chance.uniform(0, min(self.found["step"]))


def window_delays(side: int) -> None:
    from tests.ui import story

    def press_and_cancel(window: Window) -> Steps:
        studio, delays, chance = window.studio, Delays(), random.Random(0)
        _lane(window).told.connect(lambda _, event: delays.hear(event))
        studio.queue.changed.connect(lambda: None if studio.queue.entries else delays.end("cancel"))
        yield lambda: bool(studio.shelf.models)
        _generate(window, side, 2)
        yield lambda: not studio.queue.entries
        for _ in range(PRESSES):
            delays.begin("press")
            _generate(window, side, 50)
            yield lambda: delays.steps >= STEPS
            until = time.monotonic() + delays.pause(chance)
            yield lambda until=until: time.monotonic() >= until
            delays.begin("cancel")
            window.actions_["cancel"].trigger()
            yield lambda: not studio.queue.entries
        tell(delays.found)
        window.close()

    story.tell(press_and_cancel)


def engine_delays(side: int) -> None:
    """Of an engine alone, in a thread."""
    delays, chance = Delays(), random.Random(0)

    def cancel(engine: Engine, job: Job) -> None:
        delays.begin("cancel")
        engine.cancel(job.id)

    with closing(_engine()) as engine:
        list(engine.run(_job(side, 2)))
        for _ in range(PRESSES):
            job = _job(side, 50)
            delays.begin("press")
            stream = engine.run(job)
            while delays.steps < STEPS:
                delays.hear(next(stream))
            threading.Timer(delays.pause(chance), cancel, (engine, job)).start()
            for event in stream:
                delays.hear(event)
            delays.end("cancel")
    tell(delays.found)


# ---------------------------------------------------------------- previews


class Shown:
    """Seconds from a preview's leaving the step to its being painted; one that another overtakes is never seen."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.made = 0
        self._due: Any = None

    def hear(self, event: Any) -> None:
        from desktop.engine.api import Preview

        if isinstance(event, Preview):
            self.made += 1
            self._due = event

    def painted(self) -> None:
        if self._due:
            self.seconds.append(time.monotonic() - self._due.left)
            self._due = None

    def tell(self) -> None:
        tell({"seconds": self.seconds, "made": self.made})


def serve(*arguments: Any) -> None:
    """In place of the engine's child: its previews know when they left."""
    from desktop.engine import child

    make = child._engine

    def engine(device: str | None, precision: str | None) -> Engine:
        made = make(device, precision)
        from desktop.engine import steps

        steps.Preview = _stamped  # pyright: ignore[reportAttributeAccessIssue]
        return made

    child._engine = engine
    child.serve(*arguments)


def _stamped(picture: Raster, step: int) -> Preview:
    from desktop.engine.api import Preview

    preview = Preview(picture, step)
    preview.__dict__["left"] = time.monotonic()
    return preview


def window_previews(side: int) -> None:
    from desktop.ui.picture.view import PictureView
    from tests.ui import story

    shown, paint = Shown(), PictureView.paintEvent

    def painted(view: PictureView, event: Any) -> None:
        paint(view, event)
        shown.painted()

    def look(window: Window) -> Steps:
        _lane(window).told.connect(lambda _, event: shown.hear(event))
        yield lambda: bool(window.studio.shelf.models)
        _generate(window, side, PREVIEWS)
        yield lambda: bool(window.studio.queue.entries)
        yield lambda: not window.studio.queue.entries
        shown.tell()
        window.close()

    with patch("desktop.engine.process.serve", serve), patch.object(PictureView, "paintEvent", painted):
        story.tell(look)


def bare_previews(side: int) -> None:
    """In a window that does nothing else."""
    from PySide6.QtGui import QPainter, QPaintEvent
    from PySide6.QtWidgets import QWidget

    from desktop.engine.api import Last, Preview
    from desktop.studio.worker import Worker
    from desktop.ui.widgets.images import to_image

    class View(QWidget):
        image = None

        def hear(self, _: str, event: Any) -> None:
            if isinstance(event, Preview):
                shown.hear(event)
                self.image = to_image(event.picture)
                self.update()
            elif isinstance(event, Last):
                app.quit()

        def paintEvent(self, event: QPaintEvent) -> None:
            if self.image:
                QPainter(self).drawImage(self.rect(), self.image)
                shown.painted()

    shown = Shown()
    app, window = _bare_window()
    view = View()
    window.setCentralWidget(view)
    lane = Worker("engine", window)
    lane.told.connect(view.hear)
    with patch("desktop.engine.process.serve", serve), closing(_engine()) as engine:
        lane.give("job", lambda: engine.run(_job(side, PREVIEWS)))
        app.exec()
        lane.finish()
    shown.tell()


# ---------------------------------------------------------------- memory


def window_memory(side: int) -> None:
    """At rest, and after so many pictures."""
    from tests.ui import story

    def fill(window: Window) -> Steps:
        studio, found = window.studio, []
        yield lambda: bool(studio.shelf.models and studio.devices())
        studio.session.count = MANY
        for made in range(3):
            yield _rest()
            found.append(_memory())
            if made < 2:
                _generate(window, side, 2)
                yield lambda: not studio.queue.entries
        tell(found)
        window.close()

    story.tell(fill)


def window_memory_without_engine(side: int) -> None:
    """Faster: the pictures are plain."""
    from tests.fakes import FakeEngine

    with patch("desktop.app.make_engine", lambda *_: FakeEngine()):
        window_memory(side)


def bare_memory() -> None:
    app, _ = _bare_window()
    _when(_rest(), app.quit)
    app.exec()
    tell([_memory()])


def _rest() -> Callable[[], bool]:
    until = time.monotonic() + SETTLES
    return lambda: time.monotonic() >= until


def _memory() -> dict[str, float]:
    """In MB."""
    import psutil

    info = psutil.Process().memory_full_info()
    return {name: getattr(info, name) / 1e6 for name in ("rss", "uss", "pss")}


# ---------------------------------------------------------------- hands


def _bare_window() -> tuple[QApplication, QMainWindow]:
    from PySide6.QtWidgets import QApplication, QMainWindow

    app, window = QApplication([]), QMainWindow()
    window.resize(*SIZE)
    window.show()
    return app, window


def _when(true: Callable[[], bool], then: Callable[[], object]) -> None:
    from PySide6.QtWidgets import QApplication

    from tests.ui.story import Teller

    def steps() -> Steps:
        yield true
        then()

    app = QApplication.instance()
    assert app
    Teller(steps(), app)


def _lane(window: Window) -> Worker:
    from desktop.studio.worker import Worker

    lane = window.studio.findChild(Worker, "engine")
    assert lane
    return lane


def _generate(window: Window, side: int, steps: int) -> None:
    session = window.studio.session
    session.width = session.height = side
    session.steps = steps
    window.panel.generate.click()


def _engine() -> ProcessEngine:
    from desktop.engine.process import ProcessEngine

    return ProcessEngine()


def _job(side: int, steps: int) -> Job:
    from tests.engine.jobs import job

    return job(width=side, height=side, steps=steps, guidance=4.0)
