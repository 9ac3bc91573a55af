"""Pictures that come in: dropped, pasted, opened, taken from the results."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QObject, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton, QWidget

from desktop.engine.api import Produced
from desktop.library.metadata.writing import png
from desktop.raster import Raster
from desktop.recipe import Recipe
from desktop.ui.widgets.images import from_image, to_image
from desktop.ui.widgets.slider import NumberSlider
from desktop.ui.window import Window
from tests.fakes import MADE, FakeEngine
from tests.ui.hands import (
    CONTROL,
    LEFT,
    NONE,
    SHIFT,
    answer,
    click,
    drag,
    drop,
    make,
    menu_of,
    middle,
    mime_of,
    named,
    picture,
    plain,
    press,
    settle,
    toast,
    until,
)


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A picture file that Sfumato has not made."""
    file = tmp_path / "foreign.png"
    file.write_bytes(picture().png())
    return file


def source(window: Window) -> Raster | None:
    return window.studio.session.source


PLACES: dict[str, Callable[[Window], QWidget]] = {
    "the view": lambda window: window.view,
    "the prompt": lambda window: window.panel.prompt.viewport(),
    "the negative prompt": lambda window: window.panel.negative.viewport(),
    "the panel": lambda window: window.panel,
    "the results": lambda window: window.strip,
    "the menus": lambda window: window.menuBar(),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", ["file", "image"])
def test_a_dropped_picture_becomes_the_source(window: Window, foreign: Path, place: str, kind: str) -> None:
    words = window.panel.prompt.toPlainText()
    assert drop(PLACES[place](window), mime_of(foreign if kind == "file" else to_image(picture())))
    until(lambda: source(window) is not None)
    assert source(window) == picture()
    assert window.panel.generate.text() == "Refine"
    session = window.studio.session
    assert session.width > session.height  # as the picture is
    assert (window.panel.prompt.toPlainText(), window.panel.negative.toPlainText()) == (words, "")


def test_of_several_dropped_files_the_first_is_taken(window: Window, foreign: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.png"
    other.write_bytes(picture(seed=1).png())
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(each)) for each in (foreign, other)])
    drop(window.view, mime)
    until(lambda: source(window) is not None)
    assert source(window) == picture()


def test_what_is_dragged_from_the_results_is_not_taken_in_again(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(window, 1)
    mime = window.strip.model.mimeData([window.strip.model.index(0)])

    class Own(QDropEvent):
        def source(self) -> QObject:  # offscreen there are no drags that could tell
            return window.strip.list

    opened: list[Path] = []
    monkeypatch.setattr(window.studio.opening, "open", opened.append)
    at = QPointF(window.view.rect().center())
    for kind, files in ((Own, []), (QDropEvent, [window.studio.results.all[0].file])):
        window.dropEvent(kind(at, Qt.DropAction.CopyAction, mime, LEFT, NONE))
        assert opened == files


@pytest.mark.parametrize("place", ["view", "prompt"])
def test_a_pasted_picture_becomes_the_source(window: Window, place: str) -> None:
    words = window.panel.prompt.toPlainText()
    QGuiApplication.clipboard().setImage(to_image(picture()))
    widget: QWidget = window.view if place == "view" else window.panel.prompt
    widget.setFocus()
    press(widget, Qt.Key.Key_V, CONTROL)
    until(lambda: source(window) is not None)
    assert source(window) == picture()
    assert window.panel.prompt.toPlainText() == words


@pytest.mark.parametrize("drawn", [False, True], ids=["alone", "with a picture of it, as from office programs"])
def test_text_is_pasted_as_text(window: Window, drawn: bool) -> None:
    mime = mime_of("a windmill")
    if drawn:
        mime.setImageData(to_image(picture()))
    QGuiApplication.clipboard().setMimeData(mime)
    window.panel.prompt.setFocus()
    window.panel.prompt.selectAll()
    press(window.panel.prompt, Qt.Key.Key_V, CONTROL)
    assert window.studio.session.prompt == "a windmill"
    window.studio.errands.finish()
    settle()
    assert source(window) is None


def test_text_is_dropped_into_the_prompt_as_text(window: Window) -> None:
    prompt = window.panel.prompt
    words = prompt.toPlainText()
    assert drop(prompt.viewport(), mime_of(" and a boat"), prompt.viewport().rect().bottomRight() - QPoint(2, 2))
    assert window.studio.session.prompt == f"{words} and a boat"


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
    answer(window, foreign)
    until(lambda: source(window) == picture())


def test_a_model_that_is_none_is_told(window: Window, tmp_path: Path) -> None:
    (tmp_path / "page.safetensors").write_text("<html>not found</html>")
    window.actions_["open_model"].trigger()
    answer(window, tmp_path / "page.safetensors")
    until(lambda: bool(window.toasts.shown))
    assert window.toasts.shown[0].notice.hint
    assert window.studio.session.model == window.studio.shelf.models[0]


def by_keys(window: Window) -> None:
    press(window.strip.list, Qt.Key.Key_U, CONTROL)


def by_the_button_below(window: Window) -> None:
    click(named(window.foot, QToolButton, "Start from this picture"))


def by_its_menu(window: Window) -> None:
    menu = menu_of(window.view)
    click(menu, menu.actionGeometry(window.actions_["use_source"]).center())


@pytest.mark.parametrize("way", [by_keys, by_the_button_below, by_its_menu], ids=lambda way: way.__name__)
def test_a_result_becomes_the_source_and_is_refined(
    window: Window, engine: FakeEngine, way: Callable[[Window], None]
) -> None:
    make(window, 4)
    way(window)
    until(lambda: source(window) is not None)
    assert source(window) == window.studio.stage.picture
    strength = named(window.panel, NumberSlider, "Denoising strength")
    drag(strength, QPoint(strength.width() - 5, 10), QPoint(round(strength.width() * 0.4), 10))
    assert window.panel.generate.text() == "Refine"
    click(window.panel.generate)
    until(lambda: len(engine.jobs) == 2)
    job = engine.jobs[1]
    assert job.work.source
    assert job.work.source.strength == window.studio.session.strength == pytest.approx(0.4, abs=0.03)
    assert job.inputs[job.work.source.image] == source(window)


def test_the_whole_strength_starts_from_noise(window: Window) -> None:
    window.studio.session.start_from(picture())
    strength = named(window.panel, NumberSlider, "Denoising strength")
    drag(strength, QPoint(5, 10), QPoint(strength.width() + 20, 10))
    assert window.panel.generate.text() == "Generate"
    drag(strength, QPoint(5, 10), QPoint(-20, 10))
    assert window.studio.session.strength == 1 / window.studio.session.steps
    assert window.panel.generate.text() == "Refine"


def test_the_source_is_seen_in_the_panel(window: Window) -> None:
    window.studio.session.start_from(plain(40, 40, (10, 200, 30)))
    row = window.panel.source_section
    assert named(row, QLabel, "40 × 40")
    pictured = next(each for each in row.findChildren(QLabel) if not each.pixmap().isNull())
    assert middle(pictured) == (10, 200, 30)


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
