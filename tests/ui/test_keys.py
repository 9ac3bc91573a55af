"""The keys that people choose."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QKeySequenceEdit, QLabel, QPushButton, QToolButton, QWidget

from desktop.settings import Settings
from desktop.ui.settings import SettingsWindow
from desktop.ui.window import Window
from tests.ui.conftest import Open
from tests.ui.hands import CONTROL, SHIFT, click, named, press, until


def stored(window: Window) -> Settings:
    return window.studio.memory.settings


def keys_field(settings: SettingsWindow, action: str) -> QKeySequenceEdit:
    settings.show_section("Shortcuts")
    return named(settings, QKeySequenceEdit, f"Keys of {action}")


def enter_keys(field: QWidget, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
    field.setFocus()
    QTest.keyClick(field, key, modifiers)


def test_keys_are_changed_and_kept(open_window: Open) -> None:
    window = open_window()
    window.open_settings("Shortcuts")
    opened = window._settings_window
    assert opened
    enter_keys(keys_field(opened, "Another seed"), Qt.Key.Key_J, CONTROL | SHIFT)
    until(lambda: stored(window).shortcuts == {"roll": "Ctrl+Shift+J"})
    window.activateWindow()
    until(window.isActiveWindow)
    for each in (window, None):
        if each is None:
            window.close()
            window = open_window()
        before = window.studio.session.seed
        window.view.setFocus()
        press(window.view, Qt.Key.Key_D, CONTROL)
        assert window.studio.session.seed == before
        press(window.view, Qt.Key.Key_J, CONTROL | SHIFT)
        assert window.studio.session.seed != before
        assert "Ctrl+Shift+J" in window.actions_["roll"].toolTip()


def test_a_single_action_goes_back_to_its_keys(window: Window, settings: SettingsWindow) -> None:
    field = keys_field(settings, "Another seed")
    enter_keys(field, Qt.Key.Key_J, CONTROL | SHIFT)
    until(lambda: stored(window).shortcuts == {"roll": "Ctrl+Shift+J"})
    place = field.mapTo(settings, field.rect().center())
    reset = next(
        each
        for each in settings.findChildren(QToolButton)
        if each.accessibleName() == "Default"
        and each.isVisible()
        and abs(each.mapTo(settings, each.rect().center()).y() - place.y()) < 5
    )
    click(reset)
    assert stored(window).shortcuts == {}
    assert window.actions_["roll"].shortcut() == QKeySequence("Ctrl+D")


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_enter_in_the_list_of_sections_changes_no_keys(window: Window, settings: SettingsWindow, key: Qt.Key) -> None:
    window.studio.memory.change_settings(shortcuts={"roll": "Ctrl+J"})
    settings.show_section("Shortcuts")
    settings.sections.setFocus()
    press(settings.sections, key)
    assert stored(window).shortcuts == {"roll": "Ctrl+J"}


def test_escape_and_tab_are_no_keys_of_an_action(window: Window, settings: SettingsWindow) -> None:
    field = keys_field(settings, "Another seed")
    field.setFocus()
    press(field, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is not field
    field.setFocus()
    press(field, Qt.Key.Key_Escape)
    assert not settings.isVisible()
    assert window.actions_["roll"].shortcut() == QKeySequence("Ctrl+D")


def test_enter_of_the_number_pad_goes_with_the_other_one(window: Window, settings: SettingsWindow) -> None:
    enter_keys(keys_field(settings, "Another seed"), Qt.Key.Key_Return, CONTROL | SHIFT)
    until(lambda: bool(stored(window).shortcuts))
    window.activateWindow()
    until(window.isActiveWindow)
    before = window.studio.session.seed
    press(window.view, Qt.Key.Key_Enter, CONTROL | SHIFT | Qt.KeyboardModifier.KeypadModifier)
    assert window.studio.session.seed != before


def test_keys_of_another_action_are_refused(window: Window, settings: SettingsWindow) -> None:
    field = keys_field(settings, "Another seed")
    enter_keys(field, Qt.Key.Key_K, CONTROL)
    words = "belongs to “Command palette”"
    until(lambda: any(words in each.text() for each in settings.findChildren(QLabel)))
    assert field.keySequence() == QKeySequence("Ctrl+D")  # as it was
    assert stored(window).shortcuts == {}
    assert window.actions_["roll"].shortcut() == QKeySequence("Ctrl+D")


def test_keys_are_taken_away_and_brought_back(window: Window, settings: SettingsWindow) -> None:
    field = keys_field(settings, "Another seed")
    field.setFocus()
    press(field, Qt.Key.Key_Backspace)
    assert window.actions_["roll"].shortcut().isEmpty()
    click(named(settings, QPushButton, "All back to default"))
    assert window.actions_["roll"].shortcut() == QKeySequence("Ctrl+D")
    assert stored(window).shortcuts == {}
