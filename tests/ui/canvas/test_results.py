"""How what was made becomes a layer."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest

from desktop.canvas.composite import flatten
from desktop.canvas.transform import tight
from desktop.engine.api import Finished, Preview, Produced, Progress, Started
from desktop.raster import Raster
from desktop.ui.window import Window
from tests.fakes import MADE, FakeEngine
from tests.ui.canvas.strokes import RED, color_of, generate, now, paint_all, pixel, says, stroke, view_of
from tests.ui.hands import CONTROL, LEFT, NONE, click, plain, press, toast, until


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
