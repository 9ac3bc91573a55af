"""The engine in a child process: a crash or an out-of-memory kill in there is an event here and nothing more."""

from __future__ import annotations

import contextlib
import multiprocessing
import pickle
import signal
import threading
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from desktop import logs
from desktop.engine.api import Cancelled, Event, Failed, Job, Last, Progress, Warned, Work
from desktop.engine.child import Ready, serve
from desktop.logs import LOG

PATIENCE = 15.0  # seconds that a cancelled job may take to answer before its process is killed
TICK = 0.1  # seconds between two looks whether a job is cancelled
DEAD = (EOFError, OSError, pickle.UnpicklingError)  # what reading from a child raises that is no more
AGAIN = "Try again; the engine starts anew. If it happens again, please report it."
NO_MEMORY = "Most often its memory ran out: choose a smaller size or model. Try again; the engine starts anew."
REPLACED = "The engine had died while it had nothing to do. A new one takes its place."
STARTING = Progress(0, 1, "starting the engine")


@dataclass(eq=False)
class _Child:
    """A process with two pipes of its own: those of a dead one may hold half a message."""

    process: BaseProcess
    jobs: Connection  # Job, or the id of a job to cancel; its end ends the child
    events: Connection  # Ready, then (job id, Event)
    started: float = field(default_factory=time.monotonic)
    ready: bool = False

    @staticmethod
    def start(device: str | None, precision: str | None, log: Path | None) -> _Child:
        spawn = multiprocessing.get_context("spawn")
        jobs_in, jobs_out = spawn.Pipe(duplex=False)
        events_in, events_out = spawn.Pipe(duplex=False)
        arguments = (jobs_in, events_out, device, precision, log)
        process = spawn.Process(target=serve, args=arguments, name="sfumato-engine", daemon=True)
        process.start()
        jobs_in.close()  # the child's ends: only so does one side see the other die
        events_out.close()
        return _Child(process, jobs_out, events_in)

    def send(self, message: Job[Work] | str) -> None:
        with contextlib.suppress(OSError):  # that a child is dead is noticed where its events are read
            self.jobs.send(message)

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.jobs.close()
        self.events.close()


class ProcessEngine:
    """Carries jobs to a LocalEngine in a child process, and its events back.

    The child starts with `warm_up` or the first job. A job is told first if it has to wait for that. What a child says
    on standard error goes into the file `log`, where one is given, and is told when it dies.
    """

    def __init__(self, device: str | None = None, precision: str | None = None, log: Path | None = None):
        self._device = device
        self._precision = precision
        self._log = log
        self._devices: Mapping[str, str] = {}
        self._child: _Child | None = None
        self._closed = False
        self._open: dict[str, float | None] = {}  # jobs that have not ended, and when each was cancelled
        self._turn = threading.Lock()  # one job at a time; whoever has it may read from the child, and drop it
        self._lock = threading.Lock()  # guards the child, the open jobs, and writing to the child

    def warm_up(self) -> None:
        if self._lock.acquire(blocking=False):  # whoever holds it is at the child already, with a large job perhaps
            try:
                if not self._closed:
                    self._started_child()
            finally:
                self._lock.release()

    def devices(self) -> Mapping[str, str]:
        if self._turn.acquire(blocking=False):  # whoever holds it reads what the child says
            try:
                if self._child:
                    self._is_ready(self._child)
            finally:
                self._turn.release()
        return self._devices

    def run(self, job: Job[Work]) -> Generator[Event]:
        with self._lock:
            self._open[job.id] = time.monotonic() if self._closed else None
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
            self._closed = True
            self._open = {job_id: time.monotonic() for job_id in self._open}
            if self._child:
                self._child.process.kill()
        with self._turn:  # whoever read its events has seen their end
            self._drop_child()

    def _events(self, job: Job[Work]) -> Generator[Event]:
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

    def _conversation(self, job: Job[Work]) -> Generator[Event, None, Last]:
        used = self._child is not None
        event = yield from self._beginning(job)
        if used and self._child is None and isinstance(event, Failed):  # it had died before: this job has lost nothing
            yield Warned(REPLACED, event.trace)
            event = yield from self._beginning(job)
        while not isinstance(event, Last):
            yield event
            event = self._next(job.id)
        return event

    def _beginning(self, job: Job[Work]) -> Generator[Event, None, Event]:
        """Gives the job to the child, a new one if there is none; its first event."""
        with self._lock:
            if self._open[job.id] is not None:
                return Cancelled()
            child = self._started_child()
            child.send(job)
        if not self._is_ready(child):
            yield STARTING
        return self._next(job.id)

    def _started_child(self) -> _Child:
        if self._child is None:
            self._child = _Child.start(self._device, self._precision, self._log)
            LOG.info("the engine starts")
        return self._child

    def _is_ready(self, child: _Child) -> bool:
        if not child.ready:
            with contextlib.suppress(*DEAD):  # is noticed by the next job
                self._receive(child, 0)
        return child.ready

    def _receive(self, child: _Child, seconds: float) -> tuple[str, Event] | None:
        """A job's id and its next event, if one comes in that time. Raises DEAD."""
        if not child.events.poll(seconds):
            return None
        message = child.events.recv()
        if isinstance(message, Ready):
            child.ready, self._devices = True, message.devices
            return None
        return message

    def _next(self, job_id: str) -> Event:
        child = self._child
        assert child is not None
        while True:
            try:
                message = self._receive(child, TICK)
            except DEAD:
                return self._death(job_id)
            if message and message[0] == job_id:
                return message[1]
            asked = self._open[job_id]
            if asked is None:
                continue
            if time.monotonic() - (asked if child.ready else child.started) > PATIENCE:
                child.process.kill()
            elif not child.ready:  # it hears of the job and its end when it is
                return Cancelled()

    def _death(self, job_id: str) -> Last:
        with self._lock:
            code = self._drop_child()
            if self._open[job_id] is not None:
                return Cancelled()
        reason, hint = f"stopped with exit code {code}", AGAIN
        if code is not None and code < 0:
            reason = f"was killed by {(name := signal.Signals(-code).name)}"
            hint = NO_MEMORY if name == "SIGKILL" else AGAIN
        LOG.error("the engine %s", reason)
        return Failed(f"The engine {reason}.", hint, self._last_words(reason))

    def _last_words(self, reason: str) -> str:
        return f"The engine {reason}.\n{logs.tail(self._log)}".strip() if self._log else ""

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
