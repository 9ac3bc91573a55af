"""Strokes: where they cover, how much, and what that does to pixels."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.canvas.brush import Dab, Stroke, erased, painted
from desktop.canvas.nib import Brush
from tests.canvas.brush.strokes import AREA, HARD, at, brushes, line, places, stroke
from tests.canvas.things import noise

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
