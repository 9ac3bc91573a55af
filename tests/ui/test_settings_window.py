"""The settings, the look, and the keys that people choose."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QFileDialog, QLabel, QPushButton, QToolButton, QWidget

from desktop.settings import SECTIONS, Settings
from desktop.ui import theme
from desktop.ui.settings import SettingsWindow
from desktop.ui.widgets.choice import ChoiceBox
from desktop.ui.window import Window
from tests.fakes import DEVICES, FakeEngine
from tests.ui.hands import CONTROL, SHIFT, click, make, named, press, seen, settle, until


@pytest.fixture
def settings(window: Window) -> SettingsWindow:
    press(window, Qt.Key.Key_Comma, CONTROL)
    opened = window._settings_window
    assert opened
    assert opened.isVisible()
    return opened


def stored(window: Window) -> Settings:
    return window.studio.memory.settings


def choose(box: ChoiceBox, value: object) -> None:
    row = next(row for row in range(box.count()) if box.itemData(row) == value)
    box.setCurrentIndex(row)
    box.activated.emit(row)


def brightness(widget: QWidget) -> float:
    return float(seen(widget).mean())


# ---------------------------------------------------------------- the look


def test_the_theme_switches_everywhere_by_keys(window: Window, settings: SettingsWindow) -> None:
    parts = [window.panel, window.view, window.strip, window.statusBar(), settings]
    dark = [brightness(part) for part in parts]
    window.activateWindow()
    until(window.isActiveWindow)
    press(window, Qt.Key.Key_L, CONTROL | SHIFT)
    settle()
    light = [brightness(part) for part in parts]
    assert all(after > 150 > 90 > before for before, after in zip(dark, light, strict=True))
    assert stored(window).theme == "light"
    press(window, Qt.Key.Key_L, CONTROL | SHIFT)
    settle()
    assert [brightness(part) for part in parts] == pytest.approx(dark, abs=2)


def test_the_theme_is_chosen_in_the_settings(window: Window, settings: SettingsWindow) -> None:
    box = named(settings, ChoiceBox, "Theme")
    choose(box, "light")
    assert theme.current() is theme.LIGHT
    choose(box, "system")
    assert stored(window).theme == "system"
    choose(box, "dark")
    assert theme.current() is theme.DARK


@pytest.mark.parametrize("colors", [theme.DARK, theme.LIGHT], ids=["dark", "light"])
def test_words_can_be_read(colors: theme.Colors) -> None:
    for ground in (colors.panel, colors.field, colors.raised, colors.surround):
        for text in (colors.text, colors.muted, colors.failure):
            assert contrast(text, ground) >= 4.5, (text, ground)
    assert contrast(colors.on_accent, colors.accent) >= 4.5


def contrast(one: str, other: str) -> float:
    """As WCAG 2 has it."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


# ---------------------------------------------------------------- rows


def test_every_section_opens(settings: SettingsWindow) -> None:
    for row, section in enumerate(SECTIONS):
        settings.sections.setCurrentRow(row)
        assert settings.sections.currentItem().text() == section
        assert settings.pages.currentIndex() == row


def test_what_is_changed_is_there_at_the_next_launch(open_window) -> None:
    window = open_window()
    window.open_settings()
    settings = window._settings_window
    choose(named(settings, ChoiceBox, "Size"), 150)
    notify = named(settings, QCheckBox, "Notify")
    click(notify, QPoint(8, notify.height() // 2))
    settings.show_section("Engine")
    choose(named(settings, ChoiceBox, "Precision"), "bfloat16")
    before = stored(window)
    assert (before.scale, before.notify, before.precision) == (150, False, "bfloat16")
    window.close()
    assert stored(open_window()) == before


def test_devices_are_those_of_the_engine(window: Window, settings: SettingsWindow) -> None:
    settings.show_section("Engine")
    box = named(settings, ChoiceBox, "Device")
    until(lambda: box.count() == len(DEVICES) + 1)
    assert box.itemText(1) == f"cuda:0: {DEVICES['cuda:0']}"
    choose(box, "cuda:0")
    assert stored(window).device == "cuda:0"


def test_another_device_gets_another_engine(open_window) -> None:
    made: list[tuple[str | None, str | None]] = []

    def make_engine(device: str | None, precision: str | None) -> FakeEngine:
        made.append((device, precision))
        return FakeEngine()

    window = open_window(make_engine)
    make(window, 1)
    window.studio.memory.change_settings(device="cpu", precision="float32")
    make(window, 2)
    assert made == [(None, None), ("cpu", "float32")]


def test_pictures_go_to_the_chosen_folder(window: Window, settings: SettingsWindow, tmp_path: Path) -> None:
    settings.show_section("Folders")
    buttons = settings.findChildren(QToolButton)
    click(next(each for each in buttons if each.accessibleName() == "Choose a folder" and each.isVisible()))
    until(lambda: bool(settings.findChildren(QFileDialog)))
    dialog = settings.findChildren(QFileDialog)[0]
    dialog.fileSelected.emit(str(tmp_path / "elsewhere"))
    dialog.close()
    make(window, 1)
    file = window.studio.results.all[0].file
    assert file
    assert file.is_relative_to(tmp_path / "elsewhere")


# ---------------------------------------------------------------- shortcuts


def keys_field(settings: SettingsWindow, action: str) -> QWidget:
    settings.show_section("Shortcuts")
    return named(settings, QWidget, f"Keys of {action}")


def enter_keys(field: QWidget, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
    field.setFocus()
    QTest.keyClick(field, key, modifiers)


def test_keys_are_changed_and_kept(open_window) -> None:
    window = open_window()
    window.open_settings("Shortcuts")
    enter_keys(keys_field(window._settings_window, "Another seed"), Qt.Key.Key_J, CONTROL | SHIFT)
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


def test_keys_of_another_action_are_refused(window: Window, settings: SettingsWindow) -> None:
    enter_keys(keys_field(settings, "Another seed"), Qt.Key.Key_K, CONTROL)
    words = "belongs to “Command palette”"
    until(lambda: bool([each for each in settings.findChildren(QLabel) if words in each.text()]))
    assert window.actions_["roll"].shortcut() == QKeySequence("Ctrl+D")


def test_keys_are_taken_away_and_brought_back(window: Window, settings: SettingsWindow) -> None:
    field = keys_field(settings, "Another seed")
    field.setFocus()
    press(field, Qt.Key.Key_Backspace)
    assert window.actions_["roll"].shortcut().isEmpty()
    click(named(settings, QPushButton, "All back to default"))
    assert window.actions_["roll"].shortcut() == QKeySequence("Ctrl+D")
    assert stored(window).shortcuts == {}


def test_settings_stay_open_beside_the_window_and_go_with_it(window: Window, settings: SettingsWindow) -> None:
    click(window.panel.generate)
    until(lambda: bool(window.studio.results.all))
    assert settings.isVisible()
    window.close()
    assert not [each for each in QApplication.topLevelWidgets() if each.isVisible()]
