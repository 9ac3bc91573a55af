"""Strokes on layers and masks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QRect

from desktop.canvas.brush import Stroke
from desktop.canvas.layer import Layer, Role
from desktop.canvas.nib import Brush
from desktop.canvas.snapshot import Snapshot
from desktop.canvas.tools.kit import Keys, Kit
from desktop.canvas.transform import tight
from tests.canvas.brush.strokes import AREA, HARD, active, kit_on, stroke
from tests.canvas.things import document_of, drag, filled, noisy, pixel, print_of, use

# ---------------------------------------------------------------- strokes on layers


@pytest.mark.parametrize("tool", ["brush", "eraser"])
@pytest.mark.parametrize("offset", [(0, 0), (-7, 300)])
def test_pixels_beside_a_stroke_are_the_same_to_the_bit(tool: str, offset: tuple[int, int]) -> None:
    layer = replace(Layer("Layer"), plane=noisy(QRect(-100, -400, 500, 800)), offset=offset)
    kit = kit_on(layer, replace(HARD, hardness=0.4))
    path = [(20.0, 20.0), (60.0, 90.0), (130.0, 100.0)]
    use(kit, tool, *drag(*path))
    covered = stroke(kit.brush, *path) > 0
    before, after = layer.read(AREA), active(kit).read(AREA)
    assert (before[~covered] == after[~covered]).all()
    assert (before[covered] != after[covered]).any()


def test_nothing_but_the_selected_is_painted() -> None:
    layer = replace(Layer("Layer"), plane=noisy(AREA))
    chosen = filled(QRect(0, 0, 30, 30), 255).write(QRect(30, 0, 10, 30), np.full((30, 10, 1), 128, np.uint8))
    kit = kit_on(layer, selection=chosen)
    use(kit, "brush", *drag((0.0, 15.0), (90.0, 15.0)))
    after = active(kit)
    beside = chosen.read(AREA)[..., 0] == 0
    assert (layer.read(AREA)[beside] == after.read(AREA)[beside]).all()
    assert pixel(after, 15, 15) == [200, 100, 50, 255]
    half, empty = kit_on(Layer("Layer"), selection=chosen), pixel(after, 35, 15)
    use(half, "brush", *drag((0.0, 15.0), (90.0, 15.0)))
    assert pixel(active(half), 35, 15) == [200, 100, 50, 128]
    assert empty != [200, 100, 50, 255]


def test_opacity_is_what_a_whole_stroke_covers() -> None:
    kit = kit_on(Layer("Layer"), replace(HARD, opacity=0.5))
    use(kit, "brush", *drag(*[(x, 50.0) for x in (0.0, 90.0, 0.0, 90.0, 0.0)]))
    assert pixel(active(kit), 45, 50) == [200, 100, 50, 128]
    use(kit, "brush", *drag((0.0, 50.0), (90.0, 50.0)))
    assert pixel(active(kit), 45, 50) == [200, 100, 50, 192]


def test_locked_transparency_keeps_a_stroke_within_what_is_there() -> None:
    there = filled(QRect(40, 0, 20, 100), 1, 2, 3, 100)
    kit = kit_on(replace(Layer("Layer"), plane=there, alpha_locked=True))
    use(kit, "brush", *drag((0.0, 50.0), (90.0, 50.0)))
    after = active(kit)
    assert (after.read(AREA)[..., 3] == there.read(AREA)[..., 3]).all()
    assert pixel(after, 50, 50) == [200, 100, 50, 100]
    before = print_of(kit.document.snapshot)
    use(kit, "eraser", *drag((0.0, 50.0), (90.0, 50.0)))
    assert print_of(kit.document.snapshot) == before


def test_ctrl_takes_away_from_masks_only() -> None:
    kit = kit_on(Layer("Layer"))
    use(kit, "brush", *drag((50.0, 50.0), keys=Keys.ControlModifier))
    assert pixel(active(kit), 50, 50) == [200, 100, 50, 255]


def test_erased_to_nothing_leaves_no_tile() -> None:
    kit = kit_on(Layer("Layer"), replace(HARD, hardness=0.2))
    use(kit, "brush", *drag((20.0, 20.0), (80.0, 70.0)))
    assert active(kit).plane.tiles
    kit.brush = replace(HARD, size=300)
    use(kit, "eraser", *drag((50.0, 50.0)))
    assert active(kit).plane.tiles == {}


def test_the_other_end_of_the_pen_erases() -> None:
    kit = kit_on(replace(Layer("Layer"), plane=filled(AREA, 1, 2, 3, 255)))
    use(kit, "brush", *[replace(pointer, eraser=True) for pointer in drag((50.0, 50.0))])
    assert pixel(active(kit), 50, 50) == [0, 0, 0, 0]


def test_shift_draws_a_line_from_where_the_last_stroke_ended() -> None:
    kit = kit_on(Layer("Layer"))
    use(kit, "brush", *drag((10.0, 10.0), (20.0, 20.0), keys=Keys.ShiftModifier))  # there is no last one: a stroke
    assert pixel(active(kit), 20, 20)[3] == 255
    assert pixel(active(kit), 60, 60)[3] == 0
    use(kit, "brush", *drag((100.0, 100.0), keys=Keys.ShiftModifier))
    assert [pixel(active(kit), at, at)[3] for at in range(20, 101, 10)] == [255] * 9
    use(kit, "brush", *drag((100.0, 20.0)))
    assert pixel(active(kit), 100, 60)[3] == 0


def test_a_line_begins_where_the_stroke_was_drawn_though_the_pen_was_lifted_elsewhere() -> None:
    kit = kit_on(Layer("Layer"))
    down, up = drag((20.0, 20.0))
    use(kit, "brush", down, replace(up, at=up.at * 4))
    assert kit.last == down.at


# ---------------------------------------------------------------- the mask's brush


def test_the_mask_is_painted_whichever_layer_is_active() -> None:
    kit = Kit(document_of(Snapshot.new()), HARD)
    before = kit.document.snapshot
    use(kit, "mask", *drag((20.0, 50.0), (90.0, 50.0)))
    after = kit.document.snapshot
    assert after.mask
    assert pixel(after.mask, 50, 50) == [255]
    assert after.layers[0] is before.layers[0]
    assert after.active_id == before.active_id
    use(kit, "mask", *drag((50.0, 50.0), keys=Keys.ControlModifier))
    assert kit.document.snapshot.mask
    assert [pixel(kit.document.snapshot.mask, x, 50) for x in (50, 85)] == [[0], [255]]


@pytest.mark.parametrize("hidden", [True, False])
def test_there_is_a_mask_to_paint_and_it_is_seen(hidden: bool) -> None:
    snapshot = Snapshot.new()
    assert snapshot.mask
    snapshot = snapshot.change(snapshot.mask.id, visible=False) if hidden else snapshot.remove(snapshot.mask.id)
    kit = Kit(document_of(snapshot), HARD)
    use(kit, "mask", *drag((50.0, 50.0)))
    mask = kit.document.snapshot.mask
    assert mask
    assert mask.visible
    assert mask.role is Role.MASK
    assert pixel(mask, 50, 50) == [255]
    kit.document.undo()
    assert print_of(kit.document.snapshot) == print_of(snapshot)


def test_a_stroke_is_one_step_and_is_seen_as_it_is_drawn() -> None:
    kit = kit_on(Layer("Layer"))
    seen: list[int] = []
    kit.document.changed.connect(lambda snapshot: seen.append(int(snapshot.active.read(AREA)[..., 3].sum(dtype=int))))
    use(kit, "brush", *drag(*[(10.0 * n, 50.0) for n in range(8)]))
    assert seen == sorted(seen)
    assert len(seen) == 9
    assert seen[0] < seen[4] < seen[-1]
    assert [step.name for step in kit.document.history.steps] == ["New document", "Brush stroke"]


def test_painting_on_a_mask_layer_that_is_active_fills_it() -> None:
    kit = kit_on(Layer.empty("Mask", Role.MASK))
    use(kit, "brush", *drag((50.0, 50.0)))
    assert pixel(active(kit), 50, 50) == [255]
    kit.brush = replace(HARD, size=60)
    use(kit, "brush", *drag((50.0, 50.0), keys=Keys.ControlModifier))
    assert active(kit).plane.tiles == {}


def test_a_pen_that_is_laid_down_draws_thicker_if_that_is_wished() -> None:
    def width(tilt: float, **settings: Any) -> int:
        stroke = Stroke(Brush(size=20, hardness=1.0, **settings))
        stroke.go_to(50, 50, 1.0, tilt)
        stroke.end()
        return tight(stroke.coverage).width()

    assert width(1.0) == width(0.0)
    assert width(0.0, tilt_widens=True) == width(0.0)
    assert width(0.5, tilt_widens=True) == pytest.approx(40, abs=2)
    assert width(1.0, tilt_widens=True) == pytest.approx(60, abs=2)
