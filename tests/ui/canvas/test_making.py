"""What the button says on the canvas, what it makes, and what is made live."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from desktop.ui.prompt.canvas import CanvasForm
from desktop.ui.window import Window
from tests.fakes import FakeEngine
from tests.ui.canvas.strokes import RED, generate, now, paint_all, says, stroke, view_of
from tests.ui.hands import pick, press, toast, until

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
