"""What a person does with the window, and what it looks like then."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDragMoveEvent, QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QWidget,
)

from desktop.engine.api import Event
from desktop.raster import Raster
from desktop.ui.widgets.images import from_image
from desktop.ui.widgets.toast import Toast
from desktop.ui.window import Window
from tests.fakes import FakeEngine

PATIENCE = 60.0  # seconds, for what takes milliseconds, or a few seconds with the real engine
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
ALT, NONE = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton
Widget = TypeVar("Widget", bound=QWidget)


def until(true: Callable[[], bool]) -> None:
    """Lets Qt work until that is so."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it never came to that"
        QTest.qWait(1)
        time.sleep(0.002)  # Qt waits with Python's lock in its hand: an engine of this process would starve


def settle() -> None:
    """Lets Qt do what it has put off."""
    QApplication.processEvents()


# ---------------------------------------------------------------- the hands


def click(widget: QWidget, at: QPoint | None = None, keys: Qt.KeyboardModifier = NONE) -> None:
    assert widget.isVisible()
    assert widget.isEnabled()
    QTest.mouseClick(widget, LEFT, keys, at or widget.rect().center())


def real_click(widget: QWidget, at: QPoint | None = None, double: bool = False) -> None:
    """On the screen, so that Qt finds out itself whom it is for: the second click may be for another than the first."""
    place = widget.mapTo(widget.window(), at or widget.rect().center())
    do = QTest.mouseDClick if double else QTest.mouseClick
    do(widget.window().windowHandle(), LEFT, NONE, place)
    settle()


def menu_of(widget: QWidget, at: QPoint | None = None) -> QMenu:
    """What the right button opens there."""
    place = at or widget.rect().center()
    QTest.mouseClick(widget, Qt.MouseButton.RightButton, NONE, place)
    QApplication.sendEvent(widget, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, widget.mapToGlobal(place)))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def press(widget: QWidget, key: Qt.Key, keys: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(widget, key, keys)


def type_into(widget: QWidget, text: str) -> None:
    QTest.keyClicks(widget, text)


def drag(widget: QWidget, begin: QPoint, end: QPoint, button: Qt.MouseButton = LEFT) -> None:
    QTest.mousePress(widget, button, NONE, begin)
    QTest.mouseMove(widget, (begin + end) / 2)
    QTest.mouseMove(widget, end)
    QTest.mouseRelease(widget, button, NONE, end)


def wheel(widget: QWidget, notches: int, at: QPointF | None = None) -> None:
    """On the screen, for whoever takes it: the widget, or what it lies in."""
    place = widget.mapTo(widget.window(), at or QPointF(widget.rect().center()))
    QTest.wheelEvent(widget.window().windowHandle(), place, QPoint(0, 120 * notches))
    settle()


def drop(
    widget: QWidget, mime: QMimeData, at: QPoint | None = None, action: Qt.DropAction = Qt.DropAction.CopyAction
) -> bool:
    """From another program; whether anything there would have it."""
    place = at or widget.rect().center()
    enter = QDragEnterEvent(place, action, mime, LEFT, NONE)
    enter.ignore()
    QApplication.sendEvent(widget, enter)
    if enter.isAccepted():
        QApplication.sendEvent(widget, QDragMoveEvent(place, action, mime, LEFT, NONE))
        QApplication.sendEvent(widget, QDropEvent(QPointF(place), action, mime, LEFT, NONE))
    return enter.isAccepted()


def pick(box: QComboBox, value: object) -> None:
    """By the arrow keys."""
    box.setFocus()
    press(box, Qt.Key.Key_Home)
    while box.currentData() != value:
        before = box.currentIndex()
        press(box, Qt.Key.Key_Down)
        assert box.currentIndex() > before, f"{value} is not among the choices"


def answer(parent: QWidget, file: Path | str) -> None:
    """The file dialog that is open gets that name, and its button is pressed."""
    until(lambda: any(each.isVisible() for each in parent.findChildren(QFileDialog)))
    dialog = next(each for each in parent.findChildren(QFileDialog) if each.isVisible())
    field, buttons = dialog.findChild(QLineEdit), dialog.findChild(QDialogButtonBox)
    assert field
    assert buttons
    field.setText(str(file))
    click(next(each for each in buttons.buttons() if buttons.buttonRole(each) == buttons.ButtonRole.AcceptRole))
    until(lambda: not dialog.isVisible())


def mime_of(thing: Path | QImage | str) -> QMimeData:
    mime = QMimeData()
    if isinstance(thing, Path):
        mime.setUrls([QUrl.fromLocalFile(str(thing))])
    elif isinstance(thing, QImage):
        mime.setImageData(thing)
    else:
        mime.setText(thing)
    return mime


# ---------------------------------------------------------------- what there is to see


def named(parent: QWidget, kind: type[Widget], name: str) -> Widget:
    """The visible widget of that accessible name or text."""
    found = [each for each in parent.findChildren(kind) if each.isVisible() and name in _names(each)]
    assert len(found) == 1, f"{len(found)} of {name}"
    return found[0]


def _names(widget: QWidget) -> tuple[str, ...]:
    return widget.accessibleName(), widget.text() if isinstance(widget, QAbstractButton | QLabel) else ""


def toast(window: Window, message: str) -> Toast:
    """Waits for the toast that begins so."""
    until(lambda: any(each.notice.message.startswith(message) for each in window.toasts.shown))
    return next(each for each in window.toasts.shown if each.notice.message.startswith(message))


def seen(widget: QWidget) -> np.ndarray:
    """Its pixels, height x width x 3."""
    return from_image(widget.grab().toImage()).pixels[:, :, :3]


def middle(widget: QWidget) -> tuple[int, ...]:
    """The colour there."""
    pixels = seen(widget)
    return tuple(map(int, pixels[pixels.shape[0] // 2, pixels.shape[1] // 2]))


def color(raster: Raster) -> tuple[int, ...]:
    """Of a plain one."""
    return tuple(map(int, raster.pixels[0, 0, :3]))


def picture(width: int = 96, height: int = 64, seed: int = 0) -> Raster:
    """One that Sfumato has not made."""
    return Raster(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def plain(width: int, height: int, rgb: tuple[int, int, int]) -> Raster:
    return Raster(np.full((height, width, 3), rgb, np.uint8))


# ---------------------------------------------------------------- what happens meanwhile


def make(window: Window, *seeds: int) -> None:
    """Pictures of these seeds, one after the other, and waits for them."""
    session = window.studio.session
    for seed in seeds:
        session.seed, session.seed_locked = seed, True
        window.studio.generate()
    until(lambda: not window.studio.queue.entries)


def begin(window: Window, engine: FakeEngine, script: list[Event]) -> None:
    """Generates, and the engine tells these events and no more."""
    engine.script = script
    engine.hold()
    if script:
        engine.let(len(script))
    before = len(engine.jobs)
    window.studio.generate()
    until(lambda: len(engine.jobs) > before)


def denoising(window: Window, step: int) -> Callable[[], bool]:
    """Whether the running job has come that far."""

    def far() -> bool:
        running = window.studio.queue.running
        progress = running.progress if running else None
        return progress is not None and progress.note == "denoising" and progress.step >= step

    return far
