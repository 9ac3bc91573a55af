"""The prompt panel: what its controls are bound to, models, sections."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QWidget

from desktop.models.families import FAMILIES
from desktop.paths import STARTER
from desktop.recipe import LoraUse
from desktop.ui import theme
from desktop.ui.prompt.behind import BEHIND
from desktop.ui.widgets.slider import NumberSlider
from desktop.ui.window import Window
from tests.fakes import FakeEngine
from tests.models.folders import change_json, copied
from tests.ui.hands import answer, click, pick, picture, press, settle, until, wheel

# ---------------------------------------------------------------- bound both ways

BOUND: dict[str, tuple[Callable[[Window], Any], Any]] = {
    "prompt": (lambda window: window.panel.prompt, "a tent"),
    "negative": (lambda window: window.panel.negative, "people"),
    "style": (lambda window: window.panel.style_box, "Watercolour"),
    "steps": (lambda window: window.panel.steps, 33),
    "guidance": (lambda window: window.panel.guidance, 7.5),
    "sampler": (lambda window: window.panel.sampler, "euler"),
    "count": (lambda window: window.panel.count, 5),
    "seed": (lambda window: window.panel.seed_row.field, 2**64 - 1),
    "seed_locked": (lambda window: window.panel.seed_row.lock, True),
    "width": (lambda window: window.panel.size_row.width_field, 192),
    "height": (lambda window: window.panel.size_row.height_field, 256),
    "strength": (lambda window: window.panel.source_section.content.findChild(NumberSlider), 0.35),
}


@pytest.mark.parametrize("name", BOUND)
def test_each_control_shows_the_session_and_changes_it(window: Window, name: str) -> None:
    find, value = BOUND[name]
    control, session = find(window), window.studio.session
    before = getattr(session, name)
    assert control.content == before
    setattr(session, name, value)
    assert control.content == value
    control.content = before
    control.edited.emit(before)
    assert getattr(session, name) == before


@pytest.mark.parametrize("name", ["steps", "guidance", "sampler", "model", "style_box"])
def test_the_wheel_changes_nothing_in_passing(window: Window, name: str) -> None:
    widget: QWidget = getattr(window.panel, name)
    widget.setFocus()
    before = window.studio.session.to_json()
    wheel(widget, 2)
    assert window.studio.session.to_json() == before


def test_the_wheel_scrolls_the_panel_instead(window: Window) -> None:
    window.resize(window.width(), window.minimumSizeHint().height())
    [area] = window.panel.findChildren(QScrollArea)
    bar = area.verticalScrollBar()
    until(lambda: bar.maximum() > 0)
    for widget in (window.panel.style_box, window.panel.count):
        bar.setValue(0)
        area.ensureWidgetVisible(widget)
        before = bar.value()
        wheel(widget, 1 if before else -1)
        assert bar.value() != before


def test_opening_a_model_stands_among_the_models(window: Window) -> None:
    box, chosen = window.panel.model, window.studio.session.model
    assert chosen
    assert box.itemText(0) == "Starter (built in)"
    fired: list[bool] = []
    window.actions_["open_model"].triggered.connect(lambda: fired.append(True))
    box.setCurrentIndex(box.count() - 1)
    box.activated.emit(box.count() - 1)
    assert fired == [True]
    assert box.content == chosen.id  # still


def test_each_model_tells_its_family_and_what_it_is_of_that(window: Window) -> None:
    box, (starter, *_) = window.panel.model, window.studio.shelf.models
    assert box.itemData(0, BEHIND) == "Starter"
    large = replace(
        starter, id="b" * 64, name="ink XL", path=Path("/ink"), family=FAMILIES["sdxl"], variants=("inpaint",)
    )
    quick = replace(large, id="c" * 64, name="ink_lightning_4step", variants=())
    window.studio.shelf.models = (starter, large, quick)
    assert (box.itemText(1), box.itemData(1, BEHIND)) == ("ink XL", "Stable Diffusion XL  ·  inpaint")
    assert box.itemData(2, BEHIND) == "Stable Diffusion XL  ·  lightning"


def test_a_model_that_stands_in_for_another_is_told(window: Window) -> None:
    panel, session = window.panel, window.studio.session
    assert not panel.stand_in.isVisible()
    session.wanted_model = "b" * 64
    assert panel.stand_in.text() == "Starter (built in) stands in: the model that was chosen is not here."
    assert panel.stand_in.isVisible()
    session.choose(window.studio.shelf.models[0])
    assert not panel.stand_in.isVisible()


def test_samplers_are_those_of_the_model(window: Window) -> None:
    model, box = window.studio.session.model, window.panel.sampler
    assert model
    assert [box.itemData(row) for row in range(box.count())] == list(model.family.samplers)


def test_a_sampler_is_chosen_by_keys(window: Window, engine: FakeEngine) -> None:
    pick(window.panel.sampler, "euler")
    assert window.studio.session.sampler == "euler"
    click(window.panel.generate)
    until(lambda: bool(engine.jobs))
    assert engine.jobs[0].work.sampler == "euler"


def test_a_model_folder_is_opened_and_the_models_are_switched(
    window: Window, engine: FakeEngine, tmp_path: Path
) -> None:
    folder, box, session = copied(STARTER, tmp_path / "hills"), window.panel.model, window.studio.session
    change_json(folder / "model_index.json", lambda index: index.update(_name_or_path="hills"))
    (folder / "unet" / "config.json").write_text((STARTER / "unet" / "config.json").read_text() + " ")
    starter = session.model
    window.actions_["open_model"].trigger()
    answer(window, folder / "model_index.json")
    until(lambda: box.findText("hills") >= 0)
    assert session.model
    assert session.model.path == folder
    assert box.currentText() == "hills"
    click(window.panel.generate)
    until(lambda: bool(engine.jobs))
    assert engine.jobs[0].models == {session.model.id: folder}
    pick(box, starter.id if starter else "")
    assert session.model == starter


def test_sections_fold(window: Window) -> None:
    section = window.panel.sampling_section
    assert window.panel.steps.isVisible()
    click(section._heading)
    assert not window.panel.steps.isVisible()
    press(section._heading, Qt.Key.Key_Space)
    assert window.panel.steps.isVisible()


def test_strength_comes_with_a_source(window: Window) -> None:
    strength = window.panel.source_section.content.findChildren(NumberSlider)[0]
    assert not strength.isVisible()
    window.studio.session.source = picture()
    assert strength.isVisible()


def test_what_means_nothing_to_a_model_is_not_shown(window: Window) -> None:
    """A negative prompt, guidance, the strength of a picture that is edited."""
    until(lambda: bool(window.studio.shelf.models))
    panel, session, (starter, *_) = window.panel, window.studio.session, window.studio.shelf.models
    session.source = picture()
    strength = panel.source_section.content.findChild(NumberSlider)
    assert isinstance(strength, NumberSlider)
    controls = (panel.negative, panel.guidance, strength)
    assert [control.isHidden() for control in controls] == [False] * 3
    session.model = replace(starter, family=replace(starter.family, guide="none", edits=True))
    assert [control.isHidden() for control in controls] == [True] * 3
    session.model = replace(starter, family=replace(starter.family, guide="distilled"))
    assert [control.isHidden() for control in controls] == [True, False, False]


def _edge(widget: QWidget) -> str:
    """The colour in the middle of its upper edge."""
    return widget.grab().toImage().pixelColor(widget.width() // 2, 0).name()


def test_focus_is_seen_on_whatever_is_chosen_or_under_the_mouse_and_nothing_jumps(window: Window) -> None:
    panel, session = window.panel, window.studio.session
    session.loras = (LoraUse("a" * 64, "ink"),)
    settle()
    row = panel.loras.rows["a" * 64]
    click(row.more)
    window.activateWindow()
    until(window.isActiveWindow)
    for widget in (panel.generate, row.on, row.more, row.blocks.line, panel.model):
        panel.prompt.setFocus()
        before, size = widget.grab().toImage(), widget.sizeHint()
        widget.setFocus()
        assert (widget.grab().toImage() != before, widget.sizeHint()) == (True, size), widget.accessibleName()
    for field in (row.blocks.line, panel.model):
        field.setFocus()
        field.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)
        assert _edge(field) == theme.current().accent
        field.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
