"""A picture from the button to the disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from desktop.engine.api import Preview
from desktop.raster import Raster
from desktop.ui.window import Window
from tests.fakes import FakeEngine, ordinary, painted
from tests.ui.hands import CONTROL, click, color, middle, named, picture, plain, press, type_into, until


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.png"))


def by_click(window: Window) -> None:
    click(window.panel.generate)


def by_keys_in_the_prompt(window: Window) -> None:
    window.panel.prompt.setFocus()
    press(window.panel.prompt, Qt.Key.Key_Return, CONTROL)


def by_enter_of_the_number_pad(window: Window) -> None:
    window.panel.negative.setFocus()
    press(window.panel.negative, Qt.Key.Key_Enter, CONTROL | Qt.KeyboardModifier.KeypadModifier)


def by_the_palette(window: Window) -> None:
    press(window, Qt.Key.Key_K, CONTROL)
    type_into(window.palette_box.field, "genera")
    press(window.palette_box.field, Qt.Key.Key_Return)


def by_the_empty_view(window: Window) -> None:
    click(named(window.view, QPushButton, "Make the first picture"))


WAYS = (by_click, by_keys_in_the_prompt, by_enter_of_the_number_pad, by_the_palette, by_the_empty_view)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_picture_comes(window: Window, engine: FakeEngine, pictures: Path, way) -> None:
    prompt = window.panel.prompt.toPlainText()
    way(window)
    until(lambda: len(window.studio.results.all) == 1)
    assert [job.work.prompt for job in engine.jobs] == [prompt]
    assert window.panel.prompt.toPlainText() == prompt  # no line break has come in
    [file] = files(pictures)
    [result] = window.studio.results.all
    assert result.file == file
    assert Raster.read(file) == painted(engine.jobs[0].work)
    assert window.strip.model.rowCount() == 1
    assert window.strip.list.currentIndex().row() == 0
    assert middle(window.view) == color(painted(engine.jobs[0].work))


def test_what_is_typed_is_drawn(window: Window, engine: FakeEngine) -> None:
    window.panel.prompt.selectAll()
    type_into(window.panel.prompt, "a red boat")
    window.panel.negative.setFocus()
    type_into(window.panel.negative, "people")
    window.panel.steps.content = 3
    window.panel.steps.edited.emit(3)
    click(window.panel.generate)
    until(lambda: bool(window.studio.results.all))
    recipe = engine.jobs[0].work
    assert (recipe.prompt, recipe.negative, recipe.steps) == ("a red boat", "people", 3)


def test_the_preview_is_seen_before_the_picture(window: Window, engine: FakeEngine) -> None:
    engine.hold()
    click(window.panel.generate)
    until(lambda: bool(engine.jobs))
    recipe = engine.jobs[0].work
    first = next(place for place, event in enumerate(ordinary(recipe)) if isinstance(event, Preview))
    engine.let(first + 1)
    until(lambda: window.studio.stage.picture is not None)
    assert window.studio.stage.picture == painted(recipe, share=4)
    assert window.studio.stage.size == (recipe.width, recipe.height)  # as large as the picture will be
    assert middle(window.view) == color(painted(recipe))
    assert not window.studio.results.all
    engine.free()
    until(lambda: bool(window.studio.results.all))
    assert window.studio.stage.picture == painted(recipe)
    assert window.studio.stage.result is window.studio.results.all[0]


def test_previews_sharpen_one_after_the_other(window: Window, engine: FakeEngine) -> None:
    previews = [plain(8, 8, (200, 30, 30)), plain(8, 8, (30, 30, 200))]
    engine.script = [Preview(each, step) for step, each in enumerate(previews)]
    engine.hold()
    click(window.panel.generate)
    for shown in previews:
        engine.let(1)
        until(lambda shown=shown: window.studio.stage.picture == shown)
        assert middle(window.view) == color(shown)


def test_four_come_with_seeds_one_apart(window: Window, engine: FakeEngine, pictures: Path) -> None:
    session = window.studio.session
    session.seed, session.seed_locked = 7, True
    window.panel.count.setFocus()
    type_into(window.panel.count, "4")
    press(window.panel.count.focusWidget() or window.panel.count, Qt.Key.Key_Return)
    assert window.panel.generate.text() == "Generate 4"
    click(window.panel.generate)
    until(lambda: len(window.studio.results.all) == 4)
    assert [job.work.seed for job in engine.jobs] == [7, 8, 9, 10]
    assert [result.recipe.seed for result in window.studio.results.all] == [10, 9, 8, 7]
    assert len(files(pictures)) == 4
    assert window.strip.model.rowCount() == 4


def test_the_button_says_what_it_will_do(window: Window) -> None:
    session, button = window.studio.session, window.panel.generate
    assert button.text() == "Generate"
    session.source = picture()
    assert button.text() == "Refine"
    session.count = 3
    assert button.text() == "Refine 3"
    session.strength = 1.0
    assert button.text() == "Generate 3"
    session.source, session.count = None, 1
    assert button.text() == "Generate"
