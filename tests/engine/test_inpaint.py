"""Inpainting and outpainting: what is outside stays to the bit, whatever the task, the family and the picture."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from desktop.app import make_engine
from desktop.engine.api import Engine, Event, Failed, Finished, Job, Preview, Progress
from desktop.engine.inpaint import Inpainting
from desktop.engine.local import LocalEngine
from desktop.filling import GREY
from desktop.intents import INTENTS
from desktop.models.identify import identify
from desktop.models.samplers import SAMPLERS
from desktop.paths import STARTER
from desktop.raster import Raster
from desktop.recipe import Source
from tests.engine.jobs import job, picture, steps

FAMILIES = ["sd15", "sd2", "sdxl", "sd3", "starter"]
FEATHER = {"starter": 10}  # pixels, where nobody chooses; the tiny models are of 64 pixels


@pytest.fixture(scope="module")
def quick() -> Iterator[Engine]:
    """One engine for all, which keeps its models."""
    made = make_engine("local", "cpu")
    yield made
    made.close()


def photo(width: int = 100, height: int = 75, channels: int = 3) -> Raster:
    return Raster(np.random.default_rng(0).integers(0, 256, (height, width, channels), np.uint8))


def box(picture: Raster, left: int, top: int, width: int, height: int, value: int = 255) -> Raster:
    """A mask: a rectangle of that picture."""
    mask = np.zeros((picture.height, picture.width, 1), np.uint8)
    mask[top : top + height, left : left + width] = value
    return Raster(mask)


def asked(before: Raster, mask: Raster | None, folder: Path = STARTER, steps: int = 2, **source: Any) -> Job:
    given = {"strength": 1.0, "mask": mask.sha256 if mask else "", **source}
    size = {"width": before.width, "height": before.height, "steps": steps}
    inputs = (before, mask) if mask else (before,)
    return job(folder, inputs, **size, source=Source(before.sha256, **given))


def hash_of(pixels: np.ndarray, where: np.ndarray) -> str:
    return hashlib.sha256(pixels[where].tobytes()).hexdigest()


def further_than(feather: float, mask: Raster) -> np.ndarray:
    """The pixels that are as far from what is masked."""
    away = cv2.distanceTransform((mask.pixels[..., 0] == 0).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return away > feather


def check(events: list[Event], before: Raster, mask: Raster, feather: float) -> Raster:
    """The picture, whose outside is untouched and whose inside is not."""
    after, outside = picture(events), further_than(feather, mask)
    assert after.pixels.shape == (before.height, before.width, 3)
    old = before.pixels[..., :3] if before.pixels.shape[2] > 1 else before.pixels.repeat(3, axis=2)
    assert hash_of(after.pixels, outside) == hash_of(old, outside)
    inside = mask.pixels[..., 0] == 255
    assert (after.pixels[inside] != old[inside]).any(axis=1).mean() > 0.5
    return after


# ---------------------------------------------------------------- outside


@pytest.mark.parametrize("feather", [None, 0, 4.5])
@pytest.mark.parametrize("intent", INTENTS)
@pytest.mark.parametrize("family", FAMILIES)
def test_outside_all_stays_to_the_bit(
    quick: Engine, models: dict[str, Path], family: str, intent: str, feather: float | None
) -> None:
    before = photo()
    mask = box(before, 30, 20, 30, 24)
    events = list(quick.run(asked(before, mask, models.get(family, STARTER), intent=intent, feather=feather)))
    check(events, before, mask, FEATHER.get(family, 5) if feather is None else feather)


@pytest.mark.parametrize("strength", [1.0, 0.5, 0.01])
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_sampler_at_every_strength(quick: Engine, models: dict[str, Path], sampler: str, strength: float) -> None:
    before = photo()
    mask = box(before, 30, 20, 30, 24)
    wanted = asked(before, mask, models["sd3" if SAMPLERS[sampler].flow else "sd15"], 5, strength=strength, feather=3)
    wanted = replace(wanted, work=replace(wanted.work, sampler=sampler))
    events = list(quick.run(wanted))
    check(events, before, mask, 3)
    assert steps(events, "denoising") == list(range(1, max(1, round(5 * strength)) + 1))


PLACES: dict[str, tuple[int, int, int, int]] = {
    "one pixel": (40, 30, 1, 1),
    "a corner": (0, 0, 20, 20),
    "the other corner": (80, 55, 20, 20),
    "a whole side": (0, 0, 12, 75),
    "a line": (0, 37, 100, 1),
    "all": (0, 0, 100, 75),
}


@pytest.mark.parametrize("feather", [None, 0])
@pytest.mark.parametrize("place", PLACES)
def test_masks_of_all_kinds(quick: Engine, place: str, feather: float | None) -> None:
    before = photo()
    mask = box(before, *PLACES[place])
    check(list(quick.run(asked(before, mask, feather=feather))), before, mask, 10 if feather is None else feather)


@pytest.mark.parametrize("size", [(64, 64), (65, 131), (64, 700), (333, 90), (129, 128)])
@pytest.mark.parametrize("strength", [1.0, 0.3])
def test_pictures_of_all_sizes(quick: Engine, size: tuple[int, int], strength: float) -> None:
    before = photo(*size)
    mask = box(before, size[0] // 2, size[1] // 3, 20, 30)
    check(list(quick.run(asked(before, mask, strength=strength))), before, mask, 10)


def test_a_grey_picture_comes_back_in_colours(quick: Engine) -> None:
    before = photo(channels=1)
    mask = box(before, 30, 20, 30, 24)
    after = check(list(quick.run(asked(before, mask))), before, mask, 10)
    assert np.ptp(after.pixels.astype(int), axis=2).max() > 0


def test_a_soft_mask_changes_softly(quick: Engine) -> None:
    before = Raster(np.full((128, 128, 3), (200, 40, 160), np.uint8))

    def distance(value: int) -> float:
        mask = box(before, 30, 30, 60, 60, value)
        after = picture(list(quick.run(asked(before, mask, steps=8, feather=0))))
        return float(np.abs(after.pixels[40:80, 40:80].astype(int) - before.pixels[40:80, 40:80]).mean())

    distances = [distance(value) for value in (40, 128, 255)]
    assert distances == sorted(distances)
    # composited alone, a half is half of the whole; what joins later is closer still to what was there
    assert distances[1] < 0.4 * distances[2]


# ---------------------------------------------------------------- empty pixels


@pytest.mark.parametrize("intent", INTENTS)
def test_what_is_empty_is_made_and_what_is_painted_stays(quick: Engine, intent: str) -> None:
    before = photo(80, 75).extended(20, 0, 0, 9)
    empty = Raster(255 - before.pixels[..., 3:])
    after = check(list(quick.run(asked(before, None, intent=intent))), before, empty, 10)
    assert after.pixels[:, :20].std() > 0
    exact = picture(list(quick.run(asked(before, None, intent=intent, feather=0))))
    assert hash_of(exact.pixels, empty.pixels[..., 0] == 0) == hash_of(
        before.pixels[..., :3], empty.pixels[..., 0] == 0
    )


def test_what_is_empty_is_made_beside_what_is_masked(quick: Engine) -> None:
    before = photo(90, 75).extended(10, 0, 0, 0)
    mask = box(before, 60, 20, 20, 20)
    both = Raster(np.maximum(mask.pixels, 255 - before.pixels[..., 3:]))
    check(list(quick.run(asked(before, mask, feather=2))), before, both, 2)


def test_what_lies_beneath_empty_pixels_has_no_say(quick: Engine) -> None:
    before = photo(80, 75).extended(20, 0, 0, 0)
    hidden = before.pixels.copy()
    hidden[:, :20, :3] = (255, 0, 255)
    first, second = (picture(list(quick.run(asked(each, None)))) for each in (before, Raster(hidden)))
    assert first == second


def test_what_lets_through_shows_what_was_made(quick: Engine) -> None:
    pixels = np.full((75, 100, 4), (200, 40, 160, 255), np.uint8)
    pixels[:, :30, 3] = 0
    pixels[:, 30:40, 3] = 128
    after = picture(list(quick.run(asked(Raster(pixels), None, feather=0)))).pixels.astype(int)
    painted = np.array([200, 40, 160])
    assert (after[:, 40:] == painted).all()
    assert 0 < np.abs(after[:, 30:40] - painted).mean() < np.abs(after[:, :30] - painted).mean()


def test_a_scaled_picture_with_empty_pixels_is_a_whole_one_on_white(quick: Engine) -> None:
    before = photo(80, 75).extended(20, 0, 0, 0)
    wanted = asked(before, None, strength=0.5)
    scaled = replace(wanted, work=replace(wanted.work, width=64, height=64))
    assert Inpainting.of(wanted, identify(STARTER))
    assert Inpainting.of(scaled, identify(STARTER)) is None
    assert picture(list(quick.run(scaled))).width == 64


# ---------------------------------------------------------------- how it is done


def test_large_areas_are_made_twice_and_small_ones_close_up(quick: Engine) -> None:
    before = photo(300, 280)
    mask = box(before, 20, 20, 240, 230)
    events = list(quick.run(asked(before, mask, steps=5)))
    check(events, before, mask, 10)
    assert steps(events, "denoising") == [1, 2, 3, 4, 5]
    assert steps(events, "refining") == [1, 2]
    small = box(before, 200, 100, 9, 9)
    job = asked(before, small, strength=0.5)
    inpainting = Inpainting.of(job, identify(STARTER))
    assert inpainting
    assert (inpainting.area.width, inpainting.passes[0].width) == (64, 128)
    check(list(quick.run(job)), before, small, 10)


def _start(before: Raster, mask: Raster, **source: Any) -> np.ndarray:
    inpainting = Inpainting.of(asked(before, mask, **source), identify(STARTER))
    assert inpainting
    return inpainting.whole(inpainting.start).pixels


def test_at_full_strength_a_filling_takes_the_place_of_what_was_there() -> None:
    before = photo(128, 128)
    mask = box(before, 40, 40, 40, 40)
    inside = mask.pixels[..., 0] == 255
    starts = {intent: _start(before, mask, intent=intent) for intent in INTENTS}
    assert all(np.array_equal(start[~inside], before.pixels[~inside]) for start in starts.values())
    assert (starts["add"][inside] == GREY).all()
    assert all(start[inside].std() < 0.5 * before.pixels[inside].std() for start in starts.values())


def test_below_full_strength_what_is_there_is_refined_but_what_is_removed_is_gone() -> None:
    before = photo(128, 128)
    mask = box(before, 40, 40, 40, 40)
    kept = {
        intent for intent in INTENTS if np.array_equal(_start(before, mask, intent=intent, strength=0.9), before.pixels)
    }
    assert kept == {"fill", "add", "background"}


def test_colours_that_have_drifted_come_back(quick: Engine) -> None:
    before = Raster(np.random.default_rng(1).integers(60, 190, (128, 128, 3), np.uint8))
    mask = box(before, 40, 40, 40, 40)
    inpainting = Inpainting.of(asked(before, mask), identify(STARTER))
    assert inpainting
    drifted = Raster(before.pixels + np.array([9, 0, 20], np.uint8))
    assert np.array_equal(inpainting.joined(drifted), before.pixels)


def test_previews_show_the_whole_picture(quick: Engine) -> None:
    before = Raster(np.full((300, 640, 3), (200, 40, 160), np.uint8))
    mask = box(before, 400, 100, 60, 60)
    events = list(quick.run(asked(before, mask, steps=6)))
    previews = [event.picture for event in events if isinstance(event, Preview)]
    assert previews
    for preview in previews:
        assert (preview.width, preview.height) == (512, 240)
        outside = np.ones((240, 512), bool)
        outside[70:140, 308:380] = False
        assert (preview.pixels[outside] == (200, 40, 160)).all()
        assert (preview.pixels[90:120, 330:360] != (200, 40, 160)).any()


def test_the_same_recipe_makes_the_same_bits_on_every_engine(engine: Engine, local: Engine) -> None:
    before = photo(200, 180)
    mask = box(before, 20, 20, 150, 140)
    wanted = asked(before, mask, steps=3)
    first = picture(list(engine.run(replace(wanted, id="first"))))
    assert picture(list(local.run(wanted))) == first


def test_the_seed_decides(quick: Engine) -> None:
    before = photo()
    wanted = asked(before, box(before, 30, 20, 30, 24))
    last = replace(wanted, work=replace(wanted.work, seed=2**64 - 1), id="last")
    assert picture(list(quick.run(wanted))) != picture(list(quick.run(last)))


def test_a_cancel_ends_it_in_either_pass(quick: Engine) -> None:
    before = photo(300, 280)
    for note in ("denoising", "refining"):
        wanted = asked(before, box(before, 20, 20, 240, 230), steps=50)
        events = []
        for event in quick.run(wanted):
            events.append(event)
            if isinstance(event, Progress) and event.note == note:
                quick.cancel(wanted.id)
        assert type(events[-1]).__name__ == "Cancelled"


def _failure(engine: Engine, wanted: Job) -> Failed:
    last = list(engine.run(wanted))[-1]
    assert isinstance(last, Failed)
    assert last.hint
    assert not last.trace
    return last


def test_a_black_mask_is_told(quick: Engine) -> None:
    before = photo()
    assert "black" in _failure(quick, asked(before, box(before, 0, 0, 0, 0))).message


def test_a_mask_of_another_size_is_told(quick: Engine) -> None:
    other = photo(90, 75)
    assert "does not belong" in _failure(quick, asked(photo(), box(other, 0, 0, 9, 9))).message


def test_a_picture_that_would_have_to_be_scaled_is_told(quick: Engine) -> None:
    before = photo()
    wanted = asked(before, box(before, 30, 20, 30, 24))
    assert "100 x 75" in _failure(quick, replace(wanted, work=replace(wanted.work, width=128))).hint


# ---------------------------------------------------------------- models for inpainting


@pytest.fixture
def painter(models: dict[str, Path]) -> Path:
    """A model with a U-Net of nine channels."""
    return models["sd15-inpaint"]


@pytest.mark.parametrize("intent", INTENTS)
def test_a_model_for_inpainting_paints(quick: Engine, painter: Path, intent: str) -> None:
    before = photo()
    mask = box(before, 30, 20, 30, 24)
    check(list(quick.run(asked(before, mask, painter, intent=intent))), before, mask, 5)


def test_a_model_for_inpainting_sees_the_mask_and_what_it_leaves(local: Engine, painter: Path) -> None:
    seen: list[torch.Tensor] = []
    white = np.full((64, 64, 3), 255, np.uint8)
    mask = box(Raster(white), 0, 0, 64, 32)

    def given(before: np.ndarray) -> torch.Tensor:
        """What the U-Net is given beside the latents: 5 x 8 x 8."""
        seen.clear()
        list(local.run(asked(Raster(before), mask, painter, feather=0)))
        assert {tuple(each.shape) for each in seen} == {(2, 9, 8, 8)}
        assert all(torch.equal(each[:, 4:], seen[0][:, 4:]) for each in seen)
        return seen[0][0, 4:]

    list(local.run(asked(Raster(white), mask, painter)))
    assert isinstance(local, LocalEngine)
    (loaded,) = local._pipelines._loaded.values()
    first: Any = loaded.denoiser.conv_in
    first.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    hints = given(white)
    assert (hints[0, :4] == 1).all()
    assert (hints[0, 4:] == 0).all()
    hidden, changed = white.copy(), white.copy()
    hidden[:32], changed[32:] = 90, 90
    assert torch.equal(given(hidden), hints)
    assert not torch.equal(given(changed), hints)


@pytest.mark.parametrize("source", [False, True])
def test_a_model_for_inpainting_does_nothing_else(quick: Engine, painter: Path, source: bool) -> None:
    before = photo(64, 64)
    task = {"inputs": (before,), "source": Source(before.sha256)} if source else {}
    assert "sd15-inpaint is a model for inpainting only" in _failure(quick, job(painter, **task)).message


def test_all_of_the_above_ran_on_one_engine(quick: Engine) -> None:
    assert isinstance(list(quick.run(job()))[-1], Finished)
