"""Work on the canvas with the whole window: what the button says, what it makes, and how that becomes a layer."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QToolButton

from desktop.canvas.composite import flatten
from desktop.canvas.snapshot import Snapshot
from desktop.canvas.transform import tight
from desktop.engine.api import Finished, Preview, Produced, Progress, Started
from desktop.raster import Raster
from desktop.ui.canvas.view import CanvasView
from desktop.ui.prompt.canvas import CanvasForm
from desktop.ui.window import Window
from tests.fakes import MADE, FakeEngine
from tests.ui.conftest import Open
from tests.ui.hands import CONTROL, LEFT, NONE, answer, click, drop, mime_of, pick, plain, press, settle, toast, until

RED = (200, 40, 30)


@pytest.fixture
def canvas(window: Window) -> Window:
    """A window with a canvas whose frame has the starter's size."""
    press(window, Qt.Key.Key_F3)
    until(lambda: window.studio.easel.document is not None)
    assert window.canvas.view.isVisible()
    window.studio.easel.color = RED
    return window


def view_of(window: Window) -> CanvasView:
    return window.canvas.view


def now(window: Window) -> Snapshot:
    snapshot = window.studio.easel.snapshot
    assert snapshot
    return snapshot


def stroke(window: Window, tool: str, *places: tuple[float, float], size: float = 20) -> None:
    view, easel = view_of(window), window.studio.easel
    easel.tool = tool
    easel.brush.size = size
    at = [view.lens.to_view.map(QPointF(*place)).toPoint() for place in places]
    QTest.mousePress(view, LEFT, NONE, at[0])
    for point in at[1:]:
        QTest.mouseMove(view, point)
    QTest.mouseRelease(view, LEFT, NONE, at[-1])


def paint_all(window: Window) -> None:
    """The whole frame, opaque."""
    frame = now(window).frame
    stroke(window, "brush", (0, frame.height() / 2), (frame.width(), frame.height() / 2), size=400)


def says(window: Window, words: str) -> None:
    until(lambda: window.panel.generate.text() == words)


def generate(window: Window, count: int = 1) -> None:
    """By the button, and waits for the pictures."""
    window.studio.session.count = count
    before = len(window.studio.results.all)
    click(window.panel.generate)
    until(lambda: len(window.studio.results.all) == before + count and not window.studio.queue.entries)


def pixel(window: Window, x: int, y: int) -> tuple[int, ...]:
    return tuple(map(int, flatten(now(window), QRect(x, y, 1, 1))[0, 0]))


def color_of(window: Window, place: int = 0) -> tuple[int, ...]:
    """Of a plain result."""
    raster = Raster.read(window.studio.results.all[place].file or Path())
    return (*map(int, raster.pixels[0, 0]), 255)


# ---------------------------------------------------------------- what will be made


def test_the_button_says_what_it_will_do(canvas: Window) -> None:
    session = canvas.studio.session
    says(canvas, "Generate")
    stroke(canvas, "brush", (10, 10), (60, 60))
    says(canvas, "Expand")  # the rest is empty
    session.change = 0.5
    says(canvas, "Refine")
    paint_all(canvas)
    says(canvas, "Refine")
    session.change = 1.0
    says(canvas, "Generate")
    stroke(canvas, "mask", (30, 30), (60, 30))
    says(canvas, "Fill")
    session.choose_intent("remove")
    says(canvas, "Remove")
    session.choose_intent("background")
    session.count = 3
    says(canvas, "Replace background 3")
    press(view_of(canvas), Qt.Key.Key_M, Qt.KeyboardModifier.ShiftModifier)
    says(canvas, "Generate 3")
    stroke(canvas, "rectangle", (10, 10), (50, 50))
    session.choose_intent("add")
    says(canvas, "Add 3")
    press(canvas, Qt.Key.Key_F3)
    says(canvas, "Generate 3")


def test_an_empty_frame_is_made_from_words_in_its_size(canvas: Window, engine: FakeEngine) -> None:
    width = canvas.panel.size_row.width_field
    width.setFocus()
    width.selectAll()
    QTest.keyClicks(width, "160")
    press(width, Qt.Key.Key_Return)
    until(lambda: now(canvas).frame.width() == 160)
    generate(canvas)
    (job,) = engine.jobs
    assert (job.work.source, job.work.width, job.work.height) == (None, 160, 128)


def test_a_large_empty_frame_is_made_in_passes(canvas: Window, engine: FakeEngine) -> None:
    canvas.studio.framing.resize(300, 257)
    says(canvas, "Generate")
    generate(canvas)
    work = engine.jobs[-1].work
    assert (work.width, work.height) == (300, 257)
    assert work.source
    assert (work.source.strength, work.source.intent) == (1.0, "fill")
    assert (engine.jobs[-1].inputs[work.source.mask].pixels == 255).all()


def test_what_is_masked_goes_to_the_engine_with_its_mask(canvas: Window, engine: FakeEngine) -> None:
    paint_all(canvas)
    stroke(canvas, "mask", (40, 64), (80, 64))
    pick(canvas.panel.canvas_section.findChildren(CanvasForm)[0].intent, "remove")
    generate(canvas)
    job = engine.jobs[-1]
    source = job.work.source
    assert source
    assert (source.intent, source.strength, source.feather) == ("remove", 0.7, None)
    mask = job.inputs[source.mask].pixels[..., 0]
    assert mask[64, 60] == 255
    assert mask[20, 20] == 0
    assert tuple(job.inputs[source.image].pixels[64, 64]) == RED
    kept = canvas.studio.memory.inputs
    canvas.studio.memory.lane.finish()
    assert kept.find(source.mask) == job.inputs[source.mask]
    assert kept.find(source.image) == job.inputs[source.image]


def test_of_a_background_what_is_masked_is_kept(canvas: Window, engine: FakeEngine) -> None:
    paint_all(canvas)
    stroke(canvas, "mask", (40, 64), (80, 64))
    canvas.studio.session.choose_intent("background")
    generate(canvas)
    source = engine.jobs[-1].work.source
    assert source
    mask = engine.jobs[-1].inputs[source.mask].pixels[..., 0]
    assert (mask[64, 60], mask[20, 20]) == (0, 255)


def test_the_strength_snaps_to_steps_that_are_run(canvas: Window) -> None:
    session = canvas.studio.session
    slider = canvas.panel.canvas_section.findChildren(CanvasForm)[0].strength
    session.steps = 8
    slider.setFocus()
    press(slider, Qt.Key.Key_Return)
    (field,) = slider.findChildren(QLineEdit)
    field.setText("60")
    press(field, Qt.Key.Key_Return)
    assert session.change == 5 / 8
    assert slider.text.endswith("5 of 8 steps")
    press(slider, Qt.Key.Key_Right)
    assert session.change == 6 / 8


# ---------------------------------------------------------------- what becomes of it


def test_enter_makes_a_layer_where_the_frame_was(canvas: Window) -> None:
    click(canvas.panel.generate)
    canvas.studio.framing.resize(64, 64)
    until(lambda: len(canvas.studio.results.all) == 1)
    assert canvas.canvas.candidate.isVisible()
    assert len(now(canvas).layers) == 2
    press(view_of(canvas), Qt.Key.Key_Return)
    until(lambda: len(now(canvas).layers) == 3)
    assert not canvas.canvas.candidate.isVisible()
    assert pixel(canvas, 1, 1) == pixel(canvas, 126, 126) == color_of(canvas)
    press(canvas, Qt.Key.Key_Z, CONTROL)
    assert len(now(canvas).layers) == 2


def test_the_layer_is_only_what_has_changed(canvas: Window, engine: FakeEngine) -> None:
    paint_all(canvas)
    before = Raster(flatten(now(canvas), now(canvas).frame)).rgb().pixels
    made = before.copy()
    made[30:50, 20:60] = 10, 200, 90
    stroke(canvas, "mask", (40, 40), (50, 40))
    says(canvas, "Fill")
    click(canvas.panel.generate)
    until(lambda: bool(engine.jobs))
    recipe = engine.jobs[-1].work
    assert recipe.source
    canvas.studio.queue.cancel_all()
    until(lambda: not canvas.studio.queue.entries)
    engine.script = [Started(), Produced(Raster(made), recipe, MADE), Finished({"denoise": 0.1}, 1)]
    generate(canvas)
    press(view_of(canvas), Qt.Key.Key_Return)
    until(lambda: len(now(canvas).layers) == 3)
    layer = now(canvas).active
    assert layer
    alpha = layer.read(now(canvas).frame)[..., 3]
    assert (alpha[30:50, 20:60] == 255).all()
    assert alpha.sum() == 20 * 40 * 255


def test_arrow_keys_flip_through_candidates_and_escape_sets_them_aside(canvas: Window) -> None:
    generate(canvas, count=3)
    view, stage = view_of(canvas), canvas.studio.stage
    newest = stage.result
    assert newest is canvas.studio.results.all[0]
    press(view, Qt.Key.Key_Right)
    until(lambda: stage.result is canvas.studio.results.all[1])
    press(view, Qt.Key.Key_Left)
    until(lambda: stage.result is newest)
    press(view, Qt.Key.Key_Escape)
    assert not stage.is_candidate
    assert view.overlay.candidate is None
    assert len(canvas.studio.results.all) == 3
    press(view, Qt.Key.Key_Right)
    until(lambda: stage.is_candidate)
    press(view, Qt.Key.Key_Return)
    until(lambda: len(now(canvas).layers) == 3)


def test_several_can_be_kept(canvas: Window) -> None:
    generate(canvas, count=2)
    for layers in (3, 4):
        press(view_of(canvas), Qt.Key.Key_Return)
        until(lambda layers=layers: len(now(canvas).layers) == layers)
        press(view_of(canvas), Qt.Key.Key_Right)
        until(lambda: canvas.studio.stage.is_candidate)


def test_painting_goes_on_while_it_is_made(canvas: Window, engine: FakeEngine) -> None:
    engine.hold()
    engine.let(6)
    click(canvas.panel.generate)
    until(lambda: canvas.studio.stage.is_candidate)  # a preview
    stroke(canvas, "brush", (30, 30), (90, 90))
    assert not canvas.studio.stage.is_candidate
    assert pixel(canvas, 60, 60) == (*RED, 255)
    engine.free()
    until(lambda: len(canvas.studio.results.all) == 1 and not canvas.studio.queue.entries)
    assert not canvas.studio.stage.is_candidate  # it does not come over the hand
    press(view_of(canvas), Qt.Key.Key_Right)
    until(lambda: canvas.studio.stage.is_candidate)


def test_the_first_press_on_a_result_only_sets_it_aside(canvas: Window) -> None:
    generate(canvas)
    before = now(canvas)
    stroke(canvas, "brush", (30, 30), (90, 90))
    assert not canvas.studio.stage.is_candidate
    assert now(canvas) is before
    stroke(canvas, "brush", (30, 30), (90, 90))
    assert pixel(canvas, 60, 60) == (*RED, 255)


def test_a_preview_is_no_layer_yet(canvas: Window, engine: FakeEngine) -> None:
    engine.hold()
    engine.let(6)
    click(canvas.panel.generate)
    until(lambda: canvas.studio.stage.is_candidate)
    press(view_of(canvas), Qt.Key.Key_Return)
    toast(canvas, "This picture is not finished yet.")
    assert len(now(canvas).layers) == 2
    engine.free()
    until(lambda: not canvas.studio.queue.entries)


def test_more_like_this_starts_from_it_under_the_same_mask(canvas: Window, engine: FakeEngine) -> None:
    paint_all(canvas)
    stroke(canvas, "mask", (40, 64), (80, 64))
    says(canvas, "Fill")
    generate(canvas)
    first = engine.jobs[-1].work.source
    assert first
    result = canvas.studio.results.all[0]
    canvas.actions_["more_like"].trigger()
    until(lambda: len(canvas.studio.results.all) == 2)
    again = engine.jobs[-1].work
    assert again.source
    assert (again.source.mask, again.source.strength) == (first.mask, 0.6)
    assert again.source.image == Raster.read(result.file or Path()).sha256
    assert again.seed != result.recipe.seed
    assert canvas.studio.results.all[0].spot == result.spot


def test_a_result_of_a_single_picture_comes_to_the_canvas(window: Window) -> None:
    generate(window)
    until(lambda: window.studio.easel.document is not None)
    window.actions_["result_to_canvas"].trigger()
    until(lambda: window.studio.stage.is_candidate and window.studio.easel.document is not None)
    assert window.studio.easel.active
    view_of(window).setFocus()
    press(view_of(window), Qt.Key.Key_Return)
    until(lambda: len(now(window).layers) == 3)


def test_a_recipe_with_a_mask_comes_back_to_the_canvas(canvas: Window, engine: FakeEngine) -> None:
    """And makes the same again."""
    paint_all(canvas)
    stroke(canvas, "mask", (40, 64), (80, 64))
    for intent in ("remove", "background"):
        canvas.studio.session.choose_intent(intent)
        says(canvas, "Remove" if intent == "remove" else "Replace background")
        generate(canvas)
        first = engine.jobs[-1].work
        press(canvas, Qt.Key.Key_N, CONTROL)
        until(lambda: not now(canvas).pictured[0].plane.tiles)
        canvas.studio.session.choose_intent("fill")
        canvas.studio.opening.use_recipe(canvas.studio.results.all[0].recipe)
        until(lambda: bool(now(canvas).pictured[0].plane.tiles))
        says(canvas, "Remove" if intent == "remove" else "Replace background")
        generate(canvas)
        assert engine.jobs[-1].work == first


def test_two_presses_make_two_pictures(canvas: Window, engine: FakeEngine) -> None:
    for _ in range(2):
        canvas.studio.generate()
    until(lambda: len(canvas.studio.results.all) == 2)
    assert len({job.work.seed for job in engine.jobs}) == 2


def test_enter_twice_makes_one_layer(canvas: Window) -> None:
    generate(canvas)
    for _ in range(2):
        press(view_of(canvas), Qt.Key.Key_Return)
    until(lambda: len(now(canvas).layers) == 3)
    QTest.qWait(100)
    assert len(now(canvas).layers) == 3


def test_a_layer_that_comes_into_a_stroke_waits_for_its_end(canvas: Window) -> None:
    generate(canvas)
    view = view_of(canvas)
    press(view, Qt.Key.Key_Return)
    canvas.studio.stage.set_aside()
    QTest.mousePress(view, LEFT, NONE, QPoint(200, 200))
    QTest.qWait(150)
    QTest.mouseMove(view, QPoint(260, 240))
    QTest.mouseRelease(view, LEFT, NONE, QPoint(260, 240))
    until(lambda: len(now(canvas).layers) == 3)
    document = canvas.studio.easel.document
    assert document
    assert [step.name for step in document.history.steps] == ["New document", "Brush stroke", "Result"]


def test_what_a_tool_is_in_the_middle_of_is_given_up_for_other_work(canvas: Window) -> None:
    """Else it would go on from what was there before."""
    view, easel = view_of(canvas), canvas.studio.easel
    paint_all(canvas)
    stroke(canvas, "brush", (10, 10), (20, 20))
    painted = now(canvas)
    stroke(canvas, "transform", (64, 64), (90, 64))  # waits for Enter
    assert easel.at_work
    assert now(canvas) is not painted
    canvas.layers_panel.list.setCurrentIndex(canvas.layers_panel.model.index(0))  # another layer
    assert not easel.at_work
    assert flatten(now(canvas), now(canvas).frame).tobytes() == flatten(painted, painted.frame).tobytes()
    stroke(canvas, "transform", (64, 64), (90, 64))
    press(view, Qt.Key.Key_Z, CONTROL)
    press(view, Qt.Key.Key_Return)
    assert easel.document
    assert easel.document.history.can_redo


def test_another_canvas_has_nothing_of_the_one_before(canvas: Window, engine: FakeEngine) -> None:
    generate(canvas)
    assert canvas.studio.stage.is_candidate
    press(canvas, Qt.Key.Key_N, CONTROL)
    until(lambda: not canvas.studio.stage.is_candidate)
    canvas.studio.framing.resize(64, 64)
    place = now(canvas).frame.topLeft()
    press(view_of(canvas), Qt.Key.Key_Right)
    until(lambda: canvas.studio.stage.is_candidate)
    canvas.studio.framing.extend(32, 32, 0, 0)  # it stays where it is seen
    press(view_of(canvas), Qt.Key.Key_Return)
    until(lambda: len(now(canvas).layers) == 3)
    layer = now(canvas).active
    assert layer
    assert tight(layer.plane).topLeft() == place


def test_a_preview_of_full_size_is_no_result(canvas: Window, engine: FakeEngine) -> None:
    engine.script = [Started(), Progress(1, 9, "denoising"), Preview(plain(128, 128, (1, 2, 3)), 1)]
    click(canvas.panel.generate)
    until(lambda: canvas.studio.stage.is_candidate)
    press(view_of(canvas), Qt.Key.Key_Return)
    toast(canvas, "This picture is not finished yet.")
    canvas.studio.cancel()
    until(lambda: not canvas.studio.queue.entries)


def test_the_size_of_single_pictures_is_their_own(canvas: Window) -> None:
    session = canvas.studio.session
    canvas.studio.framing.resize(101, 77)
    assert (session.width, session.height) == (101, 77)
    press(canvas, Qt.Key.Key_F3)
    assert (session.width, session.height) == (128, 128)
    session.width = 192
    press(canvas, Qt.Key.Key_F3)
    assert (session.width, session.height) == (101, 77)
    session.start_from(plain(300, 200, RED))
    assert now(canvas).frame.size().toTuple() == (101, 77)


def test_what_was_expanded_comes_back_to_the_canvas(canvas: Window, engine: FakeEngine) -> None:
    stroke(canvas, "brush", (10, 10), (60, 60))
    says(canvas, "Expand")
    generate(canvas)
    first = engine.jobs[-1].work
    press(canvas, Qt.Key.Key_N, CONTROL)
    until(lambda: not now(canvas).pictured[0].plane.tiles)
    canvas.studio.opening.use_recipe(canvas.studio.results.all[0].recipe)
    until(lambda: bool(now(canvas).pictured[0].plane.tiles))
    says(canvas, "Expand")
    generate(canvas)
    assert engine.jobs[-1].work == first


def test_generate_before_the_canvas_is_read_waits_for_it(canvas: Window, engine: FakeEngine) -> None:
    document = canvas.studio.easel.document
    assert document
    canvas.studio.easel.document = None
    canvas.studio.generate()
    QTest.qWait(50)
    assert not engine.jobs
    canvas.studio.documents.start()
    until(lambda: len(canvas.studio.results.all) == 1)
    document.journal.close()


def test_extend_buttons_make_the_frame_larger(canvas: Window) -> None:
    assert not any(button.isVisible() for button in canvas.canvas.extend.buttons.values())
    press(view_of(canvas), Qt.Key.Key_F)
    for name, frame in (
        ("right", QRect(0, 0, 192, 128)),
        ("top", QRect(0, -64, 192, 192)),
        ("left", QRect(-64, -64, 256, 192)),
        ("bottom", QRect(-64, -64, 256, 256)),
    ):
        click(canvas.canvas.extend.buttons[name])
        assert now(canvas).frame == frame
        assert (canvas.studio.session.width, canvas.studio.session.height) == (frame.width(), frame.height())


# ---------------------------------------------------------------- live


def test_live_makes_a_picture_of_each_stroke_and_keeps_none(canvas: Window, engine: FakeEngine) -> None:
    canvas.studio.session.change = 0.5
    canvas.actions_["live"].trigger()
    until(lambda: len(engine.jobs) == 1 and not canvas.studio.queue.entries)
    paint_all(canvas)
    until(lambda: len(engine.jobs) == 2 and not canvas.studio.queue.entries)
    job = engine.jobs[-1].work
    assert job.steps == 16  # of which half are run
    assert job.source
    assert job.source.strength == 0.5
    assert canvas.studio.stage.is_candidate
    assert canvas.studio.results.all == []
    press(view_of(canvas), Qt.Key.Key_Return)
    until(lambda: len(now(canvas).layers) == 3)
    canvas.actions_["live"].trigger()
    until(lambda: not canvas.studio.queue.entries)
    jobs = len(engine.jobs)
    stroke(canvas, "brush", (5, 5), (9, 9))
    QTest.qWait(200)
    assert len(engine.jobs) == jobs


def test_live_the_newest_wins(canvas: Window, engine: FakeEngine) -> None:
    canvas.studio.session.change = 0.5
    paint_all(canvas)
    engine.hold()
    canvas.actions_["live"].trigger()
    until(lambda: len(engine.jobs) == 1)
    canvas.studio.easel.color = (0, 0, 255)
    for _ in range(3):
        paint_all(canvas)
    engine.free()
    until(lambda: len(engine.jobs) == 2 and not canvas.studio.queue.entries)  # those in between are left out
    source = engine.jobs[-1].work.source
    assert source
    assert tuple(engine.jobs[-1].inputs[source.image].pixels[64, 64]) == (0, 0, 255)
    QTest.qWait(100)
    assert len(engine.jobs) == 2


def test_live_goes_on_after_all_jobs_were_cancelled(canvas: Window, engine: FakeEngine) -> None:
    canvas.studio.queue.paused = True
    canvas.studio.live.on = True
    until(lambda: bool(canvas.studio.queue.entries))
    canvas.studio.queue.cancel_all()
    canvas.studio.queue.paused = False
    paint_all(canvas)
    until(lambda: bool(engine.jobs) and canvas.studio.stage.is_candidate)


def test_live_tells_why_it_ends(canvas: Window) -> None:
    paint_all(canvas)
    stroke(canvas, "mask", (0, 64), (128, 64), size=400)
    canvas.studio.session.choose_intent("background")
    canvas.studio.live.on = True
    toast(canvas, "All of the frame is masked")
    assert not canvas.studio.live.on


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


# ---------------------------------------------------------------- moving about


def test_zoom_actions_are_of_the_view_that_is_seen(canvas: Window) -> None:
    view = view_of(canvas)
    press(canvas, Qt.Key.Key_1, CONTROL)
    assert view.lens.zoom == 1.0
    assert canvas.view.lens.zoom != 1.0 or canvas.view.lens.fits


@pytest.mark.parametrize(("keys", "nearer"), [(NONE, True), (Qt.KeyboardModifier.AltModifier, False)])
def test_a_click_with_the_zoom_tool(canvas: Window, keys: Qt.KeyboardModifier, nearer: bool) -> None:
    view = view_of(canvas)
    press(view, Qt.Key.Key_Z)
    before = view.lens.zoom
    QTest.mouseClick(view, LEFT, keys, view.rect().center())
    assert (view.lens.zoom > before) == nearer
    assert view.lens.zoom != before


def test_the_hand_and_the_turn_tool_move_the_view_and_nothing_else(canvas: Window) -> None:
    view, before = view_of(canvas), now(canvas)
    press(view, Qt.Key.Key_H)
    center = QPointF(view.lens.center)
    QTest.mousePress(view, LEFT, NONE, QPoint(100, 100))
    QTest.mouseMove(view, QPoint(140, 100))
    QTest.mouseRelease(view, LEFT, NONE, QPoint(140, 100))
    assert view.lens.center.x() < center.x()
    press(view, Qt.Key.Key_R, Qt.KeyboardModifier.ShiftModifier)
    right, below = QPoint(view.width() - 20, view.height() // 2), QPoint(view.width() // 2, view.height() - 20)
    QTest.mousePress(view, LEFT, NONE, right)
    QTest.mouseMove(view, below)
    QTest.mouseRelease(view, LEFT, NONE, below)
    assert view.lens.angle == pytest.approx(90, abs=2)
    QTest.mouseDClick(view, LEFT, NONE, right)
    assert view.lens.angle == pytest.approx(0)
    assert now(canvas) is before


def test_single_pixels_get_a_grid(canvas: Window) -> None:
    view = view_of(canvas)
    paint_all(canvas)
    view.point_at(None)
    for zoom, has_grid in ((11.0, False), (16.0, True)):
        view.zoom_to(zoom)
        settle()
        image = view.grab().toImage()
        row = {image.pixelColor(x, 300).name() for x in range(300, 340)}
        assert (len(row) > 1) == has_grid


def test_the_frame_keeps_to_what_the_model_can_do(canvas: Window) -> None:
    canvas.studio.easel.snap = 16
    view = view_of(canvas)
    view.zoom_to(1.0)
    stroke(canvas, "frame", (200.0, 0.0), (300.0, 90.0))
    assert now(canvas).frame.size().toTuple() == (96, 96)


def test_rulers_and_the_colour_of_masks_are_settings(canvas: Window) -> None:
    view = view_of(canvas)
    stroke(canvas, "mask", (30, 64), (90, 64))
    view.point_at(None)
    place = view.lens.to_view.map(QPointF(60, 64)).toPoint()
    canvas.studio.memory.change_settings(mask_color="#30b050", mask_opacity=90)
    settle()
    green = view.grab().toImage().pixelColor(place)
    assert green.green() > green.red() + 60
    corner = view.grab().toImage().pixelColor(3, 3)
    canvas.actions_["rulers"].trigger()
    settle()
    assert view.grab().toImage().pixelColor(3, 3) != corner


def test_tools_are_buttons_too(canvas: Window) -> None:
    button = next(each for each in canvas.findChildren(QToolButton) if each.accessibleName() == "Eraser")
    click(button)
    assert canvas.studio.easel.tool == "eraser"
    assert button.isChecked()
