"""Every task of every family, through file, engine and metadata."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desktop.app import make_engine
from desktop.engine import tiny
from desktop.engine.api import Cancelled, Engine, Event, Failed, Job, Preview, Produced, Progress, Warned
from desktop.library.metadata.reading import describe
from desktop.library.metadata.writing import png
from desktop.models.identify import identify
from desktop.models.samplers import SAMPLERS
from desktop.raster import Raster
from desktop.recipe import Recipe, Source
from tests.engine.jobs import job, picture, steps
from tests.models.folders import change_json, copied

MODELS = [*tiny.MAKERS, *tiny.VARIANTS]
every_model = pytest.mark.parametrize("name", MODELS)
pytestmark = pytest.mark.usefixtures("small_looks")
SIDE = 64


@pytest.fixture(scope="module")
def quick() -> Iterator[Engine]:
    """One engine for all, which keeps its models."""
    made = make_engine("local", "cpu")
    yield made
    made.close()


def photo() -> Raster:
    return Raster(np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), np.uint8))


def masked(folder: Path, steps: int = 2) -> Job:
    before = photo()
    pixels = np.zeros((SIDE, SIDE, 1), np.uint8)
    pixels[16:48, 16:48] = 255
    mask = Raster(pixels)
    source = Source(before.sha256, 1.0, mask.sha256, feather=4)
    return job(folder, (before, mask), steps=steps, source=source)


def tasks(folder: Path) -> Mapping[str, Job]:
    """What the model can do."""
    family = identify(folder).family
    before = photo()
    can = {
        "text to image": None if family.only_edits or family.inpaints else job(folder, steps=2),
        "image to image": None
        if family.inpaints
        else job(folder, (before,), steps=2, source=Source(before.sha256, 0.5)),
        "inpainting": masked(folder),
    }
    return {task: asked for task, asked in can.items() if asked}


@every_model
def test_every_task_through_file_engine_and_metadata(
    quick: Engine, models: Mapping[str, Path], name: str, tmp_path: Path
) -> None:
    made = {task: list(quick.run(asked)) for task, asked in tasks(models[name]).items()}
    for task, events in made.items():
        assert not any(isinstance(event, Warned) for event in events), task
        assert (picture(events).width, picture(events).height) == (SIDE, SIDE)
        assert picture(events).pixels.std() > 0
        _check_progress(events, 1 if task == "image to image" and not identify(models[name]).family.edits else 2)
        _check_file(tmp_path / f"{task}.png", events)
    pictures = {picture(events).sha256 for events in made.values()}
    assert len(pictures) == len(made)


def _check_progress(events: list[Event], last: int) -> None:
    assert steps(events, "denoising") == list(range(1, last + 1))
    previews = [event.picture for event in events if isinstance(event, Preview)]
    assert previews
    assert all(preview.width == preview.height <= SIDE for preview in previews)


def _check_file(file: Path, events: list[Event]) -> None:
    produced = next(event for event in events if isinstance(event, Produced))
    file.write_bytes(png(produced))
    assert Recipe.from_json(describe(file).recipe) == produced.recipe
    assert Raster.read(file) == produced.picture


@every_model
def test_what_is_outside_the_mask_stays_to_the_bit(quick: Engine, models: Mapping[str, Path], name: str) -> None:
    after = picture(list(quick.run(masked(models[name])))).pixels
    outside = np.ones((SIDE, SIDE), bool)
    outside[12:52, 12:52] = False
    assert np.array_equal(after[outside], photo().pixels[outside])
    assert (after[16:48, 16:48] != photo().pixels[16:48, 16:48]).any(axis=2).mean() > 0.5


@pytest.fixture(scope="module")
def narrow() -> Iterator[Engine]:
    """One that works as graphics cards do."""
    made = make_engine("local", "cpu", "bfloat16")
    yield made
    made.close()


@every_model
def test_in_half_the_bits_the_picture_is_about_the_same(
    quick: Engine, narrow: Engine, models: Mapping[str, Path], name: str
) -> None:
    events = list(narrow.run(masked(models[name])))
    assert not any(isinstance(event, Warned) for event in events)
    exact = picture(list(quick.run(masked(models[name])))).pixels.astype(int)
    assert np.abs(picture(events).pixels - exact).mean() < 4


@every_model
def test_a_cancel_ends_it_within_a_step(quick: Engine, models: Mapping[str, Path], name: str) -> None:
    asked = replace(masked(models[name], steps=40), id="cancelled")
    events: list[Event] = []
    for event in quick.run(asked):
        events.append(event)
        if isinstance(event, Progress) and (event.note, event.step) == ("denoising", 2):
            quick.cancel(asked.id)
    assert isinstance(events[-1], Cancelled)
    assert max(steps(events, "denoising")) <= 3


@every_model
def test_what_is_set_has_a_say_where_the_family_takes_it(quick: Engine, models: Mapping[str, Path], name: str) -> None:
    family = identify(models[name]).family
    asked = masked(models[name])
    first = picture(list(quick.run(asked)))

    def counts(**changes: Any) -> bool:
        other = replace(asked, work=replace(asked.work, **changes), id="other")
        return picture(list(quick.run(other))) != first

    assert counts(prompt="a cat at the sea")
    assert counts(negative="a red cat") == family.takes_negative
    assert counts(guidance=9.0) == (family.guide != "none")


SHIFTED = ["flux", "flux2", "zimage", "qwen", "chroma", "sana"]  # by their size, or by a number


@pytest.mark.parametrize("name", SHIFTED)
@pytest.mark.parametrize("sampler", [key for key, row in SAMPLERS.items() if row.flow])
def test_every_flow_sampler_suits_every_family_and_the_seed_decides(
    quick: Engine, models: Mapping[str, Path], name: str, sampler: str
) -> None:
    before = photo()
    source = Source(before.sha256, 0.7)
    asked = [job(models[name], (before,), steps=4, sampler=sampler, source=source, seed=seed) for seed in (1, 1, 2)]
    first, same, other = (picture(list(quick.run(each))) for each in asked)
    assert first == same
    assert first != other


def test_a_pipeline_that_diffusers_does_not_have_yet_is_told(
    quick: Engine, models: Mapping[str, Path], tmp_path: Path
) -> None:
    folder = copied(models["lumina2"], tmp_path / "newer")
    change_json(folder / "model_index.json", lambda index: index.update(_class_name="BrandNewPipeline"))
    last = list(quick.run(job(folder)))[-1]
    assert isinstance(last, Failed)
    assert "newer is made for BrandNewPipeline" in last.message
    assert not last.trace


def test_models_that_only_edit_say_so(quick: Engine, models: Mapping[str, Path]) -> None:
    last = list(quick.run(job(models["qwen-edit"])))[-1]
    assert isinstance(last, Failed)
    assert "edits pictures only" in last.message
