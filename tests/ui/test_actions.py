"""Actions: shortcuts, palette, menus, and that everything can be reached and has a name."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QWidget,
)

from desktop.ui import actions
from desktop.ui.actions import ROWS
from desktop.ui.window import Window
from tests.ui.hands import CONTROL, NONE, make, press, settle, type_into, until

KEYED = [row for row in ROWS if row.keys]
OF_TEXT = {"copy", "paste", "undo", "redo", "select_all", "clear"}  # in a text these are the text's own


def watched(window: Window, name: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Fills when the action is triggered; what it would do is not done."""
    fired: list[str] = []
    action = window.actions_[name]
    action.triggered.disconnect()
    action.triggered.connect(lambda: fired.append(name))
    action.setEnabled(True)
    return fired


def send(widget: QWidget, keys: str) -> None:
    QTest.keySequence(widget, QKeySequence(keys))
    settle()


@pytest.mark.parametrize("place", ["prompt", "view"])
@pytest.mark.parametrize("row", KEYED, ids=lambda row: row.name)
def test_every_shortcut_triggers_its_action_once(window: Window, row, place: str, monkeypatch) -> None:
    widget: QWidget = window.panel.prompt if place == "prompt" else window.view
    widget.setFocus()
    fired = watched(window, row.name, monkeypatch)
    text = window.panel.prompt.toPlainText()
    send(widget, row.keys)
    if place == "prompt" and (row.name in OF_TEXT or len(row.keys) == 1):
        assert not fired
    else:
        assert fired == [row.name]
        assert window.panel.prompt.toPlainText() == text


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


def test_about_says_the_version(window: Window) -> None:
    window.actions_["about"].trigger()
    assert window.toasts.shown[0].notice.message.startswith("Sfumato ")


# ---------------------------------------------------------------- the palette


def listed(window: Window) -> list[str]:
    items = window.palette_box.list
    return [items.item(row).text() for row in range(items.count())]


def test_the_palette_finds_by_letters_and_runs(window: Window) -> None:
    make(window, 1)
    press(window, Qt.Key.Key_K, CONTROL)
    assert window.palette_box.isVisible()
    assert len(listed(window)) > 20
    type_into(window.palette_box.field, "swph")  # letters of it, in order
    assert listed(window)[0] == "Swap width and height"
    for _ in range(20):
        press(window.palette_box.field, Qt.Key.Key_Backspace)
    type_into(window.palette_box.field, "zoom")
    assert listed(window)[:2] == ["Zoom in", "Zoom out"]
    press(window.palette_box.field, Qt.Key.Key_Down)
    before = window.view.lens.zoom
    press(window.palette_box.field, Qt.Key.Key_Return)
    assert window.view.lens.zoom < before
    assert not window.palette_box.isVisible()


def test_the_palette_offers_only_what_can_be_done(window: Window) -> None:
    press(window, Qt.Key.Key_K, CONTROL)
    assert "Save as…" not in listed(window)
    assert "Generate" in listed(window)


def test_the_palette_goes_by_escape_and_when_people_look_elsewhere(window: Window) -> None:
    press(window, Qt.Key.Key_K, CONTROL)
    press(window.palette_box.field, Qt.Key.Key_Escape)
    assert not window.palette_box.isVisible()
    press(window, Qt.Key.Key_K, CONTROL)
    window.panel.prompt.setFocus()
    assert not window.palette_box.isVisible()
    press(window, Qt.Key.Key_K, CONTROL)
    type_into(window.palette_box.field, "nothing that there is")
    press(window.palette_box.field, Qt.Key.Key_Return)
    assert not window.palette_box.isVisible()


# ---------------------------------------------------------------- for all people

CONTROLS = (QAbstractButton, QAbstractItemView, QAbstractSlider, QComboBox, QLineEdit, QPlainTextEdit)


def controls(top: QWidget) -> list[QWidget]:
    found = [each for each in top.findChildren(QWidget) if isinstance(each, CONTROLS) and each.isVisibleTo(top)]
    inner = ("qt_", "ScrollLeftButton", "ScrollRightButton")
    return [
        each
        for each in found
        if not isinstance(each, QScrollBar)
        and not each.objectName().startswith(inner)
        and not isinstance(each.parent(), QComboBox)
        and type(each).__name__ not in ("QDockWidgetTitleButton", "QMenuBarExtension", "QHeaderView")
        and each.metaObject().className() not in ("QDockWidgetTitleButton", "QToolBarExtension")
    ]


@pytest.mark.parametrize("state", ["first launch", "source and results", "settings", "shortcuts", "palette"])
def test_every_control_has_a_name_and_says_what_it_does(window: Window, state: str) -> None:
    top: QWidget = window
    if state == "source and results":
        make(window, 1)
        window.studio.opening.start_from_result(window.studio.results.all[0])
        until(lambda: window.studio.session.source is not None)
    elif state in ("settings", "shortcuts"):
        window.open_settings("Shortcuts" if state == "shortcuts" else None)
        assert window._settings_window
        top = window._settings_window
    elif state == "palette":
        window.palette_box.open()
    for each in controls(top):
        words = each.text() if isinstance(each, QAbstractButton) else ""
        assert each.accessibleName() or words, each
        if not isinstance(each, QAbstractItemView) and each is not window.palette_box.field:
            assert each.toolTip(), (each, each.accessibleName(), words)


def test_tab_goes_through_all_of_the_panel_and_back(window: Window) -> None:
    window.studio.session.source = None
    panel = window.panel
    panel.model.setFocus()
    seen: list[QWidget] = []
    while (now := QApplication.focusWidget()) is not None and now not in seen:
        seen.append(now)
        press(now, Qt.Key.Key_Tab)
    order = [panel.model, panel.prompt, panel.negative, panel.style_box, panel.count, panel.steps, panel.guidance,
             panel.sampler, panel.seed_row.field, panel.generate]  # fmt: skip
    places = [next(i for i, each in enumerate(seen) if each is one or one.isAncestorOf(each)) for one in order]
    assert places == sorted(places)
    press(panel.prompt, Qt.Key.Key_Backtab)


def test_all_of_it_by_keyboard_alone(window: Window, tmp_path) -> None:
    keyboard = QApplication.focusWidget
    assert keyboard() is window.panel.prompt  # at once
    press(window.panel.prompt, Qt.Key.Key_A, CONTROL)
    type_into(window.panel.prompt, "a red boat")
    for _ in range(2):
        press(window.panel.prompt, Qt.Key.Key_Return, CONTROL)
    until(lambda: len(window.studio.results.all) == 2)
    press(window, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert window.studio.stage.result is window.studio.results.all[1]
    press(window, Qt.Key.Key_U, CONTROL)
    until(lambda: window.studio.session.source is not None)
    press(window, Qt.Key.Key_Return, CONTROL)
    until(lambda: len(window.studio.results.all) == 3)
    press(window, Qt.Key.Key_Q, CONTROL)
    assert not window.isVisible()


def test_a_row_is_all_it_takes() -> None:
    assert {row.menu for row in ROWS} <= set(actions.MENUS)
    assert all(row.tip.endswith(".") for row in ROWS)
