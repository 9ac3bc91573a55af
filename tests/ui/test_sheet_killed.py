"""A sheet on the real engine, in a program that is killed in the middle of it, and the launch after that."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton

from desktop.paths import data_folder
from desktop.raster import Raster
from desktop.studio.fields import Bench, read_axis
from desktop.ui.window import Window
from tests.ui.hands import click, denoising, named, toast
from tests.ui.programs import Launch, kill
from tests.ui.story import Steps, never, say

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")

STEPS = 30
MADE = 2  # before it is killed
AXES = (("seed", "1-3"), ("guidance", "3, 5"))


def begins(window: Window) -> Steps:
    yield lambda: bool(window.studio.shelf.models)
    window.studio.session.steps = STEPS
    window.studio.make_sheet([read_axis(*axis, Bench((), {})) for axis in AXES], singles=False)
    yield lambda: len(window.studio.queue.done) == MADE
    yield denoising(window, 2)
    say(len(window.studio.queue.waiting))
    yield never


def goes_on(window: Window) -> Steps:
    yield lambda: bool(window.toasts.shown)
    click(named(toast(window, "4 jobs are waiting"), QPushButton, "Go on"))
    yield lambda: bool(window.studio.results.all)
    say([len(window.studio.queue.done), str(window.studio.results.all[0].file)])
    yield lambda: not list((data_folder() / "sheets").iterdir())
    window.close()


def test_a_sheet_goes_on_after_a_kill(launch: Launch) -> None:
    program = launch(begins)
    assert program.says() == 3
    kept = sorted((data_folder() / "sheets").rglob("*.png"))
    assert [file.name for file in kept] == ["0.png", "1.png"]
    before = [Raster.read(file) for file in kept]
    kill(program)
    again = launch(goes_on)
    done, file = again.says()
    assert done == 6
    sheet = Raster.read(Path(file))
    assert again.ends()[0] == 0
    assert all(_is_on(picture, sheet) for picture in before)  # as they were made before
    assert sheet.height > 2 * 128


def _is_on(picture: Raster, sheet: Raster) -> bool:
    """Whether it is there, pixel by pixel."""
    corners = (sheet.pixels[: 1 - picture.height, : 1 - picture.width] == picture.pixels[0, 0]).all(axis=2).nonzero()
    places = zip(*(map(int, each) for each in corners), strict=True)
    return any(sheet.crop(left, top, picture.width, picture.height) == picture for top, left in places)
