"""Jobs for tests of the engines, and what to look for in their events."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from desktop.engine.api import Engine, Event, Job, Produced, Progress
from desktop.models.identify import identify
from desktop.paths import STARTER
from desktop.raster import Raster
from desktop.recipe import Recipe


def job(folder: Path = STARTER, inputs: tuple[Raster, ...] = (), **changes: Any) -> Job:
    """A small, quick job."""
    model = identify(folder)
    options: dict[str, Any] = {
        "prompt": "a house with a red roof",
        "width": 64,
        "height": 64,
        "steps": 4,
        "guidance": 3.0,
        "sampler": "flow_euler" if model.family.flow else "euler",
        "seed": 1,
    }
    recipe = Recipe(model=model.id, **(options | changes))
    return Job(recipe, {model.id: model.path}, {picture.sha256: picture for picture in inputs})


def picture(events: list[Event]) -> Raster:
    """The picture among a job's events."""
    found = [event.picture for event in events if isinstance(event, Produced)]
    assert len(found) == 1, events[-1]
    return found[0]


def steps(events: list[Event], note: str) -> list[int]:
    """How far it was, each time that was told."""
    return [event.step for event in events if isinstance(event, Progress) and event.note == note]


def wait_for_devices(engine: Engine, seconds: float = 60) -> None:
    """Until a warm engine is ready."""
    end = time.monotonic() + seconds
    while not engine.devices():
        assert time.monotonic() < end
        time.sleep(0.05)
