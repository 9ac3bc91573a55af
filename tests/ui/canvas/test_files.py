"""Canvases as files, and at the next launch."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from desktop.canvas.transform import tight
from desktop.ui.window import Window
from tests.ui.canvas.strokes import RED, now, paint_all, pixel, stroke, view_of
from tests.ui.conftest import Open
from tests.ui.hands import CONTROL, answer, drop, mime_of, plain, press, toast, until

# ---------------------------------------------------------------- files


def test_a_canvas_is_saved_and_opened_again(canvas: Window, tmp_path: Path) -> None:
    paint_all(canvas)
    press(canvas, Qt.Key.Key_S, CONTROL)
    answer(canvas, tmp_path / "work.ora")
    toast(canvas, "Saved as work.ora.")
    canvas.activateWindow()
    until(canvas.isActiveWindow)
    press(canvas, Qt.Key.Key_N, CONTROL)
    until(lambda: not now(canvas).pictured[0].plane.tiles)
    press(canvas, Qt.Key.Key_O, CONTROL)
    answer(canvas, tmp_path / "work.ora")
    until(lambda: bool(now(canvas).pictured[0].plane.tiles))
    assert pixel(canvas, 64, 64) == (*RED, 255)
    assert canvas.studio.documents.recent[0].title == "work"


def test_the_name_follows_the_kind_that_is_chosen(canvas: Window) -> None:
    press(canvas, Qt.Key.Key_S, CONTROL)
    (dialog,) = canvas.findChildren(QFileDialog)
    until(dialog.isVisible)
    assert dialog.selectedFiles()[0].endswith(".ora")
    dialog.filterSelected.emit("JPEG (*.jpg)")
    assert dialog.selectedFiles()[0].endswith(".jpg")
    assert dialog.defaultSuffix() == "jpg"
    dialog.reject()


def test_a_picture_of_another_size_opens_with_a_frame_around_it(canvas: Window, tmp_path: Path) -> None:
    file = tmp_path / "photo.png"
    file.write_bytes(plain(200, 120, (9, 8, 7)).png())
    press(canvas, Qt.Key.Key_O, CONTROL)
    answer(canvas, file)
    until(lambda: now(canvas).frame.size().toTuple() == (200, 120))
    assert (canvas.studio.session.width, canvas.studio.session.height) == (200, 120)


def test_earlier_canvases_come_back(canvas: Window) -> None:
    paint_all(canvas)
    press(canvas, Qt.Key.Key_N, CONTROL)
    until(lambda: not now(canvas).pictured[0].plane.tiles)
    file_menu = canvas.menuBar().actions()[0].menu()
    earlier = next(each.menu() for each in file_menu.actions() if each.text() == "Earlier canvases")  # pyright: ignore[reportAttributeAccessIssue]
    earlier.aboutToShow.emit()  # pyright: ignore[reportAttributeAccessIssue]
    (before,) = earlier.actions()  # pyright: ignore[reportAttributeAccessIssue]
    before.trigger()
    until(lambda: bool(now(canvas).pictured[0].plane.tiles))
    assert pixel(canvas, 64, 64) == (*RED, 255)


def test_a_dropped_picture_becomes_a_layer_in_the_middle_of_the_frame(canvas: Window, tmp_path: Path) -> None:
    file = tmp_path / "sun.png"
    file.write_bytes(plain(20, 20, (250, 220, 0)).png())
    assert drop(canvas, mime_of(file))
    until(lambda: len(now(canvas).layers) == 3)
    assert [layer.name for layer in now(canvas).layers] == ["Layer 1", "sun", "Mask"]
    assert pixel(canvas, 64, 64) == (250, 220, 0, 255)
    assert pixel(canvas, 10, 10) == (0, 0, 0, 0)


def test_what_is_selected_is_copied_and_pasted(canvas: Window) -> None:
    paint_all(canvas)
    stroke(canvas, "rectangle", (20, 20), (60, 40))
    view_of(canvas).setFocus()
    press(view_of(canvas), Qt.Key.Key_C, CONTROL)
    until(lambda: not QGuiApplication.clipboard().image().isNull())
    assert QGuiApplication.clipboard().image().size().toTuple() == tight(now(canvas).selection).size().toTuple()
    press(view_of(canvas), Qt.Key.Key_V, CONTROL)
    until(lambda: len(now(canvas).layers) == 3)


def test_a_broken_file_is_told(canvas: Window, tmp_path: Path) -> None:
    (tmp_path / "bad.ora").write_bytes(b"no archive")
    press(canvas, Qt.Key.Key_O, CONTROL)
    answer(canvas, tmp_path / "bad.ora")
    until(lambda: bool(canvas.toasts.shown))
    assert "bad.ora" in canvas.toasts.shown[0].notice.message


# ---------------------------------------------------------------- the next time


def test_all_is_there_the_next_time(open_window: Open) -> None:
    window = open_window()
    press(window, Qt.Key.Key_F3)
    until(lambda: window.studio.easel.document is not None)
    window.studio.easel.color = RED
    paint_all(window)
    window.studio.framing.resize(192, 128)
    window.studio.session.prompt = "a sun"
    window.studio.session.choose_intent("remove")
    window.close()
    again = open_window()
    until(lambda: again.studio.easel.document is not None)
    assert again.studio.easel.active
    assert again.canvas.view.isVisible()
    assert again.docks["layers"].isVisible()
    assert pixel(again, 64, 64) == (*RED, 255)
    assert now(again).frame.width() == again.studio.session.width == 192
    assert (again.studio.session.prompt, again.studio.session.intent) == ("a sun", "remove")
    press(again, Qt.Key.Key_Z, CONTROL)
    assert now(again).frame.width() == 128


def test_a_canvas_of_a_newer_sfumato_is_told_and_left_alone(open_window: Open) -> None:
    window = open_window()
    press(window, Qt.Key.Key_F3)
    until(lambda: window.studio.easel.document is not None)
    sheet = window.studio.documents.present
    assert sheet
    window.close()
    with closing(sqlite3.connect(sheet.file)) as file:
        file.execute("PRAGMA user_version = 99")
    before = sheet.file.read_bytes()
    again = open_window()
    until(lambda: again.studio.easel.document is not None)
    assert any(toast.notice.kind == "error" for toast in again.toasts.shown)
    assert again.studio.documents.present != sheet
    again.close()
    assert sheet.file.read_bytes() == before
