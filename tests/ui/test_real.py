"""The real thing: windows on the real engine with the built-in model, and whole programs that are killed and closed."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QToolButton

from desktop import reports
from desktop.database import Database
from desktop.engine.api import Progress
from desktop.engine.process import ProcessEngine
from desktop.library.metadata import reading
from desktop.models.identify import identify
from desktop.paths import HANDOVER, STARTER, data_folder
from desktop.raster import Raster
from desktop.settings import Settings
from desktop.studio.making import Kept
from desktop.studio.notice import Kind
from desktop.studio.worker import Worker
from desktop.ui.window import Window
from tests.canvas.painter import digest
from tests.engine.jobs import job
from tests.models.folders import change_json, copied
from tests.ui import hands
from tests.ui.conftest import Open
from tests.ui.hands import LEFT, NONE, click, drag, make, named, seen, toast, type_into, until
from tests.ui.story import Steps, Story

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")

REPOSITORY = Path(__file__).parents[2]
LONG = 150  # steps: seconds, in which much can happen
SEEDS = [7, 8, 9]
OF_OFFSCREEN = re.compile(r"This plugin does not support (propagateSizeHints|raise)\(\)\n")  # about every popup
OPEN_ALREADY = "Sfumato is open already: its window comes to the front.\n"
KEPT_WITHIN = 1.0  # seconds after which a step on the canvas is safe
SETTLED = 0.5  # seconds after which nothing is lost any more


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hands, "PATIENCE", 60.0)  # seconds, for what takes a few


def files(folder: Path) -> list[Path]:
    return sorted(each for each in folder.rglob("*") if each.is_file())


# ---------------------------------------------------------------- a window on the real engine


class Lasting(ProcessEngine):
    """Outlives the windows that it works for."""

    def close(self) -> None:
        for job_id in list(self._open):
            self.cancel(job_id)

    def end(self) -> None:
        super().close()


@pytest.fixture(scope="module")
def lasting() -> Iterator[Lasting]:
    engine = Lasting("cpu")
    list(engine.run(job()))
    yield engine
    engine.end()


@pytest.fixture
def window(open_window: Open, lasting: Lasting) -> Window:
    return open_window(lambda device, precision: lasting)


def result(window: Window, seed: int) -> Raster:
    """The picture of that seed, as it is on disk."""
    make(window, seed)
    file = window.studio.results.all[0].file
    assert file
    return Raster.read(file)


def distance(one: Raster, other: Raster) -> float:
    return float(np.abs(one.pixels.astype(float) - other.pixels).mean())


def denoising(window: Window, step: int) -> Callable[[], bool]:
    """Whether the running job has come that far."""

    def far() -> bool:
        running = window.studio.queue.running
        progress = running.progress if running else None
        return progress is not None and progress.note == "denoising" and progress.step >= step

    return far


def test_a_picture_comes_from_the_button_to_the_file_and_sharpens_on_the_way(window: Window, pictures: Path) -> None:
    stage, shown = window.studio.stage, []
    stage.changed.connect(lambda name: shown.append((stage.picture, stage.result)) if name == "picture" else None)
    window.studio.session.steps = LONG
    empty = seen(window.view)
    click(window.panel.generate)
    until(lambda: bool(shown))
    preview = seen(window.view)
    assert (preview != empty).any()
    assert window.studio.queue.running
    assert stage.size == (128, 128)
    window.studio.cancel()
    until(lambda: not window.studio.queue.entries)
    window.studio.session.steps = 8
    shown.clear()
    click(window.panel.generate)
    until(lambda: not window.studio.queue.entries)
    *previews, (last, its_result) = shown
    assert len(previews) >= 2
    assert all(each.width < last.width == 128 and of is None for each, of in previews)
    assert its_result is window.studio.results.all[0]
    assert (seen(window.view) != preview).any()
    [file] = files(pictures)
    assert Raster.read(file) == last
    recipe = window.studio.results.all[0].recipe
    assert reading.describe(file).recipe == recipe.to_json()
    assert recipe.prompt == window.panel.prompt.toPlainText()


def test_the_same_seed_gives_the_same_picture(window: Window) -> None:
    window.studio.session.steps = 4
    first, other, again = (result(window, seed) for seed in (7, 8, 7))
    assert again == first
    assert distance(first, other) > 5


def test_a_picture_grows_out_of_a_result(window: Window) -> None:
    session = window.studio.session
    session.steps = 8
    first, unlike = (result(window, seed) for seed in (7, 8))
    window.actions_["previous"].trigger()
    window.studio.stage.show(window.studio.results.all[1])
    window.actions_["use_source"].trigger()
    until(lambda: session.source is not None)
    session.strength = 0.3
    assert window.panel.generate.text() == "Refine"
    refined = result(window, 8)
    source = window.studio.results.all[0].recipe.source
    assert source
    assert source.image == first.sha256
    assert refined != first
    assert distance(refined, first) < distance(unlike, first) / 2


def test_a_job_is_cancelled_in_the_middle(window: Window, pictures: Path) -> None:
    session = window.studio.session
    session.steps = LONG
    click(window.panel.generate)
    until(denoising(window, 3))
    click(named(window.panel, QToolButton, "Cancel"))
    until(lambda: not window.studio.queue.entries)
    assert not window.studio.results.all
    assert not window.toasts.shown
    assert not pictures.exists()
    session.steps = 4
    assert result(window, 7)


def test_a_model_whose_files_do_not_belong_together_is_told(window: Window, tmp_path: Path) -> None:
    broken = copied(STARTER, tmp_path / "broken")
    change_json(broken / "unet" / "config.json", lambda config: config | {"attention_head_dim": 3})
    window.studio.shelf.open(broken)
    until(lambda: window.studio.session.model == identify(broken))
    click(window.panel.generate)
    shown = toast(window, "broken cannot be loaded")
    assert shown.notice.kind is Kind.ERROR
    assert "download the model again" in shown.notice.hint
    assert len(window.studio.queue.failed) == 1
    window.studio.session.model = identify(STARTER)
    window.studio.session.steps = 4
    click(window.panel.generate)
    until(lambda: len(window.studio.results.all) == 1)


def test_a_killed_engine_is_told_and_its_job_tried_again(open_window: Open) -> None:
    engine = ProcessEngine("cpu")
    window = open_window(lambda device, precision: engine)
    window.studio.session.steps = 40
    first = result(window, 7)
    click(window.panel.generate)
    until(denoising(window, 3))
    assert engine._child
    engine._child.process.kill()
    shown = toast(window, "The engine was killed by SIGKILL")
    assert [entry.job.work.seed for entry in window.studio.queue.failed] == [7]
    click(named(shown, QPushButton, "Try again"))
    until(lambda: len(window.studio.results.all) == 2)
    file = window.studio.results.all[0].file
    assert file
    assert Raster.read(file) == first
    until(lambda: not window.studio.queue.entries)
    assert not window.toasts.shown


# ---------------------------------------------------------------- whole programs

SFUMATO = [sys.executable, "-m", "desktop"]


class Program:
    """One that runs, and the engine's child of it."""

    def __init__(self, command: list[str], environment: dict[str, str]):
        self.popen = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=REPOSITORY,
            env=environment,
            start_new_session=True,
        )
        self.family: list[psutil.Process] = []

    def says(self) -> Any:
        """The next line of what its story tells."""
        assert self.popen.stdout
        line = self.popen.stdout.readline()
        self.family = psutil.Process(self.popen.pid).children(recursive=True) if line else self.family
        assert line, self.popen.stderr.read() if self.popen.stderr else ""
        return json.loads(line)

    def has_engine(self) -> bool:
        """Which it gets once its window has been painted."""
        self.family = psutil.Process(self.popen.pid).children(recursive=True)
        return any("spawn_main" in word for each in self.family for word in _command_of(each))

    def signal(self, number: signal.Signals) -> None:
        self.popen.send_signal(number)

    def ends(self) -> tuple[int, str, str]:
        """Its exit code and what it has written, once it and all that it has begun are gone."""
        out, errors = self.popen.communicate(timeout=30)
        assert self.is_gone()
        return self.popen.returncode, out, OF_OFFSCREEN.sub("", errors)

    def is_gone(self) -> bool:
        self.popen.wait(30)
        end = time.monotonic() + 10
        while any(map(_lives, self.family)) and time.monotonic() < end:
            time.sleep(0.01)
        return not any(map(_lives, self.family))


def _lives(process: psutil.Process) -> bool:
    """Rather than being gone, or a zombie that nobody has asked for its exit code."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _command_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


Launch = Callable[..., Program]


@pytest.fixture
def launch(pictures: Path) -> Iterator[Launch]:
    """Begins `sfumato`, or a window with a story in it."""
    with closing(Database(data_folder() / "sfumato.db")) as database:
        database.keep_state("settings", replace(Settings(theme="dark"), pictures=str(pictures)).to_json())
    programs: list[Program] = []

    def begin(what: Story | list[str] = SFUMATO, environment: dict[str, str] | None = None) -> Program:
        if callable(what):
            script = (
                f"import sys; from tests.ui import story, test_real; sys.exit(story.tell(test_real.{what.__name__}))"
            )
            what = [sys.executable, "-c", script]
        programs.append(Program(what, environment or dict(os.environ)))
        return programs[-1]

    yield begin
    for program in programs:
        program.popen.kill()
        for each in filter(_lives, program.family):  # of a test that has failed
            each.kill()
        program.popen.communicate()


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


def kill(program: Program) -> None:
    program.signal(signal.SIGKILL)
    assert program.ends()[0] == -signal.SIGKILL


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


@pytest.mark.parametrize(("moment", "times"), [("decoding", 1), ("decoding", 4), ("kept", 3)])
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


# ---------------------------------------------------------------- its end and its beginning


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_close_it_like_a_click(launch: Launch, number: signal.Signals) -> None:
    program = launch()
    until(program.has_engine)
    os.killpg(program.popen.pid, number) if number is signal.SIGINT else program.signal(number)  # Ctrl+C is for all
    assert program.ends() == (0, "", "")


def test_signals_close_it_while_it_draws(launch: Launch) -> None:
    program = launch(is_busy)
    program.says()
    program.signal(signal.SIGTERM)
    assert program.ends() == (0, "", "")
    assert left_of(launch)["seeds"]["left"] == SEEDS


def test_a_second_one_calls_for_the_first(launch: Launch) -> None:
    first = launch()
    until(first.has_engine)
    assert launch().ends() == (0, OPEN_ALREADY, "")
    until(lambda: not list((data_folder() / HANDOVER).iterdir()))  # it has heard
    assert first.popen.poll() is None
    first.signal(signal.SIGTERM)
    assert first.ends() == (0, "", "")


def test_a_second_one_hands_its_files_over(launch: Launch, tmp_path: Path) -> None:
    file = tmp_path / "theirs ö.png"
    file.write_bytes(hands.picture(160, 96).png())
    first = launch()
    until(first.has_engine)
    assert launch([*SFUMATO, str(file)]).ends() == (0, OPEN_ALREADY, "")
    until(lambda: list((data_folder() / "inputs").glob("*.png")) != [])  # it has become the source
    first.signal(signal.SIGTERM)
    assert first.ends() == (0, "", "")
    assert not list((data_folder() / HANDOVER).iterdir())


def test_a_first_one_opens_the_files_that_it_is_given(launch: Launch, tmp_path: Path) -> None:
    file = tmp_path / "theirs.png"
    file.write_bytes(hands.picture(160, 96).png())
    first = launch([*SFUMATO, str(file)])
    until(lambda: list((data_folder() / "inputs").glob("*.png")) != [])
    first.signal(signal.SIGTERM)
    assert first.ends() == (0, "", "")


def test_a_crash_is_told_by_the_next_one(launch: Launch) -> None:
    first = launch()
    until(first.has_engine)
    first.signal(signal.SIGSEGV)
    assert first.is_gone()
    again = launch()
    until(lambda: reports.folder().exists() and bool(files(reports.folder())))
    again.signal(signal.SIGTERM)
    assert again.ends() == (0, "", "")
    (report,) = files(reports.folder())
    assert report.read_text().startswith("Sfumato crashed the last time.")
    assert 'File "desktop/ui/application.py", line' in report.read_text()


def test_two_people_on_one_machine_each_have_their_window(launch: Launch, tmp_path: Path) -> None:
    theirs = tmp_path / "Zoë Müllers Haus"
    shutil.copytree(data_folder(), theirs)
    one, other = launch(), launch(environment={**os.environ, "SFUMATO_DATA": str(theirs), "HOME": str(theirs)})
    for each in (one, other):
        until(each.has_engine)
        each.signal(signal.SIGTERM)
        assert each.ends() == (0, "", "")


def test_without_a_display_it_says_so(launch: Launch) -> None:
    blind = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    del blind["QT_QPA_PLATFORM"]
    code, out, errors = launch(environment=blind).ends()
    assert (code, out) == (2, "")
    assert errors.startswith("sfumato: There is no display to open a window on.\n")
    assert "sfumato generate" in errors
