"""Actions: shortcuts, menus, and what they do."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QPushButton, QWidget

from desktop.ui.actions import ROWS
from desktop.ui.row import MENUS, Row
from desktop.ui.window import Window
from tests.ui.hands import CONTROL, NONE, click, make, named, press, settle, until

KEYED = [row for row in ROWS if row.keys]
OF_TEXT = ("copy", "paste", "undo", "redo", "clear", "delete_layer", "select_all")  # in a text the text's own


def is_of_text(row: Row) -> bool:
    """Whether its keys mean something in a text, if only a letter."""
    return row.name in OF_TEXT or len(row.keys.removeprefix("Shift+")) == 1


def watched(window: Window, name: str) -> list[str]:
    """Fills when the action is triggered; what it would do is not done."""
    fired: list[str] = []
    action = window.actions_[name]
    action.triggered.disconnect()
    action.triggered.connect(lambda: fired.append(name))
    return fired


def send(widget: QWidget, keys: str) -> None:
    QTest.keySequence(widget, QKeySequence(keys))
    settle()


@pytest.mark.parametrize("menu", MENUS)
def test_every_shortcut_triggers_its_action_once_wherever_people_are(window: Window, menu: str) -> None:
    panel = window.panel
    texts = (panel.prompt, panel.seed_row.field)
    before = window.studio.session.to_json()
    for row in KEYED:
        if row.menu != menu:
            continue
        fired = watched(window, row.name)
        for widget in (*texts, window.view, panel.steps, panel.sampler, window.strip.list):
            widget.setFocus()
            fired.clear()
            window.actions_[row.name].setEnabled(True)
            send(widget, row.keys)
            own = widget in texts and is_of_text(row)
            assert fired == ([] if own else [row.name]), widget
            assert own or window.studio.session.to_json() == before
            window.studio.session.restore(before)


def test_no_two_actions_have_the_same_keys() -> None:
    keys = [QKeySequence(row.keys).toString() for row in KEYED]
    assert len(set(keys)) == len(keys)


def test_every_action_is_in_a_menu_with_words_icon_and_tooltip(window: Window) -> None:
    listed = [action for entry in window.menuBar().actions() for action in entry.menu().actions()]  # pyright: ignore[reportAttributeAccessIssue]
    assert {action.objectName() for action in listed if action.objectName()} == {row.name for row in ROWS}
    for action in window.actions_:
        assert action.text()
        assert not action.icon().isNull()
        assert len(action.toolTip()) > len(action.text())


def test_actions_are_off_while_they_make_no_sense(window: Window) -> None:
    def enabled(*names: str) -> list[bool]:
        window.actions_.refresh()
        return [window.actions_[name].isEnabled() for name in names]

    needy = ("save_as", "copy", "use_source", "use_recipe", "use_seed", "compare", "fit", "previous", "next")
    assert enabled(*needy, "cancel", "cancel_all", "remove_source") == [False] * 12
    make(window, 1)
    assert enabled(*needy) == [True] * 9


# ---------------------------------------------------------------- what they do


def test_docks_are_shown_and_hidden_by_keys(window: Window) -> None:
    for key, dock in ((Qt.Key.Key_F7, "prompt"), (Qt.Key.Key_F8, "results"), (Qt.Key.Key_F9, "queue")):
        before = window.docks[dock].isVisible()
        press(window, key, NONE)
        assert window.docks[dock].isVisible() != before
        press(window, key, NONE)
        assert window.docks[dock].isVisible() == before


def test_use_its_recipe_and_its_seed(window: Window) -> None:
    session = window.studio.session
    session.prompt, session.steps = "a tent", 9
    make(window, 77)
    session.prompt, session.steps, session.seed, session.seed_locked = "else", 20, 1, False
    window.view.setFocus()
    press(window.view, Qt.Key.Key_R, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    assert (session.prompt, session.seed, session.seed_locked) == ("else", 77, True)
    press(window.view, Qt.Key.Key_R, CONTROL)
    until(lambda: session.prompt == "a tent")
    assert session.steps == 9


def test_swap_roll_and_go_to_the_prompt(window: Window) -> None:
    session = window.studio.session
    session.width, session.height = 192, 128
    window.view.setFocus()
    send(window.view, "Ctrl+Shift+W")
    assert (session.width, session.height) == (128, 192)
    before = session.seed
    send(window.view, "Ctrl+D")
    assert session.seed != before
    send(window.view, "Ctrl+L")
    assert QApplication.focusWidget() is window.panel.prompt


def test_full_screen_and_back(window: Window) -> None:
    press(window, Qt.Key.Key_F11, NONE)
    until(window.isFullScreen)
    assert window.actions_["full_screen"].isChecked()
    press(window, Qt.Key.Key_F11, NONE)
    until(lambda: not window.isFullScreen())


def test_a_dock_is_closed_by_its_own_button(window: Window) -> None:
    dock = window.docks["results"]
    click(dock.findChildren(QAbstractButton, "qt_dockwidget_closebutton")[0])
    assert not dock.isVisible()
    assert not window.actions_["show_results"].isChecked()
    press(window, Qt.Key.Key_F8, NONE)
    assert dock.isVisible()


def test_the_prompt_is_gone_to_even_if_its_panel_is_hidden(window: Window) -> None:
    press(window, Qt.Key.Key_F7, NONE)
    assert not window.panel.isVisible()
    window.view.setFocus()
    press(window.view, Qt.Key.Key_L, CONTROL)
    assert window.panel.isVisible()
    assert QApplication.focusWidget() is window.panel.prompt


def test_buttons_tell_the_keys_of_their_action(window: Window) -> None:
    first = named(window.view, QPushButton, "Make the first picture")
    for keys in ("Ctrl+Return", "Ctrl+J"):
        window.studio.memory.change_settings(shortcuts={"generate": keys})
        for button in (first, window.panel.generate):
            assert QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText) in button.toolTip()


def test_a_row_is_all_it_takes() -> None:
    assert {row.menu for row in ROWS} <= set(MENUS)
    assert all(row.tip.endswith(".") for row in ROWS)
