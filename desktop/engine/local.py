"""The engine in this process: joins diffusers, which pushes, and the consumer, who pulls, by one thread and a queue."""

from __future__ import annotations

import queue
import threading
import traceback
from collections.abc import Callable, Generator, Mapping
from functools import cached_property
from typing import Any

from desktop.engine import memory, vision  # noqa: F401 before all that would stumble over a broken torchvision
from desktop.engine.api import Cancelled, Checkup, Conversion, Event, Failed, Job, Last, Release, Started, Work
from desktop.engine.loras.doctor import check_up
from desktop.engine.pipelines import Pipelines
from desktop.engine.render import render
from desktop.engine.run import Run, Stopped
from desktop.engine.unsafe import convert
from desktop.errors import UserError
from desktop.recipe import Recipe

WORKERS: dict[type, Callable[[Run[Any], Pipelines], None]] = {
    Recipe: render,
    Conversion: convert,
    Checkup: check_up,
    Release: lambda _, pipelines: pipelines.drop_all(),
}


class LocalEngine:
    """Runs jobs in a thread that lives as long as the engine.

    `device`: "cpu", "cuda:1", ...; `precision`: one of PRECISIONS. None chooses the best.
    """

    def __init__(self, device: str | None = None, precision: str | None = None):
        self._device = device
        self._precision = precision
        self._queue: queue.SimpleQueue[Run[Work] | None] = queue.SimpleQueue()
        self._runs: dict[str, Run[Work]] = {}  # by job id, those that have not ended
        self._thread = threading.Thread(target=self._work, name="engine", daemon=True)
        self._thread.start()

    def warm_up(self) -> None:
        """Nothing is left to do: torch came with this module."""

    def devices(self) -> Mapping[str, str]:
        return self._devices

    def run(self, job: Job[Work]) -> Generator[Event]:
        run = self._runs[job.id] = Run(job)
        self._queue.put(run)
        return self._events(run)

    def _events(self, run: Run[Work]) -> Generator[Event]:
        try:
            while True:
                event = run.events.get()
                yield event
                if isinstance(event, Last):
                    return
        finally:
            run.stop.set()  # the consumer left early; no effect on a job that has ended

    def cancel(self, job_id: str) -> None:
        if run := self._runs.get(job_id):
            run.stop.set()

    def close(self) -> None:
        for run in list(self._runs.values()):
            run.stop.set()
        self._queue.put(None)
        self._thread.join()

    @cached_property
    def _devices(self) -> dict[str, str]:
        return memory.describe_devices()

    @cached_property
    def _pipelines(self) -> Pipelines:
        return Pipelines(memory.choose_device(self._device, self._precision))

    def _work(self) -> None:
        while run := self._queue.get():
            run.events.put(Started())
            last = self._outcome(run)
            del self._runs[run.job.id]
            run.events.put(last)

    def _outcome(self, run: Run[Work]) -> Last:
        try:
            run.check()
            WORKERS[type(run.job.work)](run, self._pipelines)
            return run.finished()
        except Stopped:
            return Cancelled()
        except UserError as error:
            return Failed(error.message, error.hint, lasting=True)
        except Exception as error:  # whatever happens in there, the engine lives on and the user is told
            if memory.is_out_of_memory(error):
                return self._out_of_memory(error)
            message = f"The engine failed: {type(error).__name__}: {error}"
            return Failed(message, "This is a bug; please report the details.", traceback.format_exc())

    def _out_of_memory(self, error: Exception) -> Failed:
        free = self._pipelines.device.free_bytes()  # before the models are dropped: what there was
        trace = traceback.format_exc()
        error.__traceback__ = None  # its frames hold the very tensors that are to go
        self._pipelines.drop_all()
        message = f"The memory of {self._pipelines.device.name} ran out: {free / 1e9:.1f} GB were free. {error}"
        return Failed(
            message, "Choose a smaller size or model, or close other programs. The engine is ready again.", trace
        )
