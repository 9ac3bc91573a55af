"""Numbers: sliders, size, seed."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLineEdit, QToolButton

from desktop.models.samplers import SAMPLERS
from desktop.ui.widgets.slider import NumberSlider
from desktop.ui.window import Window
from tests.fakes import FakeEngine
from tests.ui.hands import CONTROL, click, drag, named, pick, press, real_click, type_into, until


def type_number(slider: NumberSlider, text: str) -> None:
    click(slider)
    field = slider.focusWidget() or QApplication.focusWidget()
    assert field is not None
    type_into(field, text)
    press(field, Qt.Key.Key_Return)


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


def test_steps_end_where_the_sampler_does(window: Window) -> None:
    most = SAMPLERS["lcm"].most_steps
    type_number(window.panel.steps, "900")
    pick(window.panel.sampler, "lcm")
    assert window.studio.session.steps == window.panel.steps.content == most
    type_number(window.panel.steps, "900")
    assert window.studio.session.steps == window.panel.steps.content == most


def test_a_slider_is_dragged_and_reset(window: Window) -> None:
    guidance = window.panel.guidance
    drag(guidance, QPoint(5, 10), QPoint(guidance.width() // 2, 10))
    assert window.studio.session.guidance == pytest.approx(10, abs=0.5)
    drag(guidance, QPoint(5, 10), QPoint(guidance.width() + 50, 10))
    assert window.studio.session.guidance == 20
    for _ in range(2):
        real_click(guidance, double=True)  # the first click of it opens the field
        assert window.studio.session.guidance == 4.0
        assert QApplication.focusWidget() is guidance
        drag(guidance, QPoint(5, 10), QPoint(100, 10))


def test_a_double_click_in_the_open_field_chooses_its_text(window: Window) -> None:
    window.studio.session.guidance = 9.0
    real_click(window.panel.guidance)
    field = QApplication.focusWidget()
    assert isinstance(field, QLineEdit)
    at = QPoint(10, field.height() // 2)
    real_click(field, at)
    assert not field.hasSelectedText()
    real_click(field, at, double=True)
    assert field.selectedText()
    field.selectAll()
    type_into(field, "7.5")
    press(field, Qt.Key.Key_Return)
    assert window.studio.session.guidance == 7.5


def test_a_slider_is_moved_by_keys(window: Window) -> None:
    window.panel.guidance.setFocus()
    press(window.panel.guidance, Qt.Key.Key_Right)
    assert window.studio.session.guidance == 4.5
    press(window.panel.guidance, Qt.Key.Key_Left)
    press(window.panel.guidance, Qt.Key.Key_Left)
    assert window.studio.session.guidance == 3.5
    for key, number in (
        (Qt.Key.Key_End, 20.0),
        (Qt.Key.Key_PageDown, 18.0),
        (Qt.Key.Key_Home, 0.0),
        (Qt.Key.Key_Left, 0.0),
    ):
        press(window.panel.guidance, key)
        assert window.studio.session.guidance == number


def test_typing_on_a_slider_opens_its_field_and_leaving_takes_the_number(window: Window) -> None:
    window.panel.steps.setFocus()
    type_into(window.panel.steps, "3")
    field = QApplication.focusWidget()
    assert isinstance(field, QLineEdit)
    type_into(field, "1")
    press(field, Qt.Key.Key_Tab)
    assert window.studio.session.steps == 31
    assert QApplication.focusWidget() is window.panel.guidance


def test_words_are_no_number(window: Window) -> None:
    for text in ("many", "", "1e", "--3", "nan", "inf"):
        type_number(window.panel.steps, text or " ")
        assert window.studio.session.steps == window.panel.steps.content == 20


def test_ones_that_the_session_will_not_have_are_mended(window: Window) -> None:
    for slider, text, number in (
        (window.panel.count, "0", 1),
        (window.panel.count, "5000", 1000),
        (window.panel.guidance, "-3", 0.0),
        (window.panel.guidance, "1e9", 100.0),
    ):
        type_number(slider, text)
        assert slider.content == number


def test_escape_leaves_a_typed_number(window: Window) -> None:
    click(window.panel.steps)
    field = QApplication.focusWidget()
    assert field is not None
    type_into(field, "7")
    press(field, Qt.Key.Key_Escape)
    assert window.studio.session.steps == 20
    assert QApplication.focusWidget() is window.panel.steps


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


def test_what_is_no_seed_is_refused(window: Window) -> None:
    field, session = window.panel.seed_row.field, window.studio.session
    session.seed = 42
    field.setFocus()
    for typed in ("", "-", "1.5e", "abc"):
        field.selectAll()
        press(field, Qt.Key.Key_Delete)
        type_into(field, typed)
        press(field, Qt.Key.Key_Return)
        assert field.text() == str(session.seed)
    assert session.seed in (42, 15)  # of 1.5e the digits remain


def test_a_seed_that_is_pasted_may_have_blanks_around_it(window: Window) -> None:
    field = window.panel.seed_row.field
    QGuiApplication.clipboard().setText(f" {2**40} ")
    field.setFocus()
    field.selectAll()
    press(field, Qt.Key.Key_V, CONTROL)
    press(field, Qt.Key.Key_Return)
    assert window.studio.session.seed == 2**40
    assert field.text() == str(2**40)


def test_the_lock_shows_what_it_is(window: Window) -> None:
    lock = named(window.panel, QToolButton, "Keep the seed")
    opened = lock.icon().pixmap(18, 18).toImage()
    click(lock)
    assert window.studio.session.seed_locked
    assert lock.icon().pixmap(18, 18).toImage() != opened
    click(lock)
    assert not window.studio.session.seed_locked
