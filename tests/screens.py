"""Every main state of the window as a picture, to be looked at: python -m tests.screens OUT

Dark and light, at 100 and 200 % (a process for each scale, since Qt reads it once). The pictures in it come from the
built-in model; how far a run has come is staged.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from desktop.app import make_engine
from desktop.database import Database
from desktop.engine.api import Event, Failed, Job, Preview, Produced, Progress, Started
from desktop.models.identify import identify
from desktop.paths import STARTER
from desktop.recipe import Recipe
from desktop.settings import Settings
from desktop.studio.plan import plan
from desktop.studio.studio import Studio
from desktop.styles import read_styles
from desktop.ui import application
from desktop.ui.window import Window
from tests import (
    screens_canvas,
    screens_gallery,
    screens_getting,
    screens_help,
    screens_loras,
    screens_models,
    screens_queue,
)
from tests.fakes import FakeEngine

SCALES = (100, 200)
PROMPTS = (
    "a house with a red roof in front of snowy mountains at sunset",
    "a calm lake at dawn, a sailboat with a white sail in the middle, clouds",
    "green hills at noon with a windmill on the left and a rainbow",
    "desert dunes at night, a crescent moon on the right, a cactus on the left",
)
SIZE = (1360, 860)
SCREEN = {"name": "large", "x": 0, "y": 0, "width": 3840, "height": 2160, "logicalDpi": 96, "dpr": 1}
PATIENCE = 60.0  # seconds: an engine that starts on a busy machine takes many


class Replay(FakeEngine):
    """Tells again what the real engine told: recorded once, by prompt."""

    def __init__(self, recorded: dict[str, list[Event]]):
        super().__init__()
        self.recorded = recorded

    def _events(self, job: Job) -> Iterable[Event]:
        if self.failures or self.script is not None:
            return super()._events(job)
        own = self.recorded.get(job.work.prompt, next(iter(self.recorded.values())))
        return [Produced(e.picture, job.work, e.made) if isinstance(e, Produced) else e for e in own]


def record() -> dict[str, list[Event]]:
    model = identify(STARTER)
    family = model.family
    with closing(make_engine("process", "cpu")) as engine:
        return {
            prompt: list(
                engine.run(
                    Job(
                        Recipe(model.id, prompt, 128, 128, family.steps, family.guidance, family.sampler, seed=7),
                        {model.id: model.path},
                    )
                )
            )
            for prompt in PROMPTS
        }


class Scene:
    """A window with everything behind it, and what a person does to bring it into a state."""

    def __init__(self, studio: Studio, engine: Any):
        self.studio, self.engine = studio, engine
        self.window = Window(studio)
        self.window.resize(*SIZE)
        self.window.show()
        self.until(lambda: bool(studio.shelf.models))

    def until(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not true() and time.monotonic() < deadline:
            QTest.qWait(10)
        assert true()
        QTest.qWait(60)

    def generate(self, prompt: str = PROMPTS[0]) -> None:
        self.studio.session.prompt = prompt
        self.studio.generate()

    def make(self, *prompts: str) -> None:
        for prompt in prompts:
            self.generate(prompt)
        self.until(lambda: len(self.studio.results.all) >= len(prompts) and not self.studio.queue.entries)

    def stop_before(self, kind: type, nth: int = 1) -> None:
        """Generates, and lets the engine tell all that comes before the nth event of that kind."""
        events = self.engine._events(Job(self._recipe(), {}))
        places = [place for place, event in enumerate(events) if isinstance(event, kind)]
        self.engine.hold()
        self.engine.let(places[nth - 1])
        self.generate()
        self.until(lambda: bool(self.studio.queue.running and self.studio.queue.running.progress))

    def _recipe(self) -> Recipe:
        return plan(self.studio.session, self.studio.styles)[0].work


# ---------------------------------------------------------------- the states


def first_launch(scene: Scene) -> None:
    pass


def typing(scene: Scene) -> None:
    prompt = scene.window.panel.prompt
    scene.window.activateWindow()
    prompt.selectAll()
    QTest.keyClicks(prompt, "a lighthouse on the right near the ocean /ill")
    QTest.qWait(100)


def engine_starting(scene: Scene) -> None:
    scene.engine.script = [Progress(0, 1, "starting the engine"), Started()]
    scene.engine.hold()
    scene.engine.let(1)
    scene.studio.generate()
    scene.studio.generate()
    scene.until(lambda: bool(scene.studio.queue.running and scene.studio.queue.running.progress))


def loading(scene: Scene) -> None:
    scene.engine.script = [Started(), Progress(40, 100, "loading model"), Started()]
    scene.engine.hold()
    scene.engine.let(2)
    scene.studio.generate()
    scene.until(lambda: bool(scene.studio.queue.running and scene.studio.queue.running.progress))


def denoising_early(scene: Scene) -> None:
    scene.stop_before(Preview, 4)


def denoising_late(scene: Scene) -> None:
    scene.stop_before(Preview, 17)


def result(scene: Scene) -> None:
    scene.make(PROMPTS[0])


def four_results(scene: Scene) -> None:
    scene.make(*PROMPTS)
    scene.studio.stage.step(1)
    QTest.qWait(50)


def image_to_image(scene: Scene) -> None:
    scene.make(PROMPTS[1])
    scene.studio.opening.start_from_result(scene.studio.results.all[0])
    scene.until(lambda: scene.studio.session.source is not None)
    scene.studio.session.strength = 0.5
    scene.studio.session.prompt = "a calm lake at night, a sailboat with a red sail in the middle"


def compare(scene: Scene) -> None:
    scene.make(PROMPTS[0], PROMPTS[3])
    scene.studio.stage.compare(*scene.studio.results.all)
    scene.until(lambda: scene.studio.stage.rival is not None)


def error_with_details(scene: Scene) -> None:
    trace = 'Traceback (most recent call last):\n  File "render.py", line 61, in render\nRuntimeError: a tensor'
    message, hint = "The engine failed: RuntimeError: a tensor", "This is a bug; please report the details."
    scene.engine.script = [Started(), Failed(message, hint, trace)]
    scene.studio.generate()
    scene.until(lambda: bool(scene.window.toasts.shown))
    toast = scene.window.toasts.shown[0]
    toast._show_details()


def engine_died(scene: Scene) -> None:
    scene.make(PROMPTS[2])
    hint = "Most often its memory ran out: choose a smaller size or model. Try again; the engine starts anew."
    scene.engine.script = [Started(), Failed("The engine was killed by SIGKILL.", hint)]
    scene.studio.generate()
    scene.until(lambda: bool(scene.window.toasts.shown))


def settings(scene: Scene) -> None:
    scene.window.open_settings("Engine")
    QTest.qWait(700)


def shortcuts(scene: Scene) -> None:
    scene.window.open_settings("Shortcuts")
    QTest.qWait(100)


def palette(scene: Scene) -> None:
    scene.make(PROMPTS[0])
    scene.window.activateWindow()
    scene.window.actions_["palette"].trigger()
    QTest.keyClicks(scene.window.palette_box.field, "pi")
    QTest.qWait(50)


def queue_of_five(scene: Scene) -> None:
    scene.make(PROMPTS[0])
    scene.engine.failures = 1
    scene.generate(PROMPTS[3])
    scene.until(lambda: bool(scene.studio.queue.failed))
    for toast in scene.window.toasts.shown:
        toast.leave()
    scene.stop_before(Preview, 8)
    for prompt in PROMPTS[1:]:
        scene.generate(prompt)
    scene.window.actions_["show_queue"].trigger()
    QTest.qWait(100)


def menu(scene: Scene) -> None:
    scene.make(PROMPTS[1])
    scene.window.actions_.refresh()
    bar = scene.window.menuBar()
    action = next(each for each in bar.actions() if each.text() == "View")
    view = action.menu()
    assert isinstance(view, QMenu)
    view.popup(bar.mapToGlobal(bar.actionGeometry(action).bottomLeft()))
    QTest.qWait(100)


def zoomed(scene: Scene) -> None:
    scene.make(PROMPTS[2])
    scene.window.view.zoom_to(20.0)
    scene.studio.session.style = "Watercolour"
    scene.studio.session.count = 4


def narrow(scene: Scene) -> None:
    scene.make(PROMPTS[0])
    scene.window.resize(900, 560)
    QTest.qWait(100)


STATES: tuple[Callable[[Scene], None], ...] = (
    first_launch,
    typing,
    engine_starting,
    loading,
    denoising_early,
    denoising_late,
    result,
    four_results,
    image_to_image,
    compare,
    error_with_details,
    engine_died,
    settings,
    shortcuts,
    palette,
    queue_of_five,
    menu,
    zoomed,
    narrow,
    *screens_canvas.STATES,
    *screens_queue.STATES,
    *screens_gallery.STATES,
    *screens_models.STATES,
    *screens_loras.STATES,
    *screens_getting.STATES,
    *screens_help.STATES,
)
AT_200 = (
    *(first_launch, typing, four_results, image_to_image, error_with_details, settings, palette, queue_of_five),
    *(screens_canvas.canvas_candidates, screens_canvas.canvas_transform, screens_canvas.canvas_layers),
    *screens_queue.AT_200,
    *screens_gallery.AT_200,
    *screens_models.AT_200,
    *screens_getting.AT_200,
    *screens_help.AT_200,
)


# ---------------------------------------------------------------- taking the pictures


@contextmanager
def scene(theme: str, engine: Any) -> Iterator[Scene]:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SFUMATO_DATA"] = folder
        database = Database(Path(folder) / "sfumato.db")
        database.keep_state("settings", Settings(theme=theme, pictures=f"{folder}/pictures").to_json())
        made = Scene(Studio(database, lambda device, precision: engine, read_styles()), engine)
        try:
            yield made
        finally:
            made.window.close()
            made.window.deleteLater()
            made.studio.deleteLater()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def photograph(window: Window) -> QImage:
    """The window with what floats over it: lists, menus, other windows."""
    image = window.grab().toImage()
    painter = QPainter(image)
    for other in QApplication.topLevelWidgets():
        if other is not window and other.isVisible() and other.windowType() != Qt.WindowType.Desktop:
            painter.drawPixmap(window.mapFromGlobal(other.mapToGlobal(QPoint())), other.grab())
    painter.end()
    return image


def take_all(out: Path, scale: int, names: list[str]) -> None:
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    application.dress(app, Settings())
    recorded = record()
    for theme in ("dark", "light"):
        for state in STATES if scale == 100 else AT_200:
            if names and state.__name__ not in names:
                continue
            real = state in (*screens_canvas.STATES, *screens_queue.REAL)
            with scene(theme, make_engine("process", "cpu") if real else Replay(recorded)) as made:
                state(made)
                QTest.qWait(50)
                photograph(made.window).save(str(out / f"{state.__name__}-{theme}-{scale}.png"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--scale", type=int, help="only this one, in this process")
    parser.add_argument("--only", nargs="*", default=[], metavar="STATE", help="by its name here")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    if options.scale:
        take_all(options.out, options.scale, options.only)
        return
    with tempfile.TemporaryDirectory() as folder:
        screen = Path(folder) / "screen.json"
        screen.write_text(json.dumps({"screens": [SCREEN]}))
        for scale in SCALES:
            platform = f"offscreen:configfile={screen}"
            env = os.environ | {"QT_QPA_PLATFORM": platform, "QT_SCALE_FACTOR": str(scale / 100)}
            command = [sys.executable, "-m", "tests.screens", str(options.out), "--scale", str(scale)]
            command += ["--only", *options.only]
            subprocess.run(command, env=env, check=True)


if __name__ == "__main__":
    main()
