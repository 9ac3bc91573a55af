"""How large pictures are made."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.models.families import FAMILIES
from desktop.models.family import Family
from desktop.models.sizes import MOST_OVER_NATIVE, RATIOS, fit, name_of, of_ratio

NATIVE = st.sampled_from(sorted({family.native for family in FAMILIES.values()}))
STEP = st.sampled_from([8, 16, 32, 64])
SIDE = st.integers(1, 20_000)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((512, 512), (512, 512)),
        ((1024, 1024), (1024, 1024)),
        ((2048, 2048), (1024, 1024)),
        ((4096, 1024), (2048, 512)),
        ((601, 333), (600, 336)),
        ((3, 3), (64, 64)),
    ],
)
def test_a_picture_to_start_from_is_scaled_down_where_it_must(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert fit(512, 8, *size) == expected


@given(NATIVE, STEP, SIDE, SIDE)
def test_any_picture_fits(native: int, step: int, width: int, height: int) -> None:
    sides = fit(native, step, width, height)
    scale = min(1, native * MOST_OVER_NATIVE / math.sqrt(width * height))
    for side, before in zip(sides, (width, height), strict=True):
        assert side % step == 0
        assert side == 64 or abs(side - before * scale) <= step / 2


@pytest.mark.parametrize("family", FAMILIES.values(), ids=lambda family: family.id)
@pytest.mark.parametrize("name", RATIOS)
def test_a_size_of_a_ratio_has_its_name_and_about_the_models_pixels(family: Family, name: str) -> None:
    native, step = family.native, family.size_step
    width, height = of_ratio(native, step, RATIOS[name])
    assert name_of(width, height) == name
    assert width % step == height % step == 0
    assert width * height == pytest.approx(native**2, rel=0.15)


@given(NATIVE, STEP, st.sampled_from(sorted(RATIOS.values())))
def test_a_portrait_is_a_landscape_on_its_side(native: int, step: int, ratio: tuple[int, int]) -> None:
    width, height = of_ratio(native, step, ratio)
    assert min(width, height) >= 64
    if width != height:
        assert of_ratio(native, step, (ratio[1], ratio[0])) == (height, width)


def test_the_square_is_the_models_own() -> None:
    assert of_ratio(1024, 8, RATIOS["1:1"]) == (1024, 1024)
    assert of_ratio(512, 8, RATIOS["16:9"]) == (680, 384)


@pytest.mark.parametrize(
    ("size", "name"),
    [
        ((512, 512), "1:1"),
        ((1920, 1080), "16:9"),
        ((1080, 1920), "9:16"),
        ((1019, 1000), "1:1"),
        ((1021, 1000), ""),
        ((1000, 1019), "1:1"),
        ((1000, 1021), ""),
        ((2000, 512), ""),
    ],
)
def test_a_size_goes_by_the_name_of_its_ratio(size: tuple[int, int], name: str) -> None:
    assert name_of(*size) == name


def test_ratios_are_what_they_are_called() -> None:
    assert {f"{across}:{down}": (across, down) for across, down in RATIOS.values()} == RATIOS
    assert {(down, across) for across, down in RATIOS.values()} == set(RATIOS.values())
