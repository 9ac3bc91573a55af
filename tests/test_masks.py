"""Masks: both reach as far as the feather and no further, soft ones stay soft, and what is empty is masked."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from desktop import masks
from desktop.errors import UserError
from desktop.intents import usual_feather
from desktop.raster import Raster

SIDE = 110
soft = arrays(np.uint8, (12, 16), elements=st.sampled_from([0, 0, 0, 60, 128, 255]))


def _placed(small: np.ndarray, across: int = SIDE, down: int = SIDE) -> np.ndarray:
    """In the middle of nothing, so that there is room to spread."""
    mask = np.zeros((down, across), np.uint8)
    top, left = (down - small.shape[0]) // 2, (across - small.shape[1]) // 2
    mask[top : top + small.shape[0], left : left + small.shape[1]] = small
    return mask


def _distances(mask: np.ndarray) -> np.ndarray:
    """Pixels to the nearest that is masked at all; endless where nothing is."""
    if not mask.any():
        return np.full(mask.shape, np.inf)
    return cv2.distanceTransform((mask == 0).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)


@given(soft, st.floats(0, 48))
def test_a_slope_weakens_nothing_and_ends_within_its_reach(small: np.ndarray, reach: float) -> None:
    mask = _placed(small)
    sloped = masks.sloped(mask, reach)
    assert (sloped >= mask).all()
    assert not sloped[_distances(mask) > reach].any()
    assert sloped.max(initial=0) == mask.max(initial=0)


@given(soft, st.floats(0, 48))
def test_what_is_seen_lies_within_what_is_made(small: np.ndarray, feather: float) -> None:
    both = masks.feathered(_placed(small), feather)
    assert not both.composite[both.denoise == 0].any()


@given(soft)
def test_without_feather_both_masks_are_the_painted_one(small: np.ndarray) -> None:
    both = masks.feathered(small, 0)
    assert np.array_equal(both.denoise, small)
    assert np.array_equal(both.composite, small)


def test_a_slope_is_gradual() -> None:
    mask = np.zeros((80, 80), np.uint8)
    mask[:, :30] = 255
    denoise, composite = (each[40] for each in vars(masks.feathered(mask, 40)).values())
    for line, width in ((denoise, 20), (composite, 12)):
        assert (np.diff(line.astype(int)) <= 0).all()
        assert np.abs(np.diff(line.astype(int))).max() <= 2 * 255 / width
        assert width <= np.count_nonzero((line > 0) & (line < 255))
    assert np.count_nonzero(denoise) > np.count_nonzero(composite) > 40


def test_a_soft_mask_stays_soft() -> None:
    mask = np.zeros((90, 90), np.uint8)
    mask[20:70, 20:70] = 100
    for each in vars(masks.feathered(mask, 16)).values():
        assert (each[20:70, 20:70] == 100).all()


def test_a_wide_reach_is_as_wide_as_it_says() -> None:
    mask = _placed(np.full((1, 1), 255, np.uint8), 201, 201)
    reached = masks.sloped(mask, 80) > 0
    assert 70 <= _distances(mask)[reached].max() <= 80


def test_masks_at_the_border_are_not_weaker_there() -> None:
    mask = np.zeros((40, 40), np.uint8)
    mask[:, :10] = 255
    assert (masks.sloped(mask, 10) == masks.sloped(mask, 10)[20]).all()


@pytest.mark.parametrize(("native", "feather"), [(64, 5), (128, 10), (512, 40), (1024, 40)])
def test_the_usual_feather_is_in_proportion_to_the_model(native: int, feather: int) -> None:
    assert usual_feather(native) == feather <= min(40, native / 3)


# ---------------------------------------------------------------- what is to change


def _rgba(*alphas: int) -> Raster:
    return Raster(np.array([[[9, 9, 9, alpha] for alpha in alphas]], np.uint8))


def _mask(*values: int) -> Raster:
    return Raster(np.array(values, np.uint8)[None, :, None])


def test_what_is_empty_changes_wholly_and_what_lets_through_in_part() -> None:
    picture = _rgba(255, 255, 0, 155)
    assert masks.change(picture, None).tolist() == [[0, 0, 255, 100]]
    assert masks.change(picture, _mask(0, 80, 0, 130)).tolist() == [[0, 80, 255, 130]]
    assert masks.change(picture.rgb(), _mask(1, 2, 3, 4)).tolist() == [[1, 2, 3, 4]]
    assert masks.has_empty_pixels(picture)
    assert not masks.has_empty_pixels(_rgba(255, 1))
    assert not masks.has_empty_pixels(picture.rgb())


@pytest.mark.parametrize(
    ("mask", "message"),
    [(_mask(0, 0), "black"), (_mask(255), "1 x 1"), (Raster(np.full((1, 2, 3), 255, np.uint8)), "does not belong")],
    ids=["black", "size", "colours"],
)
def test_a_mask_that_cannot_be_is_told_with_a_remedy(mask: Raster, message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        masks.change(_rgba(255, 255).rgb(), mask)
    assert caught.value.hint


def test_any_picture_is_a_mask_by_its_brightness_and_not_where_it_is_empty() -> None:
    colors = Raster(
        np.array([[[255, 255, 255, 255], [255, 255, 255, 0], [0, 0, 0, 255], [255, 255, 255, 51]]], np.uint8)
    )
    assert masks.from_picture(colors) == _mask(255, 0, 0, 51)
    assert masks.from_picture(_mask(7, 250)) == _mask(7, 250)
    assert masks.inverted(_mask(0, 7, 255)) == _mask(255, 248, 0)
    assert masks.from_picture(Raster(np.full((2, 2, 3), 128, np.uint8))) == Raster(np.full((2, 2, 1), 128, np.uint8))
