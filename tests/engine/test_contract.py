"""What holds for every engine."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from desktop.app import ENGINES, make_engine
from desktop.engine.api import Cancelled, Engine, Failed, Finished, Job, Last, Preview, Produced, Progress, Started
from desktop.paths import STARTER
from desktop.raster import Raster
from desktop.recipe import Recipe, Source
from tests.engine.jobs import job, picture, steps, wait_for_devices


@pytest.mark.parametrize("family", ["sd15", "sd2", "sdxl", "sd3", "starter"])
def test_text_to_image(engine: Engine, models: dict[str, Path], family: str) -> None:
    asked = job(models.get(family, STARTER), width=80, height=96)
    events = list(engine.run(asked))
    assert isinstance(events[0], Started)
    assert [isinstance(event, Last) for event in events] == [False] * (len(events) - 1) + [True]
    assert isinstance(events[-1], Finished)
    assert set(events[-1].seconds) == {"load", "encode", "denoise", "decode"}
    assert events[-1].peak_bytes > 0
    made = picture(events)
    assert (made.width, made.height) == (80, 96)
    assert made.pixels.std() > 0
    assert steps(events, "denoising") == [1, 2, 3, 4]


@pytest.mark.parametrize("family", ["sd15", "sd2", "sdxl", "sd3", "starter"])
def test_image_to_image(engine: Engine, models: dict[str, Path], family: str) -> None:
    source = Raster(np.full((64, 80, 3), 200, np.uint8))
    asked = job(models.get(family, STARTER), (source,), width=80, height=64, source=Source(source.sha256, 0.5))
    events = list(engine.run(asked))
    assert (picture(events).width, picture(events).height) == (80, 64)
    assert steps(events, "denoising") == [1, 2]


def test_the_weaker_the_closer_to_the_source(engine: Engine) -> None:
    gradient = np.linspace(0, 255, 64, dtype=np.uint8)
    source = Raster(np.dstack([np.tile(gradient, (64, 1))] * 3))

    def distance(strength: float) -> float:
        asked = job(inputs=(source,), steps=10, source=Source(source.sha256, strength))
        made = picture(list(engine.run(asked)))
        return float(np.abs(made.pixels.astype(int) - source.pixels).mean())

    assert distance(0.001) < distance(0.5) < distance(1.0)


def test_previews_come_before_the_picture_and_grow_like_it(engine: Engine) -> None:
    events = list(engine.run(job(width=128, height=128, steps=8)))
    previews = [event for event in events if isinstance(event, Preview)]
    final = picture(events)
    assert [preview.step for preview in previews] == sorted({preview.step for preview in previews})
    assert previews
    assert events.index(previews[-1]) < next(i for i, event in enumerate(events) if isinstance(event, Produced))
    assert max(max(preview.picture.width, preview.picture.height) for preview in previews) <= 512

    def difference(preview: Preview) -> float:
        return float(np.abs(preview.picture.resize(128, 128).pixels.astype(int) - final.pixels).mean())

    assert difference(previews[-1]) < 20
    assert difference(previews[-1]) < difference(previews[0])


def test_same_recipe_same_bits(engine: Engine) -> None:
    first, second, other = (picture(list(engine.run(job(seed=seed)))) for seed in (2**64 - 1, 2**64 - 1, 2**64 - 2))
    assert first == second
    assert first != other


def test_a_failure_carries_a_hint_and_the_next_job_works(engine: Engine) -> None:
    events = list(engine.run(job(sampler="flow_euler")))
    assert isinstance(events[-1], Failed)
    assert "Flow Euler" in events[-1].message
    assert events[-1].hint
    assert not events[-1].trace
    assert isinstance(list(engine.run(job()))[-1], Finished)


def test_a_model_that_is_gone_is_told(engine: Engine, tmp_path: Path) -> None:
    asked = job()
    nowhere = Recipe(**{**vars(asked.work), "model": "f" * 64})
    last = list(engine.run(Job(nowhere, {"f" * 64: tmp_path / "gone"})))[-1]
    assert isinstance(last, Failed)
    assert "gone" in last.message


@pytest.mark.parametrize("step", range(1, 5))
def test_cancel_at_every_step(engine: Engine, step: int) -> None:
    asked = job()
    events = []
    for event in engine.run(asked):
        events.append(event)
        if isinstance(event, Progress) and event.note == "denoising" and event.step == step:
            engine.cancel(asked.id)
    if isinstance(events[-1], Cancelled):
        assert not any(isinstance(event, Produced) for event in events)
    else:  # the cancel came when the picture was done
        assert step == 4
        assert isinstance(events[-1], Finished)
    assert max(steps(events, "denoising")) <= step + 1


def test_cancel_before_the_first_event(engine: Engine) -> None:
    asked = job()
    stream = engine.run(asked)
    engine.cancel(asked.id)
    events = list(stream)
    assert isinstance(events[-1], Cancelled)
    assert not any(isinstance(event, Progress) and event.step for event in events)


def test_loading_tells_how_far_it_is(engine: Engine, unheld: Path) -> None:
    events = list(engine.run(job(unheld)))
    told = steps(events, "loading model")
    assert told[0] == 0
    assert told[-1] == 100
    assert told == sorted(told)
    assert len(set(told)) > 3  # of the three parts that hold weights each more than once
    notes = [event.note for event in events if isinstance(event, Progress)]
    assert notes.index("denoising") == len(told)
    assert not steps(list(engine.run(job(unheld))), "loading model")


def test_cancel_while_loading(engine: Engine, unheld: Path) -> None:
    asked = job(unheld, steps=500)
    events = []
    for event in engine.run(asked):
        events.append(event)
        if event == Progress(0, 100, "loading model"):
            engine.cancel(asked.id)
    assert isinstance(events[-1], Cancelled)
    assert isinstance(list(engine.run(job(unheld)))[-1], Finished)


def test_leaving_early_cancels(engine: Engine) -> None:
    stream = engine.run(job(steps=500))
    assert isinstance(next(stream), Started)
    stream.close()
    assert picture(list(engine.run(job(seed=3)))) == picture(list(engine.run(job(seed=3))))


def test_cancel_of_an_unknown_or_ended_job_does_nothing(engine: Engine) -> None:
    asked = job()
    list(engine.run(asked))
    engine.cancel(asked.id)
    engine.cancel("no such job")
    assert isinstance(list(engine.run(job()))[-1], Finished)


def test_two_consumers_get_their_own_events(engine: Engine) -> None:
    results: dict[int, Raster] = {}

    def consume(seed: int) -> None:
        results[seed] = picture(list(engine.run(job(seed=seed))))

    threads = [threading.Thread(target=consume, args=(seed,)) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results[1] == picture(list(engine.run(job(seed=1))))
    assert results[2] == picture(list(engine.run(job(seed=2))))


@pytest.mark.parametrize("kind", ENGINES)
def test_a_warm_engine_begins_at_once(kind: str) -> None:
    with closing(make_engine(kind, "cpu")) as engine:
        engine.warm_up()
        wait_for_devices(engine)
        first, *_ = engine.run(job())
    assert isinstance(first, Started)


def test_the_devices_are_named(engine: Engine) -> None:
    events = list(engine.run(job()))
    made = next(event.made for event in events if isinstance(event, Produced))
    assert engine.devices()["cpu"].startswith(f"{made['device']}, ")


@pytest.mark.parametrize("kind", ENGINES)
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_precision_is_the_one_asked_for(kind: str, precision: str) -> None:
    with closing(make_engine(kind, "cpu", precision)) as engine:
        events = list(engine.run(job()))
    made = next(event.made for event in events if isinstance(event, Produced))
    assert made["dtype"] == precision
