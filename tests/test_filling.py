"""Fillings: they come from the surroundings and touch nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from desktop.filling import FILLINGS, GREY, filled, mixed, through
from desktop.intents import INTENTS

SIDE = 64
OPAQUE = np.full((SIDE, SIDE), 255, np.uint8)
bytes_ = arrays(np.uint8, (6, 7))


def _picture(seed: int = 0) -> np.ndarray:
    coarse = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), np.uint8)
    return coarse.repeat(SIDE // 8, axis=0).repeat(SIDE // 8, axis=1)


def _hole(value: int = 255) -> np.ndarray:
    hole = np.zeros((SIDE, SIDE), np.uint8)
    hole[20:44, 16:40] = value
    return hole


@pytest.mark.parametrize("filling", FILLINGS)
def test_nothing_but_the_hole_is_touched(filling: str) -> None:
    picture = _picture()
    made = filled(picture, OPAQUE, _hole(), filling)
    assert made.dtype == np.uint8
    assert np.array_equal(made[_hole() == 0], picture[_hole() == 0])
    assert not np.array_equal(made[_hole() > 0], picture[_hole() > 0])


@pytest.mark.parametrize("filling", FILLINGS)
def test_what_was_in_the_hole_does_not_shine_through(filling: str) -> None:
    picture = _picture()
    other = np.where(_hole()[..., None] > 0, np.array([255, 0, 255], np.uint8), picture)
    first, second = (filled(each, OPAQUE, _hole(), filling).astype(int) for each in (picture, other))
    assert np.abs(first - second).max() <= 8


@pytest.mark.parametrize("filling", ["blur", "border"])
def test_a_hole_takes_the_colour_around_it(filling: str) -> None:
    picture = np.full((SIDE, SIDE, 3), (200, 100, 40), np.uint8)
    picture[24:40, 20:36] = 0
    made = filled(picture, OPAQUE, _hole(), filling)
    assert np.abs(made.astype(int) - (200, 100, 40)).max() <= 3


def test_a_border_is_continued_and_a_blur_is_not() -> None:
    picture = np.zeros((SIDE, SIDE, 3), np.uint8)
    picture[32:] = 240  # a horizon, on both sides of the hole
    hole = np.zeros((SIDE, SIDE), np.uint8)
    hole[:, 26:38] = 255
    rise = {name: np.ptp(filled(picture, OPAQUE, hole, name)[22:42, 32, 0].astype(int)) for name in ("blur", "border")}
    assert rise["border"] > 150


def test_the_neutral_filling_is_grey() -> None:
    assert (filled(_picture(), OPAQUE, _hole(), "neutral")[_hole() > 0] == GREY).all()


def test_a_soft_hole_is_filled_softly() -> None:
    picture = np.full((SIDE, SIDE, 3), 255, np.uint8)
    made = filled(picture, OPAQUE, _hole(51), "neutral")
    assert (made[_hole() > 0] == round(255 * 0.8 + GREY * 0.2)).all()


@pytest.mark.parametrize("filling", FILLINGS)
def test_empty_parts_are_filled_whatever_lies_beneath(filling: str) -> None:
    opacity = 255 - _hole()
    nothing = np.zeros((SIDE, SIDE), np.uint8)
    hidden = np.where(_hole()[..., None] > 0, np.array([0, 255, 0], np.uint8), _picture())
    made = filled(hidden, opacity, nothing, filling)
    assert np.array_equal(made, filled(_picture(), opacity, nothing, filling))
    assert np.array_equal(made[_hole() == 0], _picture()[_hole() == 0])


@pytest.mark.parametrize("filling", FILLINGS)
@pytest.mark.parametrize("shape", [(SIDE, SIDE), (700, 64), (65, 1000), (3, 5)])
def test_everything_may_be_a_hole_and_everything_empty(filling: str, shape: tuple[int, int]) -> None:
    picture = np.full((*shape, 3), (200, 100, 40), np.uint8)
    full, none = np.full(shape, 255, np.uint8), np.zeros(shape, np.uint8)
    expected = {"neutral": (GREY,) * 3}.get(filling, (200, 100, 40))
    assert np.abs(filled(picture, full, full, filling).astype(int) - expected).max() <= 2
    assert np.abs(filled(picture, none, full, filling).astype(int) - GREY).max() <= 1


@given(bytes_, bytes_, bytes_)
def test_mixing_is_exact_at_both_ends_and_lies_between(below: np.ndarray, above: np.ndarray, mask: np.ndarray) -> None:
    one, two = below[..., None].repeat(3, axis=2), above[..., None].repeat(3, axis=2)
    made = mixed(one, two, mask)
    assert np.array_equal(made[mask == 0], one[mask == 0])
    assert np.array_equal(made[mask == 255], two[mask == 255])
    assert (made >= np.minimum(one, two)).all()
    assert (made <= np.maximum(one, two)).all()


@given(st.integers(0, 255), st.integers(0, 255))
def test_what_is_masked_or_empty_shows_what_lies_below(mask: int, opacity: int) -> None:
    seen = int(through(np.array([[mask]], np.uint8), np.array([[opacity]], np.uint8))[0, 0])
    assert seen == pytest.approx(255 - (255 - mask) * opacity / 255, abs=1)
    assert seen >= mask
    assert (seen == 0) == (mask == 0 and opacity == 255)


def test_every_intent_has_a_filling() -> None:
    assert {intent.filling for intent in INTENTS.values()} <= set(FILLINGS)
    assert all(0 < intent.strength <= 1 for intent in INTENTS.values())
