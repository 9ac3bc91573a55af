"""The engine in a child process: a crash or an out-of-memory kill in there is an event here and nothing more."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import queue
import signal
import threading
import time
from collections.abc import Generator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from tqdm import tqdm

from desktop.engine.api import Cancelled, Engine, Event, Failed, Job, Last

PATIENCE = 15.0  # seconds that a cancelled job may take to answer before its process is killed


@dataclass(frozen=True)
class _Child:
    """A process with two pipes of its own: those of a dead one may hold half a message."""

    process: BaseProcess
    jobs: Connection  # Job, or the id of a job to cancel; its end ends the child
    events: Connection  # (job id, Event)

    @staticmethod
    def start(device: str | None) -> _Child:
        spawn = multiprocessing.get_context("spawn")
        jobs_in, jobs_out = spawn.Pipe(duplex=False)
        events_in, events_out = spawn.Pipe(duplex=False)
        process = spawn.Process(target=_serve, args=(jobs_in, events_out, device), name="sfumato-engine", daemon=True)
        process.start()
        jobs_in.close()  # the child's ends: only so does one side see the other die
        events_out.close()
        return _Child(process, jobs_out, events_in)

    def send(self, message: Job | str) -> None:
        with contextlib.suppress(OSError):  # that a child is dead is noticed where its events are read
            self.jobs.send(message)

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.jobs.close()
        self.events.close()


class ProcessEngine:
    """Carries jobs to a LocalEngine in a child process, and its events back. The child starts with the first job."""

    def __init__(self, device: str | None = None):
        self._device = device
        self._child: _Child | None = None
        self._open: dict[str, float | None] = {}  # jobs that have not ended, and when each was cancelled
        self._turn = threading.Lock()  # one job at a time
        self._lock = threading.Lock()  # guards the child, the open jobs, and writing to the child

    def run(self, job: Job) -> Generator[Event]:
        with self._lock:
            self._open[job.id] = None
        return self._events(job)

    def cancel(self, job_id: str) -> None:
        """The first time politely; the second time the child is killed."""
        with self._lock:
            if job_id not in self._open:
                return
            again = self._open[job_id] is not None
            self._open[job_id] = time.monotonic()
            if self._child and again:
                self._child.process.kill()
            elif self._child:
                self._child.send(job_id)

    def close(self) -> None:
        with self._lock:
            self._open = {job_id: time.monotonic() for job_id in self._open}
            if self._child:
                self._child.process.kill()
        with self._turn:  # whoever read its events has seen their end
            self._drop_child()

    def _events(self, job: Job) -> Generator[Event]:
        ended = False
        with self._turn:
            try:
                last = yield from self._conversation(job)
                ended = True
            finally:
                if not ended:  # the consumer left early; what still comes of this job is skipped by the next
                    self.cancel(job.id)
                with self._lock:
                    del self._open[job.id]
        yield last

    def _conversation(self, job: Job) -> Generator[Event, None, Last]:
        used = self._hand_over(job)
        event = self._next(job.id)
        if used and self._child is None and isinstance(event, Failed):  # it had died before: this job has lost nothing
            self._hand_over(job)
            event = self._next(job.id)
        while not isinstance(event, Last):
            yield event
            event = self._next(job.id)
        return event

    def _hand_over(self, job: Job) -> bool:
        """Gives the job to the child, a new one if there is none; whether it has been used before."""
        with self._lock:
            used = self._child is not None
            if self._child is None:
                self._child = _Child.start(self._device)
            self._child.send(job)
            if self._open[job.id] is not None:
                self._child.send(job.id)
            return used

    def _next(self, job_id: str) -> Event:
        child = self._child
        assert child is not None
        while True:
            try:
                if child.events.poll(0.5):
                    sender, event = child.events.recv()
                    if sender == job_id:
                        return event
            except (EOFError, OSError, pickle.UnpicklingError):
                return self._death(job_id)
            asked = self._open[job_id]
            if asked is not None and time.monotonic() - asked > PATIENCE:
                child.process.kill()

    def _death(self, job_id: str) -> Last:
        with self._lock:
            code = self._drop_child()
            if self._open[job_id] is not None:
                return Cancelled()
        if code is not None and code < 0:
            reason = f"was killed by {signal.Signals(-code).name}"
            hint = "Most often its memory ran out: choose a smaller size or model. Try again; the engine starts anew."
        else:
            reason = f"stopped with exit code {code}"
            hint = "Try again; the engine starts anew. If it happens again, please report it."
        return Failed(f"The engine {reason}.", hint)

    def _drop_child(self) -> int | None:
        """The exit code of the child that is no more."""
        child, self._child = self._child, None
        if child is None:
            return None
        child.process.join(2)  # it may be about to end by itself, with a code that tells more
        child.end()
        code = child.process.exitcode
        child.process.close()
        return code


def _serve(jobs: Connection, events: Connection, device: str | None) -> None:
    """The child: runs jobs in the main thread while another listens for cancels, and for the parent's death."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's business
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch: spinning threads starve the window's process
    tqdm.set_lock(threading.RLock())  # its own is a system-wide semaphore, which a killed child would leave behind
    waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
    cancels = _Cancels()
    threading.Thread(target=_listen, args=(jobs, waiting, cancels), name="control", daemon=True).start()

    from desktop.engine.local import LocalEngine  # imports torch, seconds long

    engine = LocalEngine(device)
    while True:
        job = waiting.get()
        stream = engine.run(job)
        cancels.point_at(engine, job.id)
        for event in stream:
            events.send((job.id, event))


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


def _listen(jobs: Connection, waiting: queue.SimpleQueue[Job], cancels: _Cancels) -> None:
    while True:
        try:
            message = jobs.recv()
        except (EOFError, OSError):
            os._exit(0)  # the parent is gone; whatever step is running, nobody wants it
        if isinstance(message, Job):
            waiting.put(message)
        else:
            cancels.add(message)
