"""Windows on the real engine with the built-in model."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QPushButton, QToolButton

from desktop.engine.process import ProcessEngine
from desktop.library.metadata import reading
from desktop.models.identify import identify
from desktop.paths import STARTER
from desktop.raster import Raster
from desktop.studio.notice import Kind
from desktop.ui.window import Window
from tests.engine.jobs import job
from tests.models.folders import change_json, copied
from tests.ui.conftest import Open
from tests.ui.hands import click, denoising, make, named, seen, toast, until
from tests.ui.programs import files

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")

LONG = 150  # steps: seconds, in which much can happen


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
def staying(lasting: Lasting) -> Callable[[], set[BaseProcess]]:
    return lambda: {lasting._child.process} if lasting._child else set()


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


def test_a_killed_engine_is_told_and_its_job_tried_again(window: Window, lasting: Lasting) -> None:
    window.studio.session.steps = 40
    first = result(window, 7)
    click(window.panel.generate)
    until(denoising(window, 3))
    assert lasting._child
    lasting._child.process.kill()
    shown = toast(window, "The engine was killed by SIGKILL")
    assert [entry.job.work.seed for entry in window.studio.queue.failed] == [7]
    click(named(shown, QPushButton, "Try again"))
    until(lambda: len(window.studio.results.all) == 2)
    file = window.studio.results.all[0].file
    assert file
    assert Raster.read(file) == first
    until(lambda: not window.studio.queue.entries)
    assert not window.toasts.shown
