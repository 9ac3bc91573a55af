"""Words: both prompts, styles, and what was written before."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtWidgets import QAbstractItemView, QApplication, QCompleter

from desktop.ui.prompt.editor import PromptEdit
from desktop.ui.window import Window
from tests.fakes import FakeEngine
from tests.ui.hands import ALT, CONTROL, SHIFT, make, press, type_into, until


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


# ---------------------------------------------------------------- editing


def test_keys_of_text_edit_the_text(window: Window) -> None:
    """Copy, cut, paste, undo and redo are also, or could be, the window's."""
    make(window, 1)  # there is a picture that could be copied
    prompt, clipboard = window.panel.prompt, QGuiApplication.clipboard()
    prompt.setFocus()
    press(prompt, Qt.Key.Key_A, CONTROL)
    type_into(prompt, "a red boat")
    press(prompt, Qt.Key.Key_Left, CONTROL | SHIFT)
    press(prompt, Qt.Key.Key_C, CONTROL)
    assert (clipboard.text(), clipboard.mimeData().hasImage()) == ("boat", False)
    press(prompt, Qt.Key.Key_X, CONTROL)
    assert window.studio.session.prompt == "a red "
    for key, keys, text in (
        (Qt.Key.Key_Z, CONTROL, "a red boat"),
        (Qt.Key.Key_Z, CONTROL | SHIFT, "a red "),
        (Qt.Key.Key_V, CONTROL, "a red boat"),
    ):
        press(prompt, key, keys)
        assert window.studio.session.prompt == prompt.toPlainText() == text
    press(prompt, Qt.Key.Key_Return)
    type_into(prompt, "at night")
    assert window.studio.session.prompt == "a red boat\nat night"
    assert window.studio.session.source is None


def test_what_the_program_writes_can_be_undone(window: Window) -> None:
    prompt, session = window.panel.prompt, window.studio.session
    before = session.prompt
    session.prompt = "of a recipe"
    prompt.setFocus()
    press(prompt, Qt.Key.Key_Z, CONTROL)
    assert session.prompt == before


def test_the_list_of_styles_goes_by_escape_and_by_writing_on(window: Window) -> None:
    prompt = window.panel.prompt
    prompt.setFocus()
    popup = suggestions(prompt)
    type_into(prompt, " /wat")
    assert popup.isVisible()
    press(popup, Qt.Key.Key_Escape)
    assert not popup.isVisible()
    assert prompt.toPlainText().endswith(" /wat")  # as it was written
    type_into(prompt, "e")
    assert popup.isVisible()
    type_into(prompt, "!")  # no style goes on like that
    assert not popup.isVisible()
    assert window.studio.session.style == ""


def test_the_second_style_of_the_list_is_taken_by_an_arrow(window: Window) -> None:
    prompt = window.panel.prompt
    prompt.moveCursor(QTextCursor.MoveOperation.End)
    prompt.setFocus()
    type_into(prompt, " /")
    popup = suggestions(prompt)
    until(popup.isVisible)
    second = popup.model().index(1, 0).data()
    press(popup, Qt.Key.Key_Down)
    press(popup, Qt.Key.Key_Return)
    assert window.studio.session.style == second


def test_the_field_of_styles_completes_what_is_typed(window: Window) -> None:
    box = window.panel.style_box
    line, completer = box.lineEdit(), box.completer()
    assert line
    assert completer
    window.panel.negative.setFocus()
    press(window.panel.negative, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() in (box, line)
    type_into(line, "terc")  # instead of what was there, and from the middle of a name
    popup = completer.popup()
    assert popup
    until(popup.isVisible)
    assert [completer.completionModel().index(row, 0).data() for row in range(completer.completionCount())] == [
        "Watercolour"
    ]
    press(popup, Qt.Key.Key_Down)
    press(popup, Qt.Key.Key_Return)
    assert window.studio.session.style == "Watercolour"
