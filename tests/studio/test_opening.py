"""Pictures that come in, and recipes that are taken up again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QRect

from desktop.engine.api import Produced
from desktop.library.inputs import Inputs
from desktop.library.metadata import writing
from desktop.library.metadata.description import OURS
from desktop.models.hashes import autov2
from desktop.raster import Raster
from desktop.recipe import LoraUse, Recipe, Source
from desktop.studio.documents import Documents
from desktop.studio.easel import Easel
from desktop.studio.memory import Memory
from desktop.studio.notice import Kind, Notice
from desktop.studio.opening import Opening
from desktop.studio.plan import plan
from desktop.studio.session import Session
from desktop.studio.shelf import Shelf
from desktop.studio.stage import Stage
from desktop.studio.worker import Errands
from tests.fakes import MADE, painted
from tests.studio.conftest import OpenStudio
from tests.studio.things import heard, job, kept, plain, recipe_of, settle, starter, unkept
from tests.ui.hands import until


@pytest.fixture
def opening(
    session: Session,
    stage: Stage,
    shelf: Shelf,
    memory: Memory,
    inputs: Inputs,
    errands: Errands,
    parent: QObject,
) -> Opening:
    session.choose(starter())
    documents = Documents(Easel(memory, errands, parent), memory, errands, lambda: QRect(0, 0, 128, 128), parent)
    return Opening(session, stage, shelf, documents, inputs, errands, parent)


@pytest.fixture
def told(opening: Opening) -> list[Notice]:
    return heard(opening.noticed)


def _write(file: Path, recipe: Recipe) -> Path:
    file.write_bytes(writing.png(Produced(painted(recipe), recipe, MADE)))
    return file


@pytest.mark.parametrize("source", [None, plain(3)], ids=["from nothing", "from a picture"])
def test_a_picture_of_ours_restores_its_recipe(
    opening: Opening, told: list[Notice], session: Session, inputs: Inputs, errands: Errands, tmp_path: Path, source
) -> None:
    recipe = recipe_of(2**64 - 1, negative="people", source=Source(source.sha256, 0.4) if source else None)
    if source:
        inputs.keep(source)
    opening.open(_write(tmp_path / "ours.png", recipe))
    settle(errands)
    assert [(notice.kind, notice.message) for notice in told] == [(Kind.DONE, "The recipe is restored.")]
    [again] = plan(session, {})
    assert again.work == recipe
    assert session.source == source


@pytest.mark.parametrize("format", ["PNG", "JPEG"])
def test_any_other_picture_becomes_the_source(
    opening: Opening, told: list[Notice], session: Session, errands: Errands, tmp_path: Path, format: str
) -> None:
    file, picture, prompt = tmp_path / "theirs", plain(4, 192, 64), session.prompt
    picture.image().save(file, format)
    opening.open(file)
    settle(errands)
    assert session.source == Raster.read(file)
    assert (session.width, session.height, session.prompt) == (192, 64, prompt)
    assert told == []


def _open_infotext(opening: Opening, errands: Errands, file: Path, text: str) -> None:
    info = writing.PngInfo()
    info.add_text("parameters", text)
    file.write_bytes(plain(4).png(info))
    opening.open(file)
    settle(errands)


def test_a_picture_of_another_program_sets_what_it_says_and_the_rest_stays(
    opening: Opening, told: list[Notice], session: Session, errands: Errands, tmp_path: Path
) -> None:
    session.guidance, session.negative, session.source = 3.0, "people", plain(1)
    text = "a cat\nSteps: 12, Sampler: Euler, Seed: 9, Size: 64x192, Model: starter, Hires upscaler: Latent"
    _open_infotext(opening, errands, tmp_path / "theirs.png", text)
    assert (session.prompt, session.negative, session.steps, session.sampler) == ("a cat", "", 12, "euler")
    assert (session.seed, session.seed_locked, session.width, session.height) == (9, True, 64, 192)
    assert (session.guidance, session.model, session.source) == (3.0, starter(), None)
    [notice] = told
    assert "Not used: Hires upscaler" in notice.hint
    assert "Hires upscaler: Latent" in notice.details


def test_what_another_program_says_that_is_impossible_here_stays_as_it_was(
    opening: Opening, told: list[Notice], session: Session, errands: Errands, tmp_path: Path
) -> None:
    steps, seed = session.steps, session.seed
    text = f"a cat\nSteps: 0, CFG scale: 1e9, Seed: -1, Size: 1x{10**6}, Model: dream"
    _open_infotext(opening, errands, tmp_path / "theirs.png", text)
    assert (session.prompt, session.steps, session.seed) == ("a cat", steps, seed)
    assert (session.width, session.height, session.model) == (128, 128, starter())
    [notice] = told
    assert (notice.kind, notice.message) == (Kind.WARNING, "The model of this recipe is not here: dream.")


def test_a_model_that_is_known_by_its_hash_only_is_looked_for_by_that(
    open_studio: OpenStudio, notices: list[Notice], tmp_path: Path
) -> None:
    studio = open_studio()
    until(lambda: bool(studio.shelf.models))
    hash = autov2(starter().path / "unet" / "diffusion_pytorch_model.safetensors")
    info = writing.PngInfo()
    text = f"a cat\nSteps: 12, Sampler: Euler, Seed: 9, Model: somebody's copy, Model hash: {hash}"
    info.add_text("parameters", text)
    (tmp_path / "theirs.png").write_bytes(plain(4).png(info))
    studio.opening.open(tmp_path / "theirs.png")
    until(lambda: any("not here: somebody's copy" in notice.message for notice in notices))
    dict(notices[-1].actions)["Look by its hash"]()
    until(lambda: len(notices) > 1 and "restored" in notices[-1].message)


def test_a_model_that_only_has_the_name_of_theirs_is_told(
    opening: Opening, told: list[Notice], session: Session, errands: Errands, tmp_path: Path
) -> None:
    text = f"a cat\nSteps: 12, Sampler: Euler, Seed: 9, Model: {starter().name}, Model hash: 0123456789"
    _open_infotext(opening, errands, tmp_path / "theirs.png", text)
    assert session.model
    assert session.model.id == starter().id
    assert (told[-1].kind, told[-1].message) == (Kind.WARNING, f"Found by its name only: {starter().name}.")


def test_without_a_seed_the_seed_stays_free(
    opening: Opening, session: Session, errands: Errands, tmp_path: Path
) -> None:
    _open_infotext(opening, errands, tmp_path / "theirs.png", "a cat\nSteps: 12, Sampler: Euler, CFG scale: 7")
    assert (session.prompt, session.seed_locked) == ("a cat", False)


def test_a_recipe_whose_model_is_gone_is_told(
    opening: Opening, told: list[Notice], session: Session, errands: Errands
) -> None:
    opening.use_recipe(replace(recipe_of(5), model="c" * 64))
    settle(errands)
    assert [(notice.kind, notice.message) for notice in told] == [
        (Kind.WARNING, "The model of this recipe is not here.")
    ]
    assert told[0].hint
    assert (session.model, session.seed, session.seed_locked) == (starter(), 5, True)


def test_a_recipe_whose_lora_is_gone_is_told(opening: Opening, told: list[Notice], errands: Errands) -> None:
    opening.use_recipe(replace(recipe_of(5), loras=(LoraUse("c" * 64, "ink"),)))
    settle(errands)
    assert [(notice.kind, notice.message) for notice in told] == [
        (Kind.WARNING, "This recipe needs what is not here: LoRA ink.")
    ]


def test_a_recipe_whose_source_is_gone_is_told(
    opening: Opening, told: list[Notice], session: Session, errands: Errands
) -> None:
    session.source = plain(1)
    opening.use_recipe(recipe_of(5, source=Source("ab" * 32, 0.4)))
    settle(errands)
    assert [notice.kind for notice in told] == [Kind.WARNING]
    assert "starts from is not here" in told[0].message
    assert (session.source, session.strength) == (None, 0.4)


def test_a_job_that_is_edited_brings_the_pictures_that_only_it_has(
    opening: Opening, told: list[Notice], session: Session, inputs: Inputs, errands: Errands
) -> None:
    private = replace(job(5, source=Source(plain(4).sha256, 0.4)), inputs={plain(4).sha256: plain(4)})
    opening.use_job(private)
    settle(errands)
    assert (session.source, [notice.kind for notice in told]) == (plain(4), [Kind.DONE])
    inputs.keep(plain(3))
    opening.use_job(job(5, source=Source(plain(3).sha256, 0.4)))  # one of another day carries none
    settle(errands)
    assert session.source == plain(3)


@pytest.mark.parametrize(
    ("content", "message"), [(b"no picture", "no picture"), (None, "no file"), (b"\x89PNG\r\n\x1a\n", "theirs.png")]
)
def test_a_file_that_cannot_be_read_is_told(
    opening: Opening, session: Session, errands: Errands, tmp_path: Path, content: bytes | None, message: str
) -> None:
    failures, before = heard(errands.failed), session.to_json()
    if content is not None:
        (tmp_path / "theirs.png").write_bytes(content)
    opening.open(tmp_path / "theirs.png")
    settle(errands)
    assert message in failures[0].message
    assert failures[0].trace == ""
    assert session.to_json() == before


def test_of_a_recipe_of_ours_that_is_impossible_the_rest_is_used(
    opening: Opening, session: Session, errands: Errands, tmp_path: Path
) -> None:
    info, steps = writing.PngInfo(), session.steps
    info.add_itxt(OURS, '{"recipe": {"steps": -1, "prompt": "a lake"}, "made": {}}')
    (tmp_path / "ours.png").write_bytes(plain().png(info))
    opening.open(tmp_path / "ours.png")
    settle(errands)
    assert (session.prompt, session.steps) == ("a lake", steps)


def test_a_picture_that_was_pasted_becomes_the_source(opening: Opening, session: Session, errands: Errands) -> None:
    opening.start_from(lambda: plain(4))
    settle(errands)
    assert session.source == plain(4)
    assert (session.width, session.height) == (64, 64)


def test_a_result_becomes_the_source(opening: Opening, session: Session, errands: Errands, tmp_path: Path) -> None:
    for result in (kept(tmp_path, 4), unkept(5)):
        opening.start_from_result(result)
        settle(errands)
        assert session.source == plain(result.recipe.seed)


def test_a_seed_is_taken_and_locked(opening: Opening, session: Session) -> None:
    prompt = session.prompt
    opening.use_seed(2**63)
    assert (session.seed, session.seed_locked, session.prompt) == (2**63, True, prompt)


def test_the_source_of_the_last_time_comes_back(
    opening: Opening, session: Session, inputs: Inputs, errands: Errands
) -> None:
    inputs.keep(plain(4))
    session.wanted_source = plain(4).sha256
    opening.restore_source(session.wanted_source)
    settle(errands)
    assert session.source == plain(4)
    session.source = None
    assert session.to_json()["source"] == ""  # it does not come back once it was taken away


def test_a_source_that_has_come_meanwhile_stays(
    opening: Opening, session: Session, inputs: Inputs, errands: Errands
) -> None:
    inputs.keep(plain(4))
    opening.restore_source(plain(4).sha256)
    session.source = plain(5)
    settle(errands)
    assert session.source == plain(5)
