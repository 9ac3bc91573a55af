"""Closed at any moment, and opened again: nothing is left running, and nothing is lost."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from desktop.paths import data_folder
from desktop.recipe import Source
from desktop.studio.notice import Kind, Notice
from desktop.studio.results import Result
from desktop.studio.studio import Studio
from desktop.studio.worker import Worker
from tests.fakes import FakeEngine, ordinary, painted
from tests.studio.conftest import OpenStudio
from tests.studio.things import heard, plain, recipe_of, settle, starter
from tests.ui.hands import until

STEPS = 2
EVENTS = len(ordinary(recipe_of(steps=STEPS)))
SEEDS = [7, 8, 9]


def _opened(open_studio: OpenStudio) -> Studio:
    """With an engine of its own, and all back that there was."""
    studio = open_studio(lambda device, precision: FakeEngine())
    until(lambda: bool(studio.shelf.models))
    settle(studio.errands)
    settle(studio.gallery.lane)  # its pictures are read there
    return studio


def _submit(studio: Studio, seeds: list[int]) -> None:
    session = studio.session
    session.seed, session.seed_locked, session.count, session.steps = seeds[0], True, len(seeds), STEPS
    studio.generate()


def _seeds(results: list[Result]) -> list[int]:
    return [result.recipe.seed for result in results]


def _waiting(studio: Studio) -> list[int]:
    return [entry.job.work.seed for entry in studio.queue.waiting]


def _closed(studio: Studio, engine: FakeEngine) -> bool:
    studio.close()
    return engine.closed and all(worker.isFinished() for worker in studio.findChildren(Worker))


# ---------------------------------------------------------------- closing


@pytest.mark.parametrize("told", [0, 1, 3, 5, EVENTS - 2, EVENTS - 1, EVENTS, EVENTS + 4, 3 * EVENTS])
def test_closed_after_any_event_the_rest_waits_the_next_time(
    open_studio: OpenStudio, engine: FakeEngine, told: int
) -> None:
    studio = open_studio()
    until(lambda: bool(studio.shelf.models) and engine.warm)
    lane = studio.findChild(Worker, "engine")
    assert lane
    events = heard(lane.told)
    engine.hold()
    if told:
        engine.let(told)
    _submit(studio, SEEDS)
    until(lambda: len(events) == told and bool(engine.jobs))
    assert _closed(studio, engine)
    again = _opened(open_studio)
    done = told // EVENTS
    assert _waiting(again) == SEEDS[done:]
    assert _seeds(again.results.all) == SEEDS[: (told + 1) // EVENTS][::-1]
    assert again.queue.paused == bool(again.queue.waiting)
    again.queue.paused = False
    until(lambda: not again.queue.entries)
    assert set(_seeds(again.results.all)) == set(SEEDS)


@pytest.mark.parametrize("pictures", [0, 1, 5])
def test_closed_at_full_speed_each_is_kept_or_waits(open_studio: OpenStudio, engine: FakeEngine, pictures: int) -> None:
    seeds = list(range(10))
    studio = open_studio()
    until(lambda: bool(studio.shelf.models))
    _submit(studio, seeds)
    until(lambda: len(studio.results.all) >= pictures)
    seen = {result.file for result in studio.results.all}
    assert _closed(studio, engine)
    again = _opened(open_studio)
    assert seen <= {result.file for result in again.results.all}
    assert {*_seeds(again.results.all), *_waiting(again)} == set(seeds)
    assert _waiting(again) == seeds[len(seeds) - len(_waiting(again)) :]


@pytest.mark.parametrize("busy", [False, True], ids=["idle", "asked to generate"])
def test_closed_at_once_nothing_is_left(open_studio: OpenStudio, engine: FakeEngine, busy: bool) -> None:
    studio = open_studio()
    if busy:
        studio.generate()
    studio.close()
    assert all(worker.isFinished() for worker in studio.findChildren(Worker))
    assert engine.closed
    assert engine.jobs == []


def test_closed_while_the_engine_is_made_it_is_closed_too(open_studio: OpenStudio, engine: FakeEngine) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def make_engine(device: str | None, precision: str | None) -> FakeEngine:
        asked.set()
        assert go_on.wait(10)
        return engine

    studio = open_studio(make_engine)
    until(lambda: bool(studio.shelf.models))
    _submit(studio, SEEDS)
    assert asked.wait(10)
    threading.Timer(0.02, go_on.set).start()
    assert _closed(studio, engine)
    assert engine.jobs == []
    assert _waiting(_opened(open_studio)) == SEEDS


def test_what_comes_too_late_is_not_taken_for_an_end(open_studio: OpenStudio, engine: FakeEngine) -> None:
    """Events that were on their way when it was closed reach it while the program ends."""
    studio = open_studio()
    until(lambda: bool(studio.shelf.models))
    engine.hold()
    _submit(studio, SEEDS)
    until(lambda: bool(engine.jobs))
    assert _closed(studio, engine)
    until(lambda: len(studio.queue.entries) < len(SEEDS))  # it hears of the cancelled one
    assert _waiting(_opened(open_studio)) == SEEDS


# ---------------------------------------------------------------- what is back


def _interrupted(open_studio: OpenStudio, engine: FakeEngine, seeds: list[int]) -> Studio:
    """The launch after one in which these could not be made."""
    studio = open_studio()
    until(lambda: bool(studio.shelf.models))
    engine.hold()
    _submit(studio, seeds)
    until(lambda: bool(engine.jobs))
    studio.close()
    return _opened(open_studio)


def _told(notices: list[Notice]) -> dict[str, Any]:
    [notice] = [notice for notice in notices if "from the last time" in notice.message]
    assert notice.kind is Kind.INFO
    return dict(notice.actions)


@pytest.mark.parametrize(("seeds", "words"), [([7], "One job is"), (SEEDS, "3 jobs are")])
def test_what_waits_is_told(
    open_studio: OpenStudio, engine: FakeEngine, notices: list[Notice], seeds: list[int], words: str
) -> None:
    again = _interrupted(open_studio, engine, seeds)
    assert [notice.message for notice in notices] == [f"{words} waiting from the last time."]
    assert again.queue.running is None
    _told(notices)["Go on"]()
    until(lambda: not again.queue.entries)
    assert _seeds(again.results.all) == seeds[::-1]


def test_what_waits_can_be_discarded(open_studio: OpenStudio, engine: FakeEngine, notices: list[Notice]) -> None:
    again = _interrupted(open_studio, engine, SEEDS)
    _submit(again, [20])
    assert _waiting(again) == [*SEEDS, 20]
    _told(notices)["Discard"]()
    until(lambda: not again.queue.entries)
    assert _seeds(again.results.all) == [20]
    _submit(again, [21])
    until(lambda: bool(_seeds(again.results.all) == [21, 20]))


def test_a_failed_job_is_back_and_can_be_tried_again(
    open_studio: OpenStudio, engine: FakeEngine, notices: list[Notice]
) -> None:
    studio = open_studio()
    until(lambda: bool(studio.shelf.models))
    engine.failures = 1
    _submit(studio, [7])
    until(lambda: bool(studio.queue.failed))
    studio.close()
    again = _opened(open_studio)
    [failed] = again.queue.failed
    assert failed.failure
    assert "killed" in failed.failure.message
    assert not [notice for notice in notices if "last time" in notice.message]
    again.queue.retry(failed.id)
    until(lambda: bool(again.results.all))
    assert not again.queue.entries


def test_a_job_finds_its_source_the_next_time(open_studio: OpenStudio, engine: FakeEngine) -> None:
    studio = open_studio()
    until(lambda: bool(studio.shelf.models))
    studio.session.source, studio.session.strength = plain(3), 0.5
    engine.hold()
    _submit(studio, [7])
    until(lambda: bool(engine.jobs))
    studio.close()
    later = FakeEngine()
    again = open_studio(lambda device, precision: later)
    again.queue.paused = False
    until(lambda: bool(again.results.all))
    [job] = later.jobs
    assert job.work.source == Source(plain(3).sha256, 0.5)
    assert job.inputs == {plain(3).sha256: plain(3)}


def test_the_pictures_of_the_last_time_are_back_and_the_newest_is_seen(
    open_studio: OpenStudio, pictures_folder: Path
) -> None:
    studio = _opened(open_studio)
    _submit(studio, SEEDS)
    until(lambda: not studio.queue.entries)
    studio.close()
    next(pictures_folder.rglob("*-8.png")).unlink()
    again = _opened(open_studio)
    assert _seeds(again.results.all) == [9, 7]
    newest = again.results.all[0]
    assert (again.stage.result, again.stage.picture) == (newest, painted(newest.recipe))
    assert newest.thumbnail
    assert (newest.thumbnail.width, newest.thumbnail.height) == (newest.recipe.width, newest.recipe.height)


def test_a_picture_that_is_made_at_once_is_in_the_strip_once(open_studio: OpenStudio) -> None:
    studio = _opened(open_studio)
    _submit(studio, SEEDS)
    until(lambda: not studio.queue.entries)
    studio.close()
    again = open_studio(lambda device, precision: FakeEngine())
    again.session.seed = 20
    again.generate()
    until(lambda: len(again.results.all) > len(SEEDS) and not again.queue.entries)
    settle(again.errands)
    assert sorted(_seeds(again.results.all)) == sorted([*SEEDS, 20, 21, 22])
    assert again.stage.picture == painted(again.results.all[0].recipe)


def test_the_session_the_prompts_and_the_settings_are_back(open_studio: OpenStudio) -> None:
    studio = _opened(open_studio)
    studio.session.prompt, studio.session.source, studio.session.strength = "a lake", plain(3), 0.5
    studio.memory.change_settings(theme="light")
    _submit(studio, [2**64 - 1])
    until(lambda: not studio.queue.entries)
    before = studio.session.to_json()
    studio.close()
    again = _opened(open_studio)
    assert again.session.to_json() == before
    assert (again.session.model, again.session.source) == (starter(), plain(3))
    assert again.memory.prompts == ("a lake",)
    assert again.memory.settings.theme == "light"


def test_a_source_whose_file_is_gone_is_no_trouble(open_studio: OpenStudio, notices: list[Notice]) -> None:
    studio = _opened(open_studio)
    studio.session.source = plain(3)
    studio.close()
    (data_folder() / "inputs" / f"{plain(3).sha256}.png").unlink()
    again = _opened(open_studio)
    assert (again.session.source, again.session.to_json()["source"]) == (None, "")
    assert notices == []
