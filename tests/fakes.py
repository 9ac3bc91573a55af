"""An engine without models, for tests of what is around it."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable, Mapping
from typing import Any

import numpy as np

from desktop.engine.api import Cancelled, Event, Failed, Finished, Job, Last, Preview, Produced, Progress, Started
from desktop.raster import Raster
from desktop.recipe import Recipe

DEVICES = {"cuda:0": "A large card, 8.0 GB free", "cpu": "A small processor, 16.0 GB free"}
MADE = {"model": "fake", "device": "none"}


class FakeEngine:
    """Tells events as the real ones do, each one when it may.

    Free, it runs through. Held by `hold()`, it waits before each event for `let(n)`. `script` says what is told instead
    of an ordinary run, whatever job it is; `failures` is how many jobs fail before one goes well.
    """

    def __init__(self, script: Iterable[Event] | None = None, failures: int = 0):
        self.jobs: list[Job] = []
        self.warm = False
        self.closed = False
        self.script = script
        self.failures = failures
        self._held = False
        self._may = threading.Semaphore(0)
        self._cancelled: set[str] = set()

    def hold(self) -> None:
        self._held = True

    def let(self, events: int) -> None:
        """So many further events."""
        self._may.release(events)

    def free(self) -> None:
        self._held = False
        self._may.release(10_000)

    def run(self, job: Job[Any]) -> Generator[Event]:
        if not isinstance(job.work, Recipe):  # work beside pictures
            yield Finished({}, 0)
            return
        self.jobs.append(job)
        for event in self._events(job):
            if self._held:
                self._may.acquire()
            if job.id in self._cancelled or self.closed:
                yield Cancelled()
                return
            yield event
            if isinstance(event, Last):
                return
        while job.id not in self._cancelled and not self.closed:  # a script without an end goes on for ever
            self._may.acquire()
        yield Cancelled()

    def cancel(self, job_id: str) -> None:
        self._cancelled.add(job_id)
        self._may.release()

    def close(self) -> None:
        self.closed = True
        self.free()

    def warm_up(self) -> None:
        self.warm = True

    def devices(self) -> Mapping[str, str]:
        return DEVICES if self.warm else {}

    def _events(self, job: Job) -> Iterable[Event]:
        if self.failures:
            self.failures -= 1
            return [Started(), Failed("The engine was killed by SIGKILL.", "Try again; the engine starts anew.")]
        return self.script if self.script is not None else ordinary(job.work)


def ordinary(recipe: Recipe) -> list[Event]:
    """What a run tells that goes well."""
    steps = [
        event
        for step in range(1, recipe.steps + 1)
        for event in (Progress(step, recipe.steps, "denoising"), Preview(painted(recipe, share=4), step))
    ]
    return [
        Started(),
        Progress(0, 100, "loading model"),
        Progress(100, 100, "loading model"),
        *steps,
        Progress(recipe.steps, recipe.steps, "decoding"),
        Produced(painted(recipe), recipe, MADE),
        Finished({"load": 0.1, "denoise": 0.5}, 1_000_000),
    ]


def painted(recipe: Recipe, share: int = 1) -> Raster:
    """A plain picture in a colour that depends on the seed; `share` 4: a quarter of the side."""
    color = np.random.default_rng(recipe.seed).integers(0, 256, 3, dtype=np.uint8)
    return Raster(np.broadcast_to(color, (recipe.height // share, recipe.width // share, 3)).copy())
