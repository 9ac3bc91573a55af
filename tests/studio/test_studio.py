"""All of it together, on an engine without models: from the button to the strip, and whatever goes wrong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from desktop.database import Database
from desktop.engine.api import Finished, Preview, Produced, Started, Warned
from desktop.errors import UserError
from desktop.paths import data_folder
from desktop.raster import Raster
from desktop.recipe import Recipe
from desktop.studio.notice import Kind, Notice
from desktop.studio.orders import USUAL_SEEDS
from desktop.studio.studio import Studio
from tests.fakes import DEVICES, FakeEngine, ordinary, painted
from tests.studio.conftest import OpenStudio
from tests.studio.things import heard, plain, starter
from tests.ui.hands import until


@pytest.fixture
def studio(open_studio: OpenStudio) -> Studio:
    studio = open_studio()
    until(lambda: bool(studio.shelf.models))
    return studio


def _make(studio: Studio, *seeds: int) -> None:
    """Pictures of these seeds, and waits for them."""
    for seed in seeds:
        studio.session.seed, studio.session.seed_locked = seed, True
        studio.generate()
    until(lambda: not studio.queue.entries)


def _notice(notices: list[Notice], begin: str) -> Notice:
    until(lambda: any(notice.message.startswith(begin) for notice in notices))
    [found] = [notice for notice in notices if notice.message.startswith(begin)]
    return found


def _actions(notice: Notice) -> dict[str, Any]:
    return dict(notice.actions)


# ---------------------------------------------------------------- pictures


def test_a_picture_is_made_kept_and_seen(
    studio: Studio, engine: FakeEngine, pictures_folder: Path, notices: list[Notice]
) -> None:
    studio.session.prompt = "a lake"
    _make(studio, 7)
    [result] = studio.results.all
    assert result.file
    assert re.fullmatch(r"\d{4}-\d\d/\d{8}-\d{6}-7\.png", result.file.relative_to(pictures_folder).as_posix())
    assert Raster.read(result.file) == painted(engine.jobs[0].work)
    assert result.recipe == engine.jobs[0].work
    assert (result.recipe.prompt, result.recipe.model) == ("a lake", starter().id)
    assert (studio.stage.result, studio.stage.picture) == (result, painted(result.recipe))
    assert studio.memory.prompts == ("a lake",)
    assert notices == []


def test_it_is_on_disk_when_it_is_told(studio: Studio) -> None:
    found: list[Raster] = []
    studio.results.added.connect(lambda result: found.append(Raster.read(result.file)))
    _make(studio, 7)
    assert found == [studio.stage.picture]


def test_generating_before_the_models_are_found_waits_for_them(open_studio: OpenStudio, engine: FakeEngine) -> None:
    studio = open_studio()
    assert studio.shelf.models == ()
    studio.generate()
    studio.generate()
    until(lambda: bool(studio.results.all))
    assert len(engine.jobs) == 1


def test_a_seed_is_rolled_each_time(studio: Studio, engine: FakeEngine) -> None:
    for _ in range(3):
        studio.generate()
    seeds = [entry.job.work.seed for entry in studio.queue.entries]
    assert len(set(seeds)) == 3
    assert max(seeds) < USUAL_SEEDS
    assert studio.session.seed == seeds[-1]


def test_a_locked_seed_stays(studio: Studio, engine: FakeEngine) -> None:
    _make(studio, 2**64 - 1, 2**64 - 1)
    assert [job.work.seed for job in engine.jobs] == [2**64 - 1] * 2
    assert studio.session.seed == 2**64 - 1
    assert len({result.file for result in studio.results.all}) == 2


def test_many_are_made_one_after_the_other(studio: Studio, engine: FakeEngine) -> None:
    studio.session.count = 3
    _make(studio, 7)
    assert [job.work.seed for job in engine.jobs] == [7, 8, 9]
    assert [result.recipe.seed for result in studio.results.all] == [9, 8, 7]


def test_previews_are_seen_on_the_way(studio: Studio, engine: FakeEngine) -> None:
    engine.hold()
    studio.session.width = 256
    studio.generate()
    until(lambda: bool(engine.jobs))
    events = ordinary(engine.jobs[0].work)
    engine.let(next(place for place, event in enumerate(events) if isinstance(event, Preview)) + 1)
    until(lambda: studio.stage.picture is not None)
    assert (studio.stage.size, studio.stage.result) == ((256, 128), None)
    assert studio.queue.running
    assert studio.queue.running.progress
    assert studio.queue.running.progress.step == 1


def test_generating_looks_at_what_is_made_again(studio: Studio, engine: FakeEngine) -> None:
    _make(studio, 1)
    studio.stage.show(studio.results.all[0])
    engine.hold()
    studio.generate()
    studio.stage.step(0)
    engine.free()
    until(lambda: len(studio.results.all) == 2)
    assert studio.stage.result is studio.results.all[1]
    _make(studio, 3)
    assert studio.stage.result is studio.results.all[0]


def test_an_end_is_told_with_its_time_once_the_queue_knows(studio: Studio, engine: FakeEngine) -> None:
    ends: list[Any] = []
    engine.script = [Started(), Finished({"load": 1.5, "denoise": 2.0}, 0)]
    studio.finished.connect(lambda seconds: ends.append((seconds, studio.queue.entries)))
    studio.generate()
    until(lambda: bool(ends))
    assert ends == [(3.5, [])]


def test_the_devices_are_known_once_the_engine_is_warm(studio: Studio) -> None:
    until(lambda: bool(studio.devices()))
    assert studio.devices() == DEVICES


def test_the_engine_follows_the_settings(open_studio: OpenStudio) -> None:
    asked: list[tuple[str | None, str | None]] = []

    def make_engine(device: str | None, precision: str | None) -> FakeEngine:
        asked.append((device, precision))
        return FakeEngine()

    studio = open_studio(make_engine, precision="float32")
    until(lambda: bool(studio.shelf.models))
    _make(studio, 1)
    studio.memory.change_settings(device="cpu")
    _make(studio, 2)
    assert asked == [(None, "float32"), ("cpu", "float32")]


# ---------------------------------------------------------------- what goes wrong


def test_what_the_model_cannot_do_is_told(studio: Studio, notices: list[Notice]) -> None:
    studio.session.width = 100
    studio.generate()
    assert [(notice.kind, notice.message) for notice in notices] == [(Kind.ERROR, "Starter cannot draw 100 pixels.")]
    assert studio.queue.entries == []
    assert studio.memory.prompts == ()


def test_an_engine_that_dies_is_told_and_the_job_can_be_tried_again(
    studio: Studio, engine: FakeEngine, notices: list[Notice]
) -> None:
    engine.failures = 1
    studio.session.count = 2
    studio.generate()
    notice = _notice(notices, "The engine was killed")
    assert (notice.kind, list(_actions(notice))) == (Kind.ERROR, ["Try again"])
    until(lambda: len(studio.results.all) == 1)
    assert [entry.job for entry in studio.queue.failed] == [engine.jobs[0]]
    _actions(notice)["Try again"]()
    until(lambda: len(studio.results.all) == 2)
    assert engine.jobs[2].work == engine.jobs[0].work
    assert not studio.queue.entries
    _actions(notice)["Try again"]()  # too late: it is done
    assert not studio.queue.entries


def test_an_engine_that_cannot_be_made_is_told_and_there_is_nothing_to_try_again(
    open_studio: OpenStudio, notices: list[Notice]
) -> None:
    def make_engine(device: str | None, precision: str | None) -> FakeEngine:
        raise UserError("There is no cuda:7.", "Choose another device.")

    open_studio(make_engine)
    notice = _notice(notices, "There is no cuda:7.")
    assert (notice.hint, notice.actions) == ("Choose another device.", ())


@pytest.mark.parametrize("trace", ["", "The engine was killed by SIGSEGV."])
def test_a_warning_does_not_stop_the_job_and_is_reported_if_it_has_a_trace(
    studio: Studio, engine: FakeEngine, notices: list[Notice], trace: str
) -> None:
    engine.script = [Started(), Warned("Half gave no numbers.", trace), Finished({}, 0)]
    ends = heard(studio.finished)
    studio.generate()
    notice = _notice(notices, "Half gave")
    assert (notice.kind, notice.details, notice.is_reported) == (Kind.WARNING, trace, bool(trace))
    until(lambda: bool(ends))


def test_a_running_job_is_cancelled(studio: Studio, engine: FakeEngine, notices: list[Notice]) -> None:
    studio.cancel()  # nothing runs
    engine.hold()
    studio.session.count = 2
    studio.generate()
    until(lambda: bool(engine.jobs))
    studio.cancel()
    engine.free()
    until(lambda: not studio.queue.entries)
    assert [result.recipe for result in studio.results.all] == [engine.jobs[1].work]
    assert notices == []


def test_a_picture_that_cannot_be_written_is_in_the_results_until_it_is_saved(
    studio: Studio, pictures_folder: Path, notices: list[Notice], tmp_path: Path
) -> None:
    pictures_folder.write_text("in the way")
    _make(studio, 1, 2)
    told = [notice for notice in notices if notice.message.startswith("The picture cannot be kept")]
    assert [notice.kind for notice in told] == [Kind.ERROR] * 2
    asked = heard(studio.saving_wanted)
    _actions(told[1])["Save elsewhere…"]()
    assert asked == [studio.results.all[0]]
    lost, other = studio.results.all
    assert (lost.file, studio.stage.result, studio.stage.picture) == (None, lost, painted(lost.recipe))
    for _ in range(2):  # people may click twice
        studio.saving.save_as(lost, tmp_path / "saved.png")
    until(lambda: sum(notice.message == "Saved as saved.png." for notice in notices) == 2)
    saved, still = studio.results.all
    assert (saved.file, saved.recipe) == (tmp_path / "saved.png", lost.recipe)
    assert studio.stage.result is saved
    assert Raster.read(tmp_path / "saved.png") == painted(lost.recipe)
    assert still is other


def test_a_copy_that_cannot_be_saved_is_told(studio: Studio, notices: list[Notice], tmp_path: Path) -> None:
    _make(studio, 1)
    studio.saving.save_as(studio.results.all[0], tmp_path / "missing" / "copy.png")
    assert _notice(notices, "Cannot save copy.png").kind is Kind.ERROR
    assert studio.results.all[0].file


def test_a_database_that_cannot_be_written_costs_no_picture(
    studio: Studio, notices: list[Notice], pictures_folder: Path
) -> None:
    for lane in (studio.memory.lane, studio.errands):
        lane.send(lambda: studio._database._connection().execute("PRAGMA query_only = ON"))
    studio.session.prompt = "a lake"
    _make(studio, 7)
    until(lambda: any("cannot be written" in notice.message for notice in notices))
    assert Raster.read(next(pictures_folder.rglob("*.png"))) == studio.stage.picture


def test_a_damaged_database_is_told(open_studio: OpenStudio, notices: list[Notice]) -> None:
    data_folder().mkdir(parents=True)
    (data_folder() / "sfumato.db").write_bytes(b"no database" * 1000)
    open_studio()
    assert _notice(notices, "sfumato.db was damaged").kind is Kind.WARNING


def test_what_fails_in_a_lane_is_told(studio: Studio, notices: list[Notice], tmp_path: Path) -> None:
    studio.opening.open(tmp_path / "missing.png")
    assert _notice(notices, "There is no file").kind is Kind.ERROR


def test_what_the_parts_notice_is_told(studio: Studio, notices: list[Notice]) -> None:
    _make(studio, 7)
    studio.opening.use_recipe(studio.results.all[0].recipe)
    assert _notice(notices, "The recipe is restored.").kind is Kind.DONE


def test_two_pictures_of_one_job_are_both_kept(studio: Studio, engine: FakeEngine) -> None:
    def script(recipe: Recipe) -> list[Any]:
        return [Started(), *(Produced(plain(n), recipe, {"model": "fake"}) for n in (1, 2)), Finished({}, 0)]

    studio.generate()
    until(lambda: bool(engine.jobs))
    engine.script = script(engine.jobs[0].work)
    _make(studio, 7)
    assert [studio.results.held(result) for result in studio.results.all[:2]] == [plain(2), plain(1)]


def test_each_studio_has_its_own_database_connections(studio: Studio) -> None:
    """Closing closes those of all lanes: the file can be moved at once, also on Windows."""
    _make(studio, 7)
    studio.close()
    assert studio._database._connections == {}
    Database(data_folder() / "sfumato.db").close()


def test_closing_ends_looks_for_models(studio: Studio) -> None:
    catalog = studio.shelf.catalog()
    studio.close()
    with pytest.raises(UserError, match="not looked through"):
        catalog.entries()


def test_one_look_for_models_goes_through_the_folders_once(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    until(lambda: bool(studio.shelf.models))
    monkeypatch.setattr(studio.stock, "_catalog", None)  # it has no need to look itself
    studio.look_for_models()
    until(lambda: studio.stock.is_known)
    assert [item.entry.name for item in studio.stock.items] == ["starter"]
