"""Run: one job on its way through the engine."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic

from desktop.engine.api import Event, Finished, Job, W
from desktop.engine.memory import Device


class Stopped(Exception):
    """The user wants no more of this job."""


class Run(Generic[W]):
    """A job, its events on their way to the consumer, and its clock. `stop` may be set from any thread."""

    def __init__(self, job: Job[W]):
        self.job = job
        self.stop = threading.Event()
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.seconds: dict[str, float] = {}
        self.peak_bytes = 0
        self.fallbacks: list[str] = []  # what had to be done otherwise, for `made`

    def check(self) -> None:
        """Raises Stopped once the job is cancelled; called often enough that cancelling takes well under a step."""
        if self.stop.is_set():
            raise Stopped

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        self.check()
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start

    def measure(self, device: Device) -> None:
        self.peak_bytes = max(self.peak_bytes, device.held_bytes())

    def finished(self) -> Finished:
        return Finished(dict(self.seconds), self.peak_bytes)
