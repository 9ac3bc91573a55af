"""Pictures that come in: dropped, pasted, opened, taken from the results."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QPushButton, QToolButton, QWidget

from desktop.raster import Raster
from desktop.recipe import Recipe
from desktop.ui.widgets.images import from_image, to_image
from desktop.ui.window import Window
from tests.fakes import MADE, FakeEngine
from tests.ui.hands import CONTROL, SHIFT, click, drop, make, mime_of, named, picture, press, toast, until


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A picture file that Sfumato has not made."""
    file = tmp_path / "foreign.png"
    file.write_bytes(picture().png())
    return file


def source(window: Window) -> Raster | None:
    return window.studio.session.source


def accept(window: QWidget, chosen: Path) -> None:
    """The file dialog that is open is answered."""
    until(lambda: bool(window.findChildren(QFileDialog)))
    dialog = window.findChildren(QFileDialog)[-1]
    dialog.fileSelected.emit(str(chosen))
    dialog.close()


def test_a_dropped_picture_becomes_the_source(window: Window, foreign: Path) -> None:
    assert drop(window, mime_of(foreign))
    until(lambda: source(window) is not None)
    assert source(window) == picture()
    assert window.panel.generate.text() == "Refine"
    session = window.studio.session
    assert session.width > session.height  # as the picture is


def test_a_picture_dropped_on_the_prompt_is_no_text(window: Window, foreign: Path) -> None:
    before = window.panel.prompt.toPlainText()
    window.panel.prompt.insertFromMimeData(mime_of(foreign))
    until(lambda: source(window) == picture())
    assert window.panel.prompt.toPlainText() == before


@pytest.mark.parametrize("place", ["view", "prompt"])
def test_a_pasted_picture_becomes_the_source(window: Window, place: str) -> None:
    QGuiApplication.clipboard().setImage(to_image(picture()))
    widget: QWidget = window.view if place == "view" else window.panel.prompt
    widget.setFocus()
    press(widget, Qt.Key.Key_V, CONTROL)
    until(lambda: source(window) is not None)
    assert source(window) == picture()


def test_text_is_pasted_as_text(window: Window) -> None:
    QGuiApplication.clipboard().setText("a windmill")
    window.panel.prompt.setFocus()
    window.panel.prompt.selectAll()
    press(window.panel.prompt, Qt.Key.Key_V, CONTROL)
    assert window.studio.session.prompt == "a windmill"
    assert source(window) is None


def test_there_may_be_nothing_to_paste(window: Window) -> None:
    window.view.setFocus()
    press(window.view, Qt.Key.Key_V, CONTROL)
    assert toast(window, "There is no picture in the clipboard")


def test_text_is_not_taken_as_a_drop(window: Window) -> None:
    assert not drop(window, mime_of("some words"))


def test_one_of_ours_restores_its_recipe(window: Window, engine: FakeEngine) -> None:
    session = window.studio.session
    session.prompt, session.steps, session.guidance, session.sampler = "a lighthouse", 7, 5.5, "euler"
    make(window, 2**63 + 5)
    file = window.studio.results.all[0].file
    assert file
    session.prompt, session.steps, session.guidance, session.sampler, session.seed = "else", 20, 4.0, "heun", 1
    assert drop(window, mime_of(file))
    assert toast(window, "The recipe is restored")
    recipe = engine.jobs[0].work
    restored = session.prompt, session.steps, session.guidance, session.sampler, session.seed
    assert restored == (recipe.prompt, recipe.steps, recipe.guidance, recipe.sampler, 2**63 + 5)
    assert window.panel.seed_row.field.text() == str(2**63 + 5)
    window.studio.generate()
    until(lambda: len(engine.jobs) == 2)
    assert engine.jobs[1].work == recipe


def test_a_recipe_whose_model_is_gone_says_so(window: Window, tmp_path: Path) -> None:
    from desktop.engine.api import Produced
    from desktop.library.metadata import png

    recipe = Recipe("0" * 64, "a lighthouse", 128, 128, 20, 4.0, "euler", 3)
    file = tmp_path / "other.png"
    file.write_bytes(png(Produced(picture(128, 128), recipe, MADE)))
    drop(window, mime_of(file))
    assert "The present one stays chosen" in toast(window, "The model of this recipe is not here").notice.hint
    assert window.studio.session.prompt == "a lighthouse"


def test_a_broken_file_is_told_and_changes_nothing(window: Window, tmp_path: Path) -> None:
    file = tmp_path / "broken.png"
    file.write_bytes(picture().png()[:200])
    assert drop(window, mime_of(file))
    assert toast(window, "broken.png cannot be read").notice.hint
    assert source(window) is None


def test_a_picture_is_opened_by_its_dialog(window: Window, foreign: Path) -> None:
    click(named(window.panel, QPushButton, "Open a picture to start from"))
    accept(window, foreign)
    until(lambda: source(window) == picture())


def test_a_model_folder_that_is_none_is_told(window: Window, tmp_path: Path) -> None:
    window.actions_["open_model"].trigger()
    accept(window, tmp_path)
    until(lambda: bool(window.toasts.shown))
    assert window.toasts.shown[0].notice.hint
    assert window.studio.session.model == window.studio.shelf.models[0]


def test_a_result_becomes_the_source_and_is_refined(window: Window, engine: FakeEngine) -> None:
    make(window, 4)
    press(window.strip.list, Qt.Key.Key_U, CONTROL)
    until(lambda: source(window) is not None)
    assert source(window) == window.studio.stage.picture
    window.studio.session.strength = 0.4
    window.studio.generate()
    until(lambda: len(engine.jobs) == 2)
    job = engine.jobs[1]
    assert job.work.source
    assert job.work.source.strength == 0.4
    assert job.inputs[job.work.source.image] == source(window)


@pytest.mark.parametrize("way", ["button", "keys"])
def test_the_source_is_removed(window: Window, way: str) -> None:
    window.studio.session.start_from(picture())
    if way == "button":
        click(named(window.panel, QToolButton, "Remove the picture"))
    else:
        press(window, Qt.Key.Key_U, CONTROL | SHIFT)
    assert source(window) is None
    assert named(window.panel, QPushButton, "Open a picture to start from")


def test_what_is_copied_can_be_pasted(window: Window) -> None:
    make(window, 4)
    window.view.setFocus()
    press(window.view, Qt.Key.Key_C, CONTROL)
    copied = QGuiApplication.clipboard().mimeData()
    assert from_image(QGuiApplication.clipboard().image()).rgb() == window.studio.stage.picture
    assert [url.toLocalFile() for url in copied.urls()] == [str(window.studio.results.all[0].file)]
