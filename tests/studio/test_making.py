"""From a job to a picture on disk, and a way out at any moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from desktop.engine.api import Cancelled, Checkup, Failed, Finished, Job, Preview, Produced, Progress, Started
from desktop.errors import UserError
from desktop.library.inputs import Inputs
from desktop.library.library import Library
from desktop.models.catalog import Catalog
from desktop.models.hashes import Hashes, autov2, autov3
from desktop.paths import data_folder
from desktop.raster import Raster
from desktop.recipe import LoraUse, Source
from desktop.studio.making import THUMBNAIL, Kept, Maker, Unkept, thumbnail
from tests.fakes import DEVICES, MADE, FakeEngine, painted
from tests.model_files import lora
from tests.studio.things import job, plain, recipe_of, starter

MakeMaker = Callable[..., Maker]


class Engines:
    """Makes engines, and knows those that it has made."""

    def __init__(self) -> None:
        self.made: list[FakeEngine] = []
        self.asked: list[tuple[str | None, str | None]] = []
        self.wishes: tuple[str, str] = ("", "")

    def __call__(self, device: str | None, precision: str | None) -> FakeEngine:
        self.asked.append((device, precision))
        self.made.append(FakeEngine())
        return self.made[-1]


@pytest.fixture
def engines() -> Engines:
    return Engines()


@pytest.fixture
def make_maker(engines: Engines, inputs: Inputs, library: Library) -> MakeMaker:
    def make(make_engine: Any = engines) -> Maker:
        return Maker(make_engine, lambda: engines.wishes, Catalog, inputs, library)

    return make


@pytest.fixture
def maker(make_maker: MakeMaker) -> Maker:
    return make_maker()


# ---------------------------------------------------------------- making


def test_the_events_come_with_the_picture_kept(maker: Maker, library: Library, pictures_folder: Path) -> None:
    wanted = job()
    events = list(maker.make(wanted))
    assert [type(event) for event in events if not isinstance(event, Progress | Preview)] == [Started, Kept, Finished]
    [kept] = [event for event in events if isinstance(event, Kept)]
    assert kept.raster == painted(wanted.work)
    assert kept.picture == library.recent(1)[0]
    assert kept.picture.recipe == wanted.work
    assert kept.picture.made == MADE
    assert kept.picture.seconds > 0
    assert kept.picture.file.is_relative_to(pictures_folder)


def test_the_hashes_that_are_known_go_into_the_picture(maker: Maker) -> None:
    lora(data_folder() / "models/ink.safetensors")
    [ink] = Catalog().extras()
    Hashes(data_folder()).learn(ink.entry.path)
    [kept] = [each for each in maker.make(job(loras=(LoraUse(ink.id, "ink"),))) if isinstance(each, Kept)]
    told = {"name": "ink.safetensors", "autov2": autov2(ink.entry.path), "autov3": autov3(ink.entry.path)}
    assert kept.picture.made == {**MADE, "files": {ink.id: told}}
    with Image.open(kept.picture.file) as image:
        assert f'Lora hashes: "ink: {told["autov3"]}"' in image.info["parameters"]


def test_a_picture_is_on_disk_before_it_is_told(maker: Maker, library: Library) -> None:
    for event in maker.make(job()):
        if isinstance(event, Kept):
            assert Raster.read(event.picture.file) == event.raster
            assert library.recent(1) == [event.picture]
            return
    pytest.fail("no picture")


def test_a_picture_that_cannot_be_written_is_told_and_the_job_goes_on(maker: Maker, pictures_folder: Path) -> None:
    pictures_folder.write_text("in the way")
    wanted = job()
    events = list(maker.make(wanted))
    [unkept] = [event for event in events if isinstance(event, Unkept)]
    assert unkept.produced == Produced(painted(wanted.work), wanted.work, MADE)
    assert "cannot be kept" in unkept.message
    assert unkept.hint
    assert isinstance(events[-1], Finished)


def test_what_the_engine_tells_of_a_failure_comes_as_it_is(make_maker: MakeMaker) -> None:
    maker = make_maker(lambda device, precision: FakeEngine(failures=1))
    assert [type(event) for event in maker.make(job())] == [Started, Failed]
    assert isinstance(list(maker.make(job()))[-1], Finished)


@pytest.mark.parametrize(
    ("size", "small"), [((384, 192), (192, 96)), ((64, 128), (64, 128)), ((8192, 1), (192, 1)), ((100, 400), (48, 192))]
)
def test_a_thumbnail_is_no_larger_than_the_strip_needs(size: tuple[int, int], small: tuple[int, int]) -> None:
    made = thumbnail(plain(width=size[0], height=size[1]))
    assert (made.width, made.height) == small
    assert max(small) <= THUMBNAIL


# ---------------------------------------------------------------- what a job lacks


def test_a_job_of_another_day_finds_its_model_and_its_source(maker: Maker, engines: Engines, inputs: Inputs) -> None:
    source = plain(3)
    inputs.keep(source)
    recipe = recipe_of(source=Source(source.sha256, 0.5))
    list(maker.make(Job(recipe, {})))
    [given] = engines.made[0].jobs
    assert given.models == {starter().id: starter().path}
    assert given.inputs == {source.sha256: source}


def test_a_job_of_today_brings_all_it_needs(maker: Maker, engines: Engines) -> None:
    source = plain(3)
    recipe = replace(recipe_of(), model="of no folder", source=Source(source.sha256))
    wanted = Job(recipe, {"of no folder": Path("there")}, {source.sha256: source})
    list(maker.make(wanted))
    assert engines.made[0].jobs == [wanted]


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"source": Source("ab" * 32)}, "starts from is gone"), ({"model": "c" * 64}, "model of this recipe")],
    ids=["source", "model"],
)
def test_what_is_gone_is_told(maker: Maker, engines: Engines, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        list(maker.make(Job(replace(recipe_of(), **changes), {})))
    assert caught.value.hint
    assert not any(engine.jobs for engine in engines.made)


# ---------------------------------------------------------------- engines


def test_a_lora_that_is_gone_is_told_by_its_name(maker: Maker) -> None:
    with pytest.raises(UserError, match="The LoRA ink is not here"):
        maker.do(Job(Checkup(starter().id, "f" * 64, "ink"), {}))


def test_one_engine_serves_while_the_wishes_stay(maker: Maker, engines: Engines) -> None:
    for seed in (1, 2):
        list(maker.make(job(seed)))
    assert engines.asked == [(None, None)]
    assert len(engines.made[0].jobs) == 2


def test_other_wishes_get_another_engine_and_the_old_one_is_closed(maker: Maker, engines: Engines) -> None:
    list(maker.make(job()))
    engines.wishes = ("cuda:1", "float16")
    assert isinstance(list(maker.make(job()))[-1], Finished)
    assert engines.asked == [(None, None), ("cuda:1", "float16")]
    assert [engine.closed for engine in engines.made] == [True, False]


def test_after_an_engine_that_cannot_be_made_the_old_wishes_get_a_new_one(
    make_maker: MakeMaker, engines: Engines
) -> None:
    def make_engine(device: str | None, precision: str | None) -> FakeEngine:
        if device:
            raise UserError(f"There is no {device}.")
        return engines(device, precision)

    maker = make_maker(make_engine)
    list(maker.make(job()))
    engines.wishes = ("cuda:7", "")
    with pytest.raises(UserError, match="no cuda:7"):
        list(maker.make(job()))
    engines.wishes = ("", "")
    assert isinstance(list(maker.make(job()))[-1], Finished)
    assert [engine.closed for engine in engines.made] == [True, False]


def test_warming_up_makes_the_engine_and_tells_its_devices(maker: Maker, engines: Engines) -> None:
    assert maker.devices() == {}
    assert list(maker.warm_up()) == []
    assert engines.made[0].warm
    assert maker.devices() == DEVICES
    list(maker.make(job()))
    assert len(engines.made) == 1


# ---------------------------------------------------------------- stopping


def test_a_job_that_is_cancelled_before_its_turn_never_reaches_the_engine(maker: Maker, engines: Engines) -> None:
    wanted = job()
    maker.cancel(wanted.id)
    assert list(maker.make(wanted)) == [Cancelled()]
    assert engines.made[0].jobs == []
    assert isinstance(list(maker.make(job()))[-1], Finished)


def test_a_job_that_is_cancelled_on_its_way_makes_no_picture(maker: Maker, library: Library) -> None:
    wanted = job()
    events = maker.make(wanted)
    assert next(events) == Started()
    maker.cancel(wanted.id)
    assert list(events) == [Cancelled()]
    assert library.recent(1) == []


def test_cancelling_another_job_does_not_disturb(maker: Maker, engines: Engines) -> None:
    wanted, other = job(1), job(2)
    events = maker.make(wanted)
    next(events)
    maker.cancel(other.id)
    assert isinstance(list(events)[-1], Finished)
    assert list(maker.make(other)) == [Cancelled()]


def test_the_second_cancelling_reaches_the_engine_too(make_maker: MakeMaker) -> None:
    class Counting(FakeEngine):
        cancelled = 0

        def cancel(self, job_id: str) -> None:
            self.cancelled += 1

    engine = Counting()
    maker, wanted = make_maker(lambda device, precision: engine), job()
    events = maker.make(wanted)
    next(events)
    maker.cancel(wanted.id)
    maker.cancel(wanted.id)
    assert engine.cancelled == 2
    list(events)


def test_stopped_on_its_way_it_ends_at_once(maker: Maker, engines: Engines) -> None:
    events = maker.make(job())
    next(events)
    maker.stop()
    assert list(events) == [Cancelled()]
    assert engines.made[0].closed


def test_after_stopping_nothing_begins(maker: Maker, engines: Engines) -> None:
    list(maker.warm_up())
    maker.stop()
    assert list(maker.make(job())) == [Cancelled()]
    assert engines.made[0].jobs == []


def test_stopped_before_there_is_an_engine_it_warms_none_up(maker: Maker, engines: Engines) -> None:
    maker.stop()
    assert list(maker.warm_up()) == []
    assert not engines.made[0].warm
    maker.stop()  # as the studio does it, once the lane has ended
    assert engines.made[0].closed


@pytest.mark.parametrize("task", ["warm_up", "make"])
def test_stopped_while_the_engine_is_made_none_is_left_open(make_maker: MakeMaker, engines: Engines, task: str) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def make_engine(device: str | None, precision: str | None) -> FakeEngine:
        asked.set()
        assert go_on.wait(10)
        return engines(device, precision)

    maker, told = make_maker(make_engine), []
    work = maker.warm_up if task == "warm_up" else lambda: maker.make(job())
    lane = threading.Thread(target=lambda: told.extend(work()))
    lane.start()
    assert asked.wait(10)
    maker.stop()
    go_on.set()
    lane.join()
    maker.stop()
    [engine] = engines.made
    assert engine.closed
    assert not engine.warm
    assert (engine.jobs, told) == ([], [Cancelled()] if task == "make" else [])
