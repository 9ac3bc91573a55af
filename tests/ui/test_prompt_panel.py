"""The prompt panel: every control, by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QCompleter, QToolButton, QWidget

from desktop.ui.prompt.editor import PromptEdit
from desktop.ui.widgets.slider import NumberSlider
from desktop.ui.window import Window
from tests.fakes import FakeEngine
from tests.ui.hands import ALT, CONTROL, LEFT, NONE, click, drag, make, named, picture, press, type_into, until, wheel


def type_number(slider: NumberSlider, text: str) -> None:
    click(slider)
    field = slider.focusWidget() or QApplication.focusWidget()
    assert field is not None
    type_into(field, text)
    press(field, Qt.Key.Key_Return)


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


# ---------------------------------------------------------------- prompts


def suggestions(prompt: PromptEdit) -> QAbstractItemView:
    completer = prompt.findChild(QCompleter)
    assert completer
    popup = completer.popup()
    assert popup
    return popup


def test_a_slash_lists_styles_and_enter_takes_one(window: Window, engine: FakeEngine) -> None:
    prompt = window.panel.prompt
    prompt.setFocus()
    prompt.selectAll()
    type_into(prompt, "a lighthouse /waterc")
    popup = suggestions(prompt)
    until(popup.isVisible)
    press(popup, Qt.Key.Key_Return)
    assert window.studio.session.style == "Watercolour"
    assert prompt.toPlainText() == "a lighthouse "
    assert window.panel.style_box.currentText() == "Watercolour"
    window.studio.generate()
    until(lambda: bool(engine.jobs))
    assert engine.jobs[0].work.prompt != "a lighthouse "  # with the style's words
    assert "a lighthouse" in engine.jobs[0].work.prompt


def test_a_slash_within_a_word_lists_nothing(window: Window) -> None:
    prompt = window.panel.prompt
    prompt.setFocus()
    prompt.selectAll()
    type_into(prompt, "1/4 and/or")
    popup = suggestions(prompt)
    assert not popup.isVisible()


def test_a_style_is_typed_in_its_own_field_and_nonsense_is_not_taken(window: Window) -> None:
    box = window.panel.style_box
    line = box.lineEdit()
    assert line
    box.setFocus()
    line.selectAll()
    type_into(line, "oil painting")
    press(line, Qt.Key.Key_Return)
    assert window.studio.session.style == "Oil painting"
    line.selectAll()
    type_into(line, "no such style")
    press(line, Qt.Key.Key_Tab)
    assert window.studio.session.style == "Oil painting"
    assert box.currentText() == "Oil painting"
    line.selectAll()
    type_into(line, "none")
    press(line, Qt.Key.Key_Return)
    assert window.studio.session.style == ""


def test_earlier_prompts_come_back(window: Window) -> None:
    prompt, session = window.panel.prompt, window.studio.session
    for text in ("first", "second"):
        session.prompt = text
        make(window, 1)
    prompt.setFocus()
    prompt.selectAll()
    type_into(prompt, "draft")
    up, down = Qt.Key.Key_Up, Qt.Key.Key_Down
    way = ((up, "second"), (up, "first"), (up, "first"), (down, "second"), (down, "draft"), (down, "draft"))
    for key, expected in way:
        press(prompt, key, ALT)
        assert session.prompt == expected
    press(prompt, Qt.Key.Key_Up, ALT)
    press(prompt, Qt.Key.Key_Z, CONTROL)
    assert session.prompt == "draft"


def test_earlier_prompts_are_there_at_the_next_launch(open_window) -> None:
    window = open_window()
    window.studio.session.prompt = "a windmill"
    make(window, 1)
    window.close()
    again = open_window()
    until(lambda: again.studio.memory.prompts == ("a windmill",))


# ---------------------------------------------------------------- numbers


def test_a_slider_takes_a_typed_number(window: Window) -> None:
    steps = window.panel.steps
    type_number(steps, "42")
    assert window.studio.session.steps == 42
    type_number(steps, "900")  # beyond the slider, within what the sampler can
    assert window.studio.session.steps == 900
    type_number(steps, "99999")
    assert window.studio.session.steps == 1000
    assert steps.content == 1000
    type_number(window.panel.guidance, "6,25")
    assert window.studio.session.guidance == 6.2


def test_a_slider_is_dragged_and_reset(window: Window) -> None:
    guidance = window.panel.guidance
    drag(guidance, QPoint(5, 10), QPoint(guidance.width() // 2, 10))
    assert window.studio.session.guidance == pytest.approx(10, abs=0.5)
    drag(guidance, QPoint(5, 10), QPoint(guidance.width() + 50, 10))
    assert window.studio.session.guidance == 20
    QTest.mouseDClick(guidance, LEFT, NONE, guidance.rect().center())
    assert window.studio.session.guidance == 4.0


def test_a_slider_is_moved_by_keys(window: Window) -> None:
    window.panel.guidance.setFocus()
    press(window.panel.guidance, Qt.Key.Key_Right)
    assert window.studio.session.guidance == 4.5
    press(window.panel.guidance, Qt.Key.Key_Left)
    press(window.panel.guidance, Qt.Key.Key_Left)
    assert window.studio.session.guidance == 3.5


def test_escape_leaves_a_typed_number(window: Window) -> None:
    click(window.panel.steps)
    field = QApplication.focusWidget()
    assert field is not None
    type_into(field, "7")
    press(field, Qt.Key.Key_Escape)
    assert window.studio.session.steps == 20


@pytest.mark.parametrize("name", ["steps", "guidance", "sampler", "model", "style_box"])
def test_the_wheel_changes_nothing_in_passing(window: Window, name: str) -> None:
    widget: QWidget = getattr(window.panel, name)
    before = window.studio.session.to_json()
    assert not wheel(widget, QPointF(widget.rect().center()), 2)
    assert window.studio.session.to_json() == before


# ---------------------------------------------------------------- size and seed


def test_a_ratio_sets_both_sides_and_swap_turns_them(window: Window) -> None:
    row, session = window.panel.size_row, window.studio.session
    assert row.ratio.content == "1:1"
    row.ratio.setFocus()
    row.ratio.setCurrentText("3:2")
    row.ratio.activated.emit(row.ratio.currentIndex())
    width, height = session.width, session.height
    assert width / height == pytest.approx(1.5, rel=0.1)
    assert width % 8 == height % 8 == 0
    click(named(row, QToolButton, "Swap width and height"))
    assert (session.width, session.height) == (height, width)
    assert row.ratio.content == "2:3"


def test_a_typed_size_becomes_one_that_the_model_can_do(window: Window) -> None:
    field, session = window.panel.size_row.width_field, window.studio.session
    for typed, width in (("203", 200), ("5", 64), ("9999", 8192)):
        field.setFocus()
        field.selectAll()
        type_into(field, typed)
        press(field, Qt.Key.Key_Return)
        assert session.width == width
        assert field.text() == str(width)
    assert window.panel.size_row.ratio.content in ("", None)


def test_a_seed_of_64_bits_is_typed_and_locked(window: Window, engine: FakeEngine) -> None:
    field, session = window.panel.seed_row.field, window.studio.session
    field.setFocus()
    field.selectAll()
    type_into(field, f"x{2**64 - 1}")  # letters are not taken
    press(field, Qt.Key.Key_Return)
    assert session.seed == 2**64 - 1
    assert session.seed_locked
    session.count = 2
    window.studio.generate()
    until(lambda: len(engine.jobs) == 2)
    assert [job.work.seed for job in engine.jobs] == [2**64 - 1, 0]


def test_open_every_picture_has_another_seed_and_locked_the_same(window: Window, engine: FakeEngine) -> None:
    for _ in range(3):
        window.studio.generate()
    until(lambda: len(engine.jobs) == 3)
    assert len({job.work.seed for job in engine.jobs}) == 3
    click(named(window.panel, QToolButton, "Keep the seed"))
    window.studio.generate()
    window.studio.generate()
    until(lambda: len(engine.jobs) == 5)
    assert engine.jobs[3].work == engine.jobs[4].work


def test_the_dice_throws_another_seed_and_keeps_it(window: Window) -> None:
    session = window.studio.session
    before = session.seed
    click(named(window.panel, QToolButton, "Another seed"))
    assert session.seed != before
    assert session.seed_locked


# ---------------------------------------------------------------- models and sections


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


def test_samplers_are_those_of_the_model(window: Window) -> None:
    model, box = window.studio.session.model, window.panel.sampler
    assert model
    assert [box.itemData(row) for row in range(box.count())] == list(model.family.samplers)


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
