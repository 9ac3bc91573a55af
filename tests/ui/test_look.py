"""The look: dark, light, and as the system has it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from desktop.studio.notice import Kind, Notice
from desktop.ui import theme
from desktop.ui.settings import SettingsWindow
from desktop.ui.widgets.choice import ChoiceBox
from desktop.ui.widgets.images import from_image
from desktop.ui.window import Window
from tests.ui.hands import CONTROL, SHIFT, make, named, pick, press, seen, settle, until


def brightness(widget: QWidget) -> float:
    return float(seen(widget).mean())


def test_the_theme_switches_everywhere_by_keys(window: Window, settings: SettingsWindow) -> None:
    window.docks["queue"].show()
    for kind in Kind:
        window.toasts.say(Notice(kind, f"Of kind {kind}"))
    until(lambda: all(each.height() > 30 for each in window.toasts.shown))
    parts = [window.panel, window.view, window.strip, window.foot, window.queue_panel, window.statusBar(),
             window.menuBar(), settings, *window.toasts.shown]  # fmt: skip
    dark = [brightness(part) for part in parts]
    window.activateWindow()
    until(window.isActiveWindow)
    press(window, Qt.Key.Key_L, CONTROL | SHIFT)
    settle()
    light = [brightness(part) for part in parts]
    assert all(after > 150 > 90 > before for before, after in zip(dark, light, strict=True))
    assert window.studio.memory.settings.theme == "light"
    press(window, Qt.Key.Key_L, CONTROL | SHIFT)
    settle()
    assert [brightness(part) for part in parts] == pytest.approx(dark, abs=2)


def test_the_theme_is_chosen_in_the_settings(window: Window, settings: SettingsWindow) -> None:
    box = named(settings, ChoiceBox, "Theme")
    pick(box, "light")
    assert theme.current() is theme.LIGHT
    pick(box, "dark")
    assert theme.current() is theme.DARK
    assert window.studio.memory.settings.theme == "dark"


def test_the_theme_follows_the_system_while_people_want_it(
    window: Window, settings: SettingsWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    scheme = Qt.ColorScheme.Unknown
    hints = QGuiApplication.styleHints()

    class Hints:  # offscreen there is no system that could have a wish
        def colorScheme(self) -> Qt.ColorScheme:
            return scheme

    monkeypatch.setattr(theme, "QGuiApplication", type("", (), {"styleHints": staticmethod(Hints)}))
    pick(named(settings, ChoiceBox, "Theme"), "system")
    assert theme.current() is theme.DARK  # that of a system without a wish
    for scheme, expected in ((Qt.ColorScheme.Light, theme.LIGHT), (Qt.ColorScheme.Dark, theme.DARK)):
        hints.colorSchemeChanged.emit(scheme)
        assert theme.current() is expected
    pick(named(settings, ChoiceBox, "Theme"), "dark")
    scheme = Qt.ColorScheme.Light
    hints.colorSchemeChanged.emit(scheme)
    assert theme.current() is theme.DARK


def test_signs_in_messages_change_with_the_theme(window: Window) -> None:
    window.toasts.say(Notice(Kind.WARNING, "Beware"))
    [sign] = [each for each in window.toasts.shown[0].findChildren(QLabel) if not each.pixmap().isNull()]
    dark = brightness_of_drawing(sign)
    press(window, Qt.Key.Key_L, CONTROL | SHIFT)
    settle()
    assert brightness_of_drawing(sign) < 80 < 160 < dark


def brightness_of_drawing(sign: QLabel) -> float:
    """Where it is drawn at all."""
    pixels = from_image(sign.pixmap().toImage()).pixels
    return float(pixels[pixels[:, :, 3] > 200][:, :3].mean())


def test_icons_are_seen_in_both_themes_and_pale_where_nothing_can_be_done(window: Window) -> None:
    """How much a button's drawing stands out from its ground."""

    def contrasts(name: str) -> float:
        place = named(window.foot, QToolButton, name).geometry()
        pixels = seen(window.foot)[place.top() : place.bottom(), place.left() : place.right()].astype(int)
        return float(abs(pixels - pixels[0, 0]).max())

    for _ in range(2):
        make(window, 1)
        strong = contrasts("Copy picture")
        assert strong > 140
        window.actions_["copy"].setEnabled(False)
        assert 60 < contrasts("Copy picture") < strong - 20
        press(window, Qt.Key.Key_L, CONTROL | SHIFT)
        settle()


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
