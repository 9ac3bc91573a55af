"""From the button to the queue, where prompts hold alternatives and lists, and where there is very much to make."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from desktop.library.sheets import Axis
from desktop.models.catalog import Catalog
from desktop.models.model import Model
from desktop.paths import data_folder
from desktop.studio.notice import Notice
from desktop.studio.studio import Studio
from desktop.wildcards import FOLDER, resolve
from tests.fakes import FakeEngine
from tests.studio.conftest import OpenStudio
from tests.studio.things import job, of_family, plain, starter
from tests.ui.hands import until

COLOURS = ("red", "blue", "{light|dark} green")


@pytest.fixture
def studio(open_studio: OpenStudio) -> Studio:
    studio = open_studio()
    until(lambda: bool(studio.shelf.models))
    studio.session.seed, studio.session.seed_locked = 7, True
    return studio


def _write_list() -> None:
    (data_folder() / FOLDER).mkdir(parents=True)
    (data_folder() / FOLDER / "colours.txt").write_text("\n".join(COLOURS))


def _words(engine: FakeEngine) -> list[str]:
    return [job.work.prompt for job in engine.jobs]


def test_each_picture_has_the_words_of_its_seed(studio: Studio, engine: FakeEngine) -> None:
    _write_list()
    studio.session.prompt, studio.session.count = "a __colours__ house", 5
    studio.generate()
    until(lambda: len(studio.results.all) == 5)
    assert _words(engine) == [resolve("a __colours__ house", seed, {"colours": COLOURS}) for seed in range(7, 12)]
    assert studio.session.prompt == "a __colours__ house"
    assert studio.memory.prompts == ("a __colours__ house",)


def test_a_list_that_is_not_there_is_told(studio: Studio, notices: list[Notice]) -> None:
    studio.session.prompt = "__gone__"
    studio.generate()
    until(lambda: bool(notices))
    assert str(data_folder() / FOLDER / "gone.txt") in notices[0].message
    assert studio.queue.entries == []


def test_what_is_set_when_it_is_asked_for_counts(studio: Studio, engine: FakeEngine) -> None:
    _write_list()
    studio.session.prompt = "a __colours__ house"
    studio.generate()
    studio.session.prompt, studio.session.seed = "something else", 100
    until(lambda: bool(studio.results.all))
    assert (engine.jobs[0].work.seed, engine.jobs[0].work.prompt.split()[-1]) == (7, "house")


def test_a_recipe_that_is_used_again_makes_the_same_words(studio: Studio, engine: FakeEngine) -> None:
    studio.session.prompt = r"\{a|b} {c|d}"
    studio.generate()
    until(lambda: bool(studio.results.all))
    studio.opening.use_recipe(engine.jobs[0].work)
    until(lambda: studio.session.prompt != r"\{a|b} {c|d}")
    studio.generate()
    until(lambda: len(studio.results.all) == 2)
    assert engine.jobs[0].work == engine.jobs[1].work


def test_a_thousand_are_planned_beside_the_window(studio: Studio, engine: FakeEngine) -> None:
    engine.hold()
    studio.session.prompt, studio.session.count = "{red|blue} balloon", 1000
    studio.generate()
    assert studio.queue.entries == []
    until(lambda: bool(studio.queue.entries))
    entries = studio.queue.entries
    assert [entry.job.work.seed for entry in entries] == list(range(7, 1007))
    assert {entry.job.work.prompt for entry in entries} == {"red balloon", "blue balloon"}


def test_a_live_picture_may_have_lists_too(studio: Studio, engine: FakeEngine) -> None:
    _write_list()
    studio.easel.active = True
    until(lambda: studio.easel.document is not None)
    studio.session.prompt = "a __colours__ house"
    studio.live.on = True
    until(lambda: bool(engine.jobs))
    assert _words(engine)[0] == resolve("a __colours__ house", 7, {"colours": COLOURS})


# ---------------------------------------------------------------- before all is read


def test_what_replaces_a_job_before_the_models_are_read_still_replaces_it(
    open_studio: OpenStudio, engine: FakeEngine
) -> None:
    studio = open_studio()
    studio.queue.submit([job(1), job(2)])
    studio.queue.paused = True
    edited = studio.queue.waiting[-1]
    studio.queue.edit(edited.id)
    studio.session.prompt = "in its place"
    studio.orders.replace_edited()
    until(lambda: studio.queue.edited is None)
    assert [entry.job.work.prompt for entry in studio.queue.entries][-1] == "in its place"
    assert edited not in studio.queue.entries


def test_a_sheet_waits_for_models_and_canvas(open_studio: OpenStudio, engine: FakeEngine) -> None:
    studio = open_studio()
    engine.hold()
    studio.easel.active = True
    assert studio.easel.document is None
    studio.make_sheet([Axis("seed", (1, 2), ("1", "2")), Axis("steps", (1,), ("1",))], False)
    studio.generate()
    until(lambda: len(studio.queue.entries) == 3)
    assert len([entry for entry in studio.queue.entries if entry.cell]) == 2


# ---------------------------------------------------------------- single files without their configuration


@pytest.fixture
def lacking(studio: Studio, tmp_path: Path) -> Model:
    model = replace(of_family("sd15"), path=tmp_path / "dream.safetensors")
    studio.shelf.models = (*studio.shelf.models, model)
    return model


def _told_of_it(studio: Studio, notices: list[Notice]) -> bool:
    until(lambda: bool(notices))
    labels = [label for label, _ in notices[0].actions]
    return labels == ["Fetch it once"] and len(notices) == 1 and studio.queue.entries == []


def test_a_sheet_of_models_tells_which_lacks_its_configuration(
    studio: Studio, notices: list[Notice], lacking: Model
) -> None:
    ids = (starter().id, lacking.id)
    studio.make_sheet([Axis("model", ids, ids)], False)
    assert _told_of_it(studio, notices)


def test_a_live_picture_tells_so_once(studio: Studio, notices: list[Notice], lacking: Model) -> None:
    studio.session.choose(lacking)
    studio.easel.active = True
    until(lambda: studio.easel.document is not None)
    studio.live.on = True
    assert _told_of_it(studio, notices)
    assert not studio.live.on


def test_more_like_one_tells_so_too(
    studio: Studio, notices: list[Notice], lacking: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.generate()
    until(lambda: bool(studio.results.all))
    until(lambda: studio.queue.entries == [])
    monkeypatch.setattr(Catalog, "by_id", lambda catalog, id: lacking)
    studio.orders.more_like(studio.results.all[0])
    assert _told_of_it(studio, notices)


# ---------------------------------------------------------------- private


def test_a_private_prompt_that_replaces_a_job_is_not_written(studio: Studio, engine: FakeEngine) -> None:
    engine.hold()
    studio.queue.submit([job(1), job(2)])
    studio.queue.edit(studio.queue.waiting[0].id)
    studio.memory.change_settings(private=True)
    studio.session.prompt = "a secret castle"
    studio.orders.replace_edited()
    until(lambda: studio.queue.edited is None)
    assert [entry.stored for entry in studio.queue.entries] == [True, False]


@pytest.mark.parametrize("private", [False, True])
def test_a_picture_goes_where_it_was_ordered_to_go(studio: Studio, engine: FakeEngine, private: bool) -> None:
    engine.hold()
    studio.memory.change_settings(private=private)
    studio.session.count = 2
    studio.generate()
    until(lambda: bool(engine.jobs))
    studio.memory.change_settings(private=not private)
    engine.free()
    until(lambda: len(studio.results.all) == 2)
    assert [result.file is None for result in studio.results.all] == [private, private]


def test_after_private_mode_model_and_source_are_those_from_before(studio: Studio, engine: FakeEngine) -> None:
    model = studio.session.model
    studio.session.source = plain(1)
    studio.memory.change_settings(private=True)
    studio.session.source, studio.session.prompt = plain(2), "a secret castle"
    studio.memory.change_settings(private=False)
    studio.generate()
    until(lambda: studio.session.model == model and studio.session.source == plain(1))
    until(lambda: bool(engine.jobs))
    assert engine.jobs[0].work.prompt != "a secret castle"
