"""Areas: they hold what is masked, lie within the picture, and are made at sizes that models can do."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.area import LEAST, MOST_OVER_NATIVE, REFINEMENT, ROOMY, Area, bounds, context, passes

sides = st.integers(64, 3000)
natives = st.sampled_from([64, 128, 512, 1024])
steps = st.sampled_from([8, 16])
strengths = st.floats(0, 1, exclude_min=True)


@st.composite
def masked(draw: st.DrawFn) -> tuple[Area, tuple[int, int]]:
    """A part of a picture, and the picture's size."""
    size = draw(sides), draw(sides)
    width, height = (draw(st.integers(1, side)) for side in size)
    left, top = draw(st.integers(0, size[0] - width)), draw(st.integers(0, size[1] - height))
    return Area(left, top, width, height), size


def _holds(outer: Area, inner: Area) -> bool:
    return (
        outer.left <= inner.left
        and outer.top <= inner.top
        and inner.left + inner.width <= outer.left + outer.width
        and inner.top + inner.height <= outer.top + outer.height
    )


@given(masked(), natives, steps, st.booleans())
def test_a_context_holds_the_mask_within_the_picture(
    given: tuple[Area, tuple[int, int]], native: int, step: int, closer: bool
) -> None:
    mask, size = given
    area = context(mask, size, native, step, closer)
    assert _holds(area, mask)
    assert _holds(Area(0, 0, *size), area)
    for side, most in ((area.width, size[0]), (area.height, size[1])):
        assert side == most or (side % step == 0 and side >= native / 2)
    if min(size) >= max(area.width, area.height):
        assert area.width == area.height
    if not closer:
        assert area.width >= min(native, size[0])
        assert area.height >= min(native, size[1])


def test_the_context_of_something_new_is_wider_than_that_of_a_refinement() -> None:
    mask, size = Area(500, 400, 60, 50), (1600, 1200)
    wide, close = (context(mask, size, 512, 8, closer) for closer in (False, True))
    assert (wide.width, wide.height) == (512, 512)
    assert (close.width, close.height) == (256, 256)
    assert context(Area(0, 1190, 10, 10), size, 512, 8, False) == Area(0, 688, 512, 512)
    large = context(Area(200, 200, 800, 700), size, 512, 8, False)
    assert large.height == 1200
    assert large.width >= 1200


@given(masked(), natives, steps, strengths)
def test_every_pass_has_a_size_that_the_model_can_do(
    given: tuple[Area, tuple[int, int]], native: int, step: int, strength: float
) -> None:
    area, _ = given
    made = passes(area, native, step, strength)
    assert 1 <= len(made) <= 2
    for each in made:
        assert each.width % step == each.height % step == 0
        assert min(each.width, each.height) >= LEAST
        assert each.strength <= strength
        if min(area.width, area.height) > 4 * step:
            close = pytest.approx(area.width / area.height, rel=2 * step / LEAST)
            assert each.width / each.height == close or min(each.width, each.height) == LEAST
    assert made[0].strength == strength or made[0].strength == REFINEMENT >= strength or len(made) == 1


@pytest.mark.parametrize(
    ("side", "strength", "expected"),
    [
        (64, 1.0, [(512, 1.0)]),  # small: at the native size, then scaled down
        (512, 0.3, [(512, 0.3)]),
        (600, 1.0, [(600, 1.0)]),  # as it is
        (800, 1.0, [(512, 1.0), (800, REFINEMENT)]),
        (800, 0.5, [(512, 0.5), (800, REFINEMENT)]),
        (800, 0.3, [(800, 0.3)]),
        (3000, 1.0, [(512, 1.0), (1024, REFINEMENT)]),
    ],
)
def test_large_areas_are_made_in_two_passes(side: int, strength: float, expected: list[tuple[int, float]]) -> None:
    made = passes(Area(0, 0, side, side), 512, 8, strength)
    assert [(each.width, each.height, each.strength) for each in made] == [(s, s, share) for s, share in expected]


@given(masked(), natives)
def test_no_pass_is_larger_than_models_manage(given: tuple[Area, tuple[int, int]], native: int) -> None:
    area, _ = given
    first, *more = passes(area, native, 8, 1.0)
    thin = max(1.0, LEAST / min(first.width, first.height)) * (1 + 8 / LEAST) ** 2
    if min(area.width, area.height) * native / math.sqrt(area.pixels) >= LEAST:
        assert first.width * first.height <= ROOMY * native**2 * thin
        assert all(each.width * each.height <= (MOST_OVER_NATIVE * native) ** 2 * thin for each in more)


@given(masked())
def test_what_is_cut_and_put_back_changes_nothing_else(given: tuple[Area, tuple[int, int]]) -> None:
    area, (width, height) = given
    pixels = (np.arange(width * height) % 251).astype(np.uint8).reshape(height, width, 1)
    part = area.cut(pixels)
    assert part.shape == (area.height, area.width, 1)
    assert np.array_equal(area.put(part, pixels), pixels)
    changed = area.put(255 - part, pixels)
    inside = np.zeros((height, width, 1), bool)
    area.cut(inside)[:] = True
    assert np.array_equal(changed != pixels, inside)


@given(masked())
def test_the_bounds_of_a_mask_are_tight(given: tuple[Area, tuple[int, int]]) -> None:
    area, (width, height) = given
    mask = np.zeros((height, width), np.uint8)
    mask[area.top, area.left] = mask[area.top + area.height - 1, area.left + area.width - 1] = 1
    assert bounds(mask) == area


@given(masked(), st.integers(0, 50))
def test_growing_stays_within_the_picture(given: tuple[Area, tuple[int, int]], by: int) -> None:
    area, size = given
    grown = area.grown(by, size)
    assert _holds(grown, area)
    assert _holds(Area(0, 0, *size), grown)
    assert grown.width <= area.width + 2 * by


@given(masked(), st.floats(1 / 16, 1))
def test_a_scaled_area_lies_within_the_scaled_picture(given: tuple[Area, tuple[int, int]], scale: float) -> None:
    area, size = given
    if min(area.width, area.height) * scale < 2:
        return  # smaller than any that is made
    whole, part = Area(0, 0, *size).scaled(scale), area.scaled(scale)
    assert _holds(whole, part)
    assert part.width == pytest.approx(area.width * scale, abs=1.5)
