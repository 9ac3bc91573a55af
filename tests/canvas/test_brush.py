"""Strokes: where they cover, how much, and what that does to pixels."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from math import hypot
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect

from desktop.canvas.brush import Dab, Stroke, erased, painted
from desktop.canvas.layer import Layer, Role
from desktop.canvas.nib import Brush
from desktop.canvas.snapshot import Snapshot
from desktop.canvas.tools.kit import Keys, Kit
from desktop.canvas.transform import tight
from tests.canvas.things import document_of, drag, filled, noise, noisy, pixel, print_of, use

AREA = QRect(-100, -100, 400, 400)
HARD = Brush(20, hardness=1.0, pressure_sizes=False)

places = st.tuples(st.floats(0, 90), st.floats(0, 90), st.floats(0, 1))
brushes = st.builds(
    Brush,
    size=st.floats(1, 40),
    hardness=st.floats(0, 1),
    flow=st.floats(0.05, 1),
    spacing=st.floats(0.05, 1),
    pressure_sizes=st.booleans(),
    pressure_covers=st.booleans(),
)


def stroke(brush: Brush, *places: tuple[float, ...]) -> np.ndarray:
    """Coverage of AREA, 0 to 255."""
    work = Stroke(brush)
    for place in places:
        work.go_to(*place)
    work.end()
    return work.coverage.read(AREA)[..., 0]


def at(coverage: np.ndarray, x: int, y: int) -> int:
    return int(coverage[y - AREA.y(), x - AREA.x()])


def line(brush: Brush, *ends: tuple[float, float]) -> np.ndarray:
    """Straight ways with a point every other pixel, as a mouse gives them."""
    path = [ends[0]]
    for (x, y), (to_x, to_y) in pairwise(ends):
        number = max(int(hypot(to_x - x, to_y - y) / 2), 1)
        path += [(x + (to_x - x) * n / number, y + (to_y - y) * n / number) for n in range(1, number + 1)]
    return stroke(brush, *path)


# ---------------------------------------------------------------- one dab


def test_a_dab_is_round_and_where_it_should_be() -> None:
    dab = Dab(50.0, 40.0, 20)
    shape = dab.shape(AREA, hardness=1.0)
    y, x = np.mgrid[-100:300, -100:300] + 0.5
    distance = np.hypot(x - 50, y - 40)
    assert (shape[distance < 9.4] == 1).all()
    assert (shape[distance > 10.6] == 0).all()
    assert shape[distance < 10].min() >= 0.5 > shape[distance > 10].max()
    inside = dab.area
    assert shape.sum() == pytest.approx(dab.shape(inside, 1.0).sum())  # nothing is outside its area


@given(st.floats(-50, 50), st.floats(-50, 50), st.floats(1, 60), st.floats(0, 1))
def test_nothing_of_a_dab_is_outside_its_area(x: float, y: float, size: float, hardness: float) -> None:
    dab = Dab(x, y, size)
    whole, area = dab.shape(AREA, hardness), dab.area
    outside = np.ones(whole.shape, bool)
    outside[area.y() + 100 : area.y() + 100 + area.height(), area.x() + 100 : area.x() + 100 + area.width()] = False
    assert not whole[outside].any()


def test_a_harder_brush_covers_no_less_anywhere() -> None:
    shapes = [Dab(50.3, 40.7, 30).shape(AREA, hardness) for hardness in np.linspace(0, 1, 11)]
    for softer, harder in pairwise(shapes):
        inside = softer > 0.5
        assert (harder[inside] >= softer[inside] - 1e-6).all()
        assert harder.sum() > softer.sum()
        assert harder.max() <= 1


# ---------------------------------------------------------------- coverage of strokes


def test_a_click_paints_a_dab() -> None:
    coverage = stroke(HARD, (50.0, 50.0))
    assert (coverage == np.ceil(Dab(50, 50, 20).shape(AREA, 1.0) * 255 - 1e-3)).all()
    assert at(coverage, 50, 50) == 255


def test_two_points_paint_both_ends() -> None:
    coverage = stroke(HARD, (20.0, 50.0), (80.0, 50.0))
    assert [at(coverage, x, 50) for x in (12, 20, 50, 80, 88)] == [255] * 5
    assert at(coverage, 95, 50) == at(coverage, 5, 50) == 0


@given(brushes, st.lists(places, min_size=1, max_size=8))
def test_a_stroke_covers_no_more_than_its_strongest_dab(brush: Brush, points: list[tuple[float, float, float]]) -> None:
    firmest = max(brush.felt(pressure) for *_, pressure in points)
    most = 255 * (firmest if brush.pressure_covers else 1)
    assert stroke(brush, *points).max() <= np.ceil(most)


@pytest.mark.parametrize("hardness", [0.0, 0.5, 1.0])
def test_a_stroke_that_crosses_itself_is_not_darker_there(hardness: float) -> None:
    brush = replace(HARD, hardness=hardness, spacing=0.05)
    across, along = line(brush, (0, 50), (100, 50)), line(brush, (50, 0), (50, 100))
    both = line(brush, (0, 50), (100, 50), (100, 0), (50, 0), (50, 100))
    near = slice(120, 180), slice(120, 180)  # where they cross
    assert np.abs(both[near].astype(int) - np.maximum(across, along)[near]).max() <= 1


def test_a_stroke_back_and_forth_is_the_same_as_forth() -> None:
    brush = replace(HARD, hardness=0.5, spacing=0.02)
    once, again = line(brush, (0, 50), (100, 50)), line(brush, (0, 50), (100, 50), (0, 50), (100, 50))
    between = slice(None), slice(110, 190)  # dabs fall between dabs: at the ends a step further
    assert np.abs(once.astype(int) - again)[between].max() <= 4


@pytest.mark.parametrize("flow", [0.01, 0.05, 0.3])
def test_a_weak_flow_reaches_its_goal_in_the_end(flow: float) -> None:
    brush, goal = replace(HARD, flow=flow, hardness=0.3), stroke(replace(HARD, hardness=0.3), (50.0, 50.0))
    work, before = Stroke(brush), np.zeros_like(goal)
    now = before
    for _ in range(700):
        work._put(Dab(50, 50, 20))
        now = work.coverage.read(AREA)[..., 0]
        assert (now >= before).all()
        if (now == goal).all():
            break
        assert (now > before).any()
        before = now
    assert (now == goal).all()
    first = stroke(brush, (50.0, 50.0))
    assert 0 < at(first, 50, 50) <= 255 * flow + 1


@pytest.mark.parametrize("spacing", [0.25, 0.5, 1.0])
def test_dabs_are_a_step_apart(spacing: float) -> None:
    work, dabs = Stroke(replace(HARD, size=40, spacing=spacing)), []
    for x in range(0, 201, 5):
        dabs += [dab.x for dab in work._dabs_to((float(x), 0.0, 1.0, 0.0))]
    assert dabs == pytest.approx(list(np.arange(0, 200.1, 40 * spacing)))


@given(st.lists(places, min_size=2, max_size=10))
def test_dabs_are_as_far_apart_however_the_way_is_cut(points: list[tuple[float, float, float]]) -> None:
    brush = replace(HARD, spacing=0.5)
    middle = [((x + to_x) / 2, (y + to_y) / 2, 1.0) for (x, y, _), (to_x, to_y, _) in pairwise(points)]
    finer = [points[0], *(each for pair in zip(middle, points[1:], strict=True) for each in pair)]
    one, other = Stroke(brush), Stroke(brush)
    dabs = [(dab.x, dab.y) for point in points for dab in one._dabs_to((*point, 0.0))]
    more = [(dab.x, dab.y) for point in finer for dab in other._dabs_to((*point, 0.0))]
    assert abs(len(dabs) - len(more)) <= 1  # one may just be reached or not
    assert np.allclose(dabs[: len(more)], more[: len(dabs)], atol=1e-3)


def test_pressure_sizes_and_covers_along_the_curve() -> None:
    by_size = Brush(40, 1.0, pressure_sizes=True, pressure_covers=False)
    wide = [int((stroke(by_size, (50.0, 50.0, pressure)) > 127).any(0).sum()) for pressure in (0.0, 0.25, 0.5, 1.0)]
    assert wide == [2, 10, 20, 40]
    by_cover = Brush(40, 1.0, pressure_sizes=False, pressure_covers=True)
    most = [int(stroke(by_cover, (50.0, 50.0, pressure)).max()) for pressure in (0.0, 0.25, 0.5, 1.0)]
    assert most == [0, 64, 128, 255]
    firm = replace(by_cover, curve=2.0)
    assert [int(stroke(firm, (50.0, 50.0, pressure)).max()) for pressure in (0.5, 1.0)] == [64, 255]


def test_pressure_changes_along_a_line() -> None:
    coverage = stroke(Brush(40, 1.0, spacing=0.05), (0.0, 50.0, 0.1), (50.0, 50.0, 0.5), (100.0, 50.0, 1.0))
    widths = (coverage > 127).sum(0)[100:200]  # x from 0 to 100
    assert (np.diff(widths[5:95].astype(int)) >= 0).all()
    assert widths[5] < 12
    assert widths[95] > 35


@given(st.lists(places, min_size=1, max_size=8))
def test_a_stroke_begins_and_ends_where_the_pen_did(points: list[tuple[float, float, float]]) -> None:
    coverage = stroke(replace(HARD, spacing=0.05), *points)
    for x, y, _ in (points[0], points[-1]):
        assert at(coverage, int(x), int(y)) == 255


def test_a_tremble_is_calmed() -> None:
    brush = Brush(2, 1.0, spacing=0.2, pressure_sizes=False)
    wavy = stroke(brush, *[(float(x), 50.0 + (3 if x % 2 else -3)) for x in range(80)])
    tall = np.flatnonzero((wavy[:, 120:160] > 0).any(1))
    assert tall[-1] - tall[0] < 6  # 8 without it


def test_it_tells_where_coverage_has_changed() -> None:
    work, before = Stroke(replace(HARD, size=9)), np.zeros((400, 400), np.uint8)
    for n in range(30):
        area = work.go_to(n * 7.3 % 90, n * 11.1 % 90, 1.0)
        now = work.coverage.read(AREA)[..., 0]
        outside = np.ones(now.shape, bool)
        top, left = area.y() - AREA.y(), area.x() - AREA.x()
        outside[top : top + area.height(), left : left + area.width()] = False
        assert not (now != before)[outside].any()
        before = now


# ---------------------------------------------------------------- what coverage does to pixels

shares = st.sampled_from([0.0, 0.001, 0.2, 0.5, 0.75, 1.0])
bytes_ = st.sampled_from([0, 1, 2, 100, 200, 254, 255])


def _one(*value: int) -> np.ndarray:
    return np.array(value, np.uint8).reshape(1, 1, -1)


@given(bytes_, bytes_, bytes_, shares)
def test_paint_lies_over_what_was_there(before: int, alpha: int, color: int, share: float) -> None:
    coverage = np.full((1, 1), share, np.float32)
    there = before if alpha else 0
    (red, _, _, covered) = painted(_one(there, 9, 9, alpha), coverage, (color, 0, 0))[0, 0].tolist()
    exact, below = Fraction(float(np.float32(share))), Fraction(alpha, 255)
    whole = exact + below * (1 - exact)
    assert abs(covered - float(whole * 255)) <= 0.501
    if covered:
        assert abs(red - float((color * exact + there * below * (1 - exact)) / whole)) <= 0.501
    else:
        assert red == 0


@given(bytes_, bytes_, bytes_, shares)
def test_locked_transparency_stays(before: int, alpha: int, color: int, share: float) -> None:
    coverage = np.full((1, 1), share, np.float32)
    there, other = (before, 9) if alpha else (0, 0)
    pixels = painted(_one(there, other, other, alpha), coverage, (color, 0, 0), alpha_locked=True)
    (red, _, _, covered) = pixels[0, 0].tolist()
    assert covered == alpha
    if alpha:
        assert abs(red - (there + (color - there) * float(np.float32(share)))) <= 0.501
    else:
        assert red == 0


@given(bytes_, shares)
def test_erasing_takes_away(alpha: int, share: float) -> None:
    coverage = np.full((1, 1), share, np.float32)
    (red, _, _, left) = erased(_one(7, 8, 9, alpha), coverage)[0, 0].tolist()
    assert abs(left - alpha * (1 - float(np.float32(share)))) <= 0.501
    assert red == (7 if left else 0)
    assert (erased(_one(7, 8, 9, alpha), coverage, alpha_locked=True) == _one(7, 8, 9, alpha)).all()
    assert abs(int(erased(_one(alpha), coverage)[0, 0, 0]) - alpha * (1 - float(np.float32(share)))) <= 0.501


@given(bytes_, shares)
def test_a_mask_is_filled(before: int, share: float) -> None:
    coverage = np.full((1, 1), share, np.float32)
    found = int(painted(_one(before), coverage, (1, 2, 3))[0, 0, 0])
    assert abs(found - (before + (255 - before) * float(np.float32(share)))) <= 0.501


def test_nothing_is_changed_where_nothing_covers() -> None:
    before = noise(300, 300)
    for locked in (False, True):
        assert (painted(before, np.zeros((300, 300), np.float32), (1, 2, 3), locked) == before).all()
        assert (erased(before, np.zeros((300, 300), np.float32), locked) == before).all()


# ---------------------------------------------------------------- strokes on layers


def kit_on(layer: Layer, brush: Brush = HARD, **properties: object) -> Kit:
    snapshot = replace(Snapshot((layer,), layer.id), **properties)  # type: ignore[arg-type]
    return Kit(document_of(snapshot), brush, color=(200, 100, 50))


def _layer(kit: Kit) -> Layer:
    assert kit.document.snapshot.active
    return kit.document.snapshot.active


@pytest.mark.parametrize("tool", ["brush", "eraser"])
@pytest.mark.parametrize("offset", [(0, 0), (-7, 300)])
def test_pixels_beside_a_stroke_are_the_same_to_the_bit(tool: str, offset: tuple[int, int]) -> None:
    layer = replace(Layer("Layer"), plane=noisy(QRect(-100, -400, 500, 800)), offset=offset)
    kit = kit_on(layer, replace(HARD, hardness=0.4))
    path = [(20.0, 20.0), (60.0, 90.0), (130.0, 100.0)]
    use(kit, tool, *drag(*path))
    covered = stroke(kit.brush, *path) > 0
    before, after = layer.read(AREA), _layer(kit).read(AREA)
    assert (before[~covered] == after[~covered]).all()
    assert (before[covered] != after[covered]).any()


def test_nothing_but_the_selected_is_painted() -> None:
    layer = replace(Layer("Layer"), plane=noisy(AREA))
    chosen = filled(QRect(0, 0, 30, 30), 255).write(QRect(30, 0, 10, 30), np.full((30, 10, 1), 128, np.uint8))
    kit = kit_on(layer, selection=chosen)
    use(kit, "brush", *drag((0.0, 15.0), (90.0, 15.0)))
    after = _layer(kit)
    beside = chosen.read(AREA)[..., 0] == 0
    assert (layer.read(AREA)[beside] == after.read(AREA)[beside]).all()
    assert pixel(after, 15, 15) == [200, 100, 50, 255]
    half, empty = kit_on(Layer("Layer"), selection=chosen), pixel(after, 35, 15)
    use(half, "brush", *drag((0.0, 15.0), (90.0, 15.0)))
    assert pixel(_layer(half), 35, 15) == [200, 100, 50, 128]
    assert empty != [200, 100, 50, 255]


def test_opacity_is_what_a_whole_stroke_covers() -> None:
    kit = kit_on(Layer("Layer"), replace(HARD, opacity=0.5))
    use(kit, "brush", *drag(*[(x, 50.0) for x in (0.0, 90.0, 0.0, 90.0, 0.0)]))
    assert pixel(_layer(kit), 45, 50) == [200, 100, 50, 128]
    use(kit, "brush", *drag((0.0, 50.0), (90.0, 50.0)))
    assert pixel(_layer(kit), 45, 50) == [200, 100, 50, 192]


def test_locked_transparency_keeps_a_stroke_within_what_is_there() -> None:
    there = filled(QRect(40, 0, 20, 100), 1, 2, 3, 100)
    kit = kit_on(replace(Layer("Layer"), plane=there, alpha_locked=True))
    use(kit, "brush", *drag((0.0, 50.0), (90.0, 50.0)))
    after = _layer(kit)
    assert (after.read(AREA)[..., 3] == there.read(AREA)[..., 3]).all()
    assert pixel(after, 50, 50) == [200, 100, 50, 100]
    before = print_of(kit.document.snapshot)
    use(kit, "eraser", *drag((0.0, 50.0), (90.0, 50.0)))
    assert print_of(kit.document.snapshot) == before


def test_ctrl_takes_away_from_masks_only() -> None:
    kit = kit_on(Layer("Layer"))
    use(kit, "brush", *drag((50.0, 50.0), keys=Keys.ControlModifier))
    assert pixel(_layer(kit), 50, 50) == [200, 100, 50, 255]


def test_erased_to_nothing_leaves_no_tile() -> None:
    kit = kit_on(Layer("Layer"), replace(HARD, hardness=0.2))
    use(kit, "brush", *drag((20.0, 20.0), (80.0, 70.0)))
    assert _layer(kit).plane.tiles
    kit.brush = replace(HARD, size=300)
    use(kit, "eraser", *drag((50.0, 50.0)))
    assert _layer(kit).plane.tiles == {}


def test_the_other_end_of_the_pen_erases() -> None:
    kit = kit_on(replace(Layer("Layer"), plane=filled(AREA, 1, 2, 3, 255)))
    use(kit, "brush", *[replace(pointer, eraser=True) for pointer in drag((50.0, 50.0))])
    assert pixel(_layer(kit), 50, 50) == [0, 0, 0, 0]


def test_shift_draws_a_line_from_where_the_last_stroke_ended() -> None:
    kit = kit_on(Layer("Layer"))
    use(kit, "brush", *drag((10.0, 10.0), (20.0, 20.0), keys=Keys.ShiftModifier))  # there is no last one: a stroke
    assert pixel(_layer(kit), 20, 20)[3] == 255
    assert pixel(_layer(kit), 60, 60)[3] == 0
    use(kit, "brush", *drag((100.0, 100.0), keys=Keys.ShiftModifier))
    assert [pixel(_layer(kit), at, at)[3] for at in range(20, 101, 10)] == [255] * 9
    use(kit, "brush", *drag((100.0, 20.0)))
    assert pixel(_layer(kit), 100, 60)[3] == 0


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
    assert pixel(_layer(kit), 50, 50) == [255]
    kit.brush = replace(HARD, size=60)
    use(kit, "brush", *drag((50.0, 50.0), keys=Keys.ControlModifier))
    assert _layer(kit).plane.tiles == {}


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
