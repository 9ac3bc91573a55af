"""Sheets through the whole studio, on an engine without models: made, interrupted, failed, cancelled, private."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.engine.api import Failed, Started
from desktop.library.sheets import Axis
from desktop.paths import data_folder
from desktop.raster import Raster
from desktop.studio.fields import Bench, read_axis
from desktop.studio.notice import Notice
from desktop.studio.results import Result
from desktop.studio.studio import Studio
from tests.fakes import FakeEngine, ordinary, painted
from tests.studio.conftest import OpenStudio
from tests.studio.things import recipe_of
from tests.ui.hands import until

STEPS = 2
EVENTS = len(ordinary(recipe_of(steps=STEPS)))


@pytest.fixture
def studio(open_studio: OpenStudio) -> Studio:
    return _ready(open_studio())


def _ready(studio: Studio) -> Studio:
    until(lambda: bool(studio.shelf.models))
    return studio


def _axes() -> tuple[Axis, Axis]:
    bench = Bench((), {})
    return read_axis("seed", "1-3", bench), read_axis("guidance", "3, 5", bench)


def _order(studio: Studio, singles: bool = False) -> None:
    """Six pictures."""
    studio.session.steps = STEPS
    studio.make_sheet(_axes(), singles)
    until(lambda: bool(studio.queue.entries))


def _sheets(studio: Studio) -> list[Result]:
    return [result for result in studio.results.all if _is_sheet(result)]


def _is_sheet(result: Result) -> bool:
    return "sheet" in {**result.said.recipe, **result.said.unused}


def _nothing_waits() -> bool:
    return not list((data_folder() / "sheets").glob("*"))


def _stored(studio: Studio) -> int:
    with studio._database.read() as connection:
        return connection.execute("SELECT count(*) FROM sheets").fetchone()[0]


def _cells(picture: Raster) -> set[tuple[int, ...]]:
    """The colours of the fake engine's plain pictures that are on it."""
    colors = {tuple(map(int, painted(recipe_of(seed)).pixels[0, 0])) for seed in (1, 2, 3)}
    there = {tuple(map(int, color)) for color in picture.pixels.reshape(-1, 3)[::7]}
    return colors & there


def test_a_sheet_is_one_picture_of_all(studio: Studio, engine: FakeEngine, notices: list[Notice]) -> None:
    _order(studio)
    until(lambda: bool(_sheets(studio)))
    assert [(job.work.seed, job.work.guidance) for job in engine.jobs] == [
        (seed, guidance) for guidance in (3.0, 5.0) for seed in (1, 2, 3)
    ]
    [sheet] = studio.results.all  # the single ones are not kept
    assert sheet.file
    picture = Raster.read(sheet.file)
    assert studio.stage.picture == picture
    assert len(_cells(picture)) == 3
    until(_nothing_waits)
    assert (_stored(studio), notices) == (0, [])
    assert len(studio.queue.done) == 6


def test_the_single_pictures_are_kept_if_people_wish(studio: Studio) -> None:
    _order(studio, singles=True)
    until(lambda: len(studio.results.all) == 7)
    assert len(_sheets(studio)) == 1
    assert all(result.file for result in studio.results.all)


@pytest.mark.parametrize("told", [0, 1, 2 * EVENTS + 3, 5 * EVENTS, 6 * EVENTS - 1])
def test_closed_in_the_middle_it_goes_on_the_next_time(open_studio: OpenStudio, engine: FakeEngine, told: int) -> None:
    studio = _ready(open_studio())
    engine.hold()
    _order(studio)
    until(lambda: bool(engine.jobs))
    if told:
        engine.let(told)
    until(lambda: len(engine.jobs) == 1 + told // EVENTS)
    studio.close()
    later = FakeEngine()
    again = _ready(open_studio(lambda device, precision: later))
    assert again.results.all == _sheets(again) == []
    again.queue.paused = False
    until(lambda: bool(_sheets(again)))
    assert len(later.jobs) == 6 - told // EVENTS
    [sheet] = again.results.all
    assert sheet.file
    assert len(_cells(Raster.read(sheet.file))) == 3
    until(_nothing_waits)


def test_closed_before_it_was_put_together_that_is_done_the_next_time(
    open_studio: OpenStudio, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("desktop.studio.binder.Binder._look", lambda self: None)
        studio = _ready(open_studio())
        _order(studio)
        until(lambda: len(studio.queue.done) == 6)
        studio.close()
    again = _ready(open_studio(lambda device, precision: FakeEngine()))
    until(lambda: bool(_sheets(again)))
    until(_nothing_waits)


def test_what_has_failed_leaves_a_gap_and_can_be_tried_again_by_itself(studio: Studio, engine: FakeEngine) -> None:
    engine.failures = 1
    _order(studio)
    until(lambda: bool(_sheets(studio)))
    until(_nothing_waits)
    [failed] = studio.queue.failed
    studio.queue.retry(failed.id)
    until(lambda: len(studio.results.all) == 2)
    assert studio.results.all[0].recipe.seed == 1
    assert not _is_sheet(studio.results.all[0])


def test_of_a_cancelled_sheet_what_was_made_is_put_together(studio: Studio, engine: FakeEngine) -> None:
    engine.hold()
    engine.let(EVENTS + 1)
    _order(studio)
    until(lambda: len(studio.queue.done) == 1)
    studio.queue.cancel_all()
    until(lambda: bool(_sheets(studio)))
    file = studio.results.all[0].file
    assert file
    assert len(_cells(Raster.read(file))) == 1


@pytest.mark.parametrize("way", ["cancelled", "failed"])
def test_of_a_sheet_without_any_picture_nothing_is_left(studio: Studio, engine: FakeEngine, way: str) -> None:
    engine.script = [Started(), Failed("It died.", "")] if way == "failed" else None
    if way == "cancelled":
        engine.hold()
    _order(studio)
    if way == "cancelled":
        studio.queue.cancel_all()
    until(lambda: studio.queue.running is None and not studio.queue.waiting)
    until(lambda: _nothing_waits() and not _stored(studio))
    assert studio.results.all == []


def test_a_sheet_that_cannot_be_kept_is_in_memory_and_made_again_the_next_time(
    open_studio: OpenStudio, notices: list[Notice], pictures_folder: Path
) -> None:
    studio = _ready(open_studio())
    pictures_folder.write_text("in the way")
    _order(studio)
    until(lambda: bool(_sheets(studio)))
    assert _sheets(studio)[0].file is None
    assert [notice.message for notice in notices if "cannot be kept" in notice.message]
    assert not _nothing_waits()
    studio.close()
    pictures_folder.unlink()
    again = _ready(open_studio(lambda device, precision: FakeEngine()))
    until(lambda: bool(_sheets(again)))
    assert _sheets(again)[0].file
    until(_nothing_waits)


@pytest.mark.parametrize("singles", [True, False])
def test_of_a_private_sheet_nothing_is_ever_on_disk(
    open_studio: OpenStudio, engine: FakeEngine, pictures_folder: Path, singles: bool
) -> None:
    studio = _ready(open_studio(private=True))
    engine.hold()
    engine.let(5 * EVENTS)
    _order(studio, singles)
    until(lambda: len(studio.queue.done) == 5)
    assert _nothing_waits()
    engine.free()
    until(lambda: bool(_sheets(studio)))
    assert len(studio.results.all) == (7 if singles else 1)
    picture = _sheets(studio)[0].raster
    assert picture
    assert len(_cells(picture)) == 3
    assert _nothing_waits()
    assert not pictures_folder.exists()
    with studio._database.read() as connection:
        assert connection.execute("SELECT (SELECT count(*) FROM sheets) + (SELECT count(*) FROM jobs)").fetchone() == (
            0,
        )


def test_a_sheet_goes_where_it_was_ordered_to_go(open_studio: OpenStudio, engine: FakeEngine) -> None:
    studio = _ready(open_studio())
    engine.hold()
    _order(studio, singles=True)
    studio.memory.change_settings(private=True)
    engine.free()
    until(lambda: bool(_sheets(studio)))
    assert all(result.file for result in studio.results.all)


def test_a_sheet_whose_pictures_cannot_be_read_is_told_once(
    open_studio: OpenStudio, engine: FakeEngine, notices: list[Notice]
) -> None:
    studio = _ready(open_studio())
    engine.hold()
    engine.let(EVENTS + 1)
    _order(studio)
    until(lambda: len(studio.queue.done) == 1)
    for file in (data_folder() / "sheets").rglob("*.png"):
        file.write_bytes(b"no picture")
    studio.queue.cancel_all()
    until(lambda: bool(notices))
    assert "none can be read" in notices[0].message
    until(lambda: _nothing_waits() and not _stored(studio))


def test_what_cannot_be_made_is_told(studio: Studio, notices: list[Notice]) -> None:
    studio.session.prompt = "__gone__"
    studio.make_sheet(_axes(), False)
    until(lambda: bool(notices))
    assert "gone.txt is missing" in notices[0].message
    assert not studio.queue.entries
