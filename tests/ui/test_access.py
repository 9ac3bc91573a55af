"""For all people: names, tooltips, and everything by keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QWidget,
)

from desktop.ui.window import Window
from tests.ui.hands import ALT, CONTROL, make, picture, press, toast, type_into, until

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


def reached(window: Window, begin: QWidget, key: Qt.Key) -> list[QWidget]:
    """What gets the focus, in that order, until it comes round."""
    begin.setFocus()
    seen: list[QWidget] = []
    while (now := QApplication.focusWidget()) is not None and now not in seen:
        seen.append(now)
        press(now, key)
    assert QApplication.focusWidget() is seen[0]
    return seen


def test_tab_goes_through_all_of_the_panel_and_back(window: Window) -> None:
    window.studio.session.start_from(picture())  # all its rows are there
    panel = window.panel
    order = [panel.model, panel.prompt, panel.negative, panel.style_box, panel.size_row.ratio,
             panel.size_row.width_field, panel.size_row.height_field, panel.count, panel.steps, panel.guidance,
             panel.sampler, panel.seed_row.field, panel.seed_row.lock, panel.generate]  # fmt: skip
    there = reached(window, panel.model, Qt.Key.Key_Tab)
    assert [each for each in there if each in order] == order
    can = [each for each in controls(panel) if each.isEnabled() and each.focusPolicy() & Qt.FocusPolicy.TabFocus]
    inner = {each.lineEdit() for each in panel.findChildren(QComboBox)}
    assert {*can} - {*there, *inner} == set()
    back = reached(window, panel.model, Qt.Key.Key_Backtab)
    assert back == [there[0], *reversed(there[1:])]


def test_tab_comes_to_the_view_the_results_and_the_queue(window: Window) -> None:
    make(window, 1)
    window.docks["queue"].show()
    window.studio.queue.paused = True
    window.studio.generate()
    there = reached(window, window.panel.model, Qt.Key.Key_Tab)
    assert {window.view, window.strip.list, window.queue_panel.list} <= set(there)


def test_all_of_it_by_keyboard_alone(window: Window, tmp_path: Path) -> None:
    keyboard = QApplication.focusWidget
    assert keyboard() is window.panel.prompt  # at once
    press(window.panel.prompt, Qt.Key.Key_A, CONTROL)
    type_into(window.panel.prompt, "a red boat")
    for _ in range(2):
        press(window.panel.prompt, Qt.Key.Key_Return, CONTROL)
    results, stage = window.studio.results, window.studio.stage
    until(lambda: len(results.all) == 2)
    press(window, Qt.Key.Key_Right, ALT)
    assert stage.result is results.all[1]
    press(window, Qt.Key.Key_E, CONTROL)
    until(lambda: stage.rival is not None)
    press(window, Qt.Key.Key_S, CONTROL)
    until(lambda: isinstance(keyboard(), QLineEdit))
    field = keyboard()
    assert isinstance(field, QLineEdit)
    field.setText(str(tmp_path / "boat"))  # each letter would look through the disk for what may be meant
    press(field, Qt.Key.Key_Return)
    assert toast(window, "Saved as boat.png")
    assert not [each for each in window.findChildren(QFileDialog) if each.isVisible()]
    window.activateWindow()  # as a window manager does
    until(window.isActiveWindow)
    press(window, Qt.Key.Key_U, CONTROL)
    until(lambda: window.studio.session.source is not None)
    press(window, Qt.Key.Key_Return, CONTROL)
    until(lambda: len(results.all) == 3)
    press(window, Qt.Key.Key_Q, CONTROL)
    assert not window.isVisible()
