"""The child of ProcessEngine: a LocalEngine that listens to its parent, and ends with it."""

from __future__ import annotations

import os
import queue
import signal
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from desktop import logs
from desktop.engine.api import Engine, Job, Work


@dataclass(frozen=True)
class Ready:
    """What a child says first, once torch is there."""

    devices: Mapping[str, str]


def serve(
    jobs: Connection, events: Connection, device: str | None, precision: str | None, log: Path | None = None
) -> None:
    """Runs jobs in the main thread while another listens for cancels, and for the parent's death.

    `log`: where the last words of this process go.
    """
    logs.give_streams()
    if log:
        logs.keep_last_words(log)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's business
    waiting: queue.SimpleQueue[Job[Work]] = queue.SimpleQueue()
    cancels = _Cancels()
    threading.Thread(target=_listen, args=(jobs, waiting, cancels), name="control", daemon=True).start()
    engine = _engine(device, precision)
    events.send(Ready(engine.devices()))
    while True:
        job = waiting.get()
        stream = engine.run(job)
        cancels.point_at(engine, job.id)
        for event in stream:
            events.send((job.id, event))


def _engine(device: str | None, precision: str | None) -> Engine:
    from tqdm import tqdm

    tqdm.set_lock(threading.RLock())  # its own is a system-wide semaphore, which a killed child would leave behind

    from desktop.engine.local import LocalEngine  # imports torch, seconds long

    return LocalEngine(device, precision)


class _Cancels:
    """Cancels that may come before their job, or before there is an engine."""

    def __init__(self) -> None:
        self._asked: set[str] = set()
        self._engine: Engine | None = None
        self._lock = threading.Lock()

    def add(self, job_id: str) -> None:
        with self._lock:
            self._asked.add(job_id)
            if self._engine:
                self._engine.cancel(job_id)

    def point_at(self, engine: Engine, job_id: str) -> None:
        with self._lock:
            self._engine = engine
            if job_id in self._asked:
                engine.cancel(job_id)


def _listen(jobs: Connection, waiting: queue.SimpleQueue[Job[Work]], cancels: _Cancels) -> None:
    while True:
        try:
            message = jobs.recv()
        except (EOFError, OSError):
            os._exit(0)  # the parent is gone; whatever step is running, nobody wants it
        if isinstance(message, Job):
            waiting.put(message)
        else:
            cancels.add(message)
