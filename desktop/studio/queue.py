"""Queue: which job runs now and which wait, in an order that people may change, and that survives the program."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial

from PySide6.QtCore import QObject, Signal

from desktop.engine.api import Cancelled, Event, Failed, Finished, Job, Last, Progress
from desktop.library.jobs import Jobs, StoredJob
from desktop.studio.pace import Pace
from desktop.studio.scene import Spot

Later = Callable[[Callable[[], object]], None]  # does something soon, in order, in another thread


class State(StrEnum):
    """Where a job is. Those that are done leave the queue."""

    WAITING = "waiting"
    RUNNING = "running"
    FAILED = "failed"


@dataclass(eq=False)
class Entry:
    """A job in the queue. `live`: of the moment, not stored, and gone as soon as a newer one comes.

    `spot`: where on the canvas its picture belongs, if it was asked for there.
    """

    job: Job
    spot: Spot | None = None
    state: State = State.WAITING
    live: bool = False
    progress: Progress | None = None
    failure: Failed | None = None
    cancelling: bool = False  # people do not want it any more
    superseded: bool = False  # by a newer live job
    pace: Pace = field(default_factory=Pace)

    @property
    def id(self) -> str:
        return self.job.id


class Queue(QObject):
    """Jobs, the running one first. It decides what is next; whoever runs it listens to `due` and reports by `take`."""

    changed = Signal()  # which jobs there are, in which order or state
    progressed = Signal(object)  # Entry
    due = Signal(object)  # Job: to be run now
    unwanted = Signal(str)  # id of the running job: to be stopped

    def __init__(self, jobs: Jobs, later: Later, parent: QObject | None = None):
        super().__init__(parent)
        self.entries: list[Entry] = []
        self._jobs = jobs
        self._later = later
        self._paused = False
        self._places = 0.0

    # ------------------------------------------------------------ what it holds

    @property
    def running(self) -> Entry | None:
        return next((entry for entry in self.entries if entry.state is State.RUNNING), None)

    @property
    def waiting(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.state is State.WAITING]

    @property
    def failed(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.state is State.FAILED]

    def find(self, job_id: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.id == job_id), None)

    @property
    def paused(self) -> bool:
        """While it is, the running job goes on, and no other begins."""
        return self._paused

    @paused.setter
    def paused(self, paused: bool) -> None:
        self._paused = paused
        self._settle()

    # ------------------------------------------------------------ what people do

    def submit(self, jobs: Iterable[Job], spot: Spot | None = None) -> None:
        for job in jobs:
            self.entries.append(Entry(job, spot))
            self._store(self.entries[-1])
        self._settle()

    def submit_live(self, job: Job, spot: Spot | None = None) -> None:
        """It goes first, and takes the place of an earlier live job, also of a running one."""
        if (running := self.running) and running.live and not (running.cancelling or running.superseded):
            running.superseded = True
            self.unwanted.emit(running.id)
        self.entries = [entry for entry in self.entries if not (entry.live and entry.state is State.WAITING)]
        self._insert_first(Entry(job, spot, live=True))
        self._settle()

    def restore(self, stored: Iterable[StoredJob]) -> None:
        """The jobs of the last time, paused, so that people decide whether they go on."""
        for each in stored:
            entry = Entry(Job(each.recipe, {}, id=each.id))
            if each.state == State.FAILED:
                entry.state, entry.failure = State.FAILED, Failed(each.reason, "")
            self.entries.append(entry)
            self._store(entry)
        self._paused = bool(self.waiting)
        self._settle()

    def cancel(self, job_id: str) -> None:
        """A waiting or failed job goes at once; a running one as soon as it has stopped, a second time by force."""
        entry = self.find(job_id)
        if entry is None:
            return
        if entry.state is State.RUNNING:
            asked_already = entry.superseded and not entry.cancelling  # a second time would be by force
            entry.cancelling = True
            if not asked_already:
                self.unwanted.emit(job_id)
        else:
            self._drop(entry)
        self._settle()

    def cancel_all(self) -> None:
        for entry in list(self.entries):
            self.cancel(entry.id)

    def retry(self, job_id: str) -> None:
        """A failed job waits again, before the others."""
        entry = self.find(job_id)
        if entry and entry.state is State.FAILED:
            self.entries.remove(entry)
            self._insert_first(Entry(entry.job, entry.spot))
            self._store(self.find(job_id))
            self._store_order()
            self._settle()

    def move(self, job_id: str, to: int) -> None:
        """To that place among the waiting jobs, 0 being next."""
        entry = self.find(job_id)
        if entry and entry.state is State.WAITING:
            others = [each for each in self.waiting if each is not entry]
            others.insert(to, entry)
            self.entries = [each for each in self.entries if each.state is not State.WAITING] + others
            self._store_order()
            self._settle()

    # ------------------------------------------------------------ what happens to the running job

    def take(self, job_id: str, event: Event) -> None:
        """An event of the running job."""
        entry = self.find(job_id)
        if entry is None:
            return
        if isinstance(event, Progress):
            entry.progress = event
            entry.pace.take(event, time.monotonic())
            self.progressed.emit(entry)
        if isinstance(event, Last):
            self._end(entry, event)

    def _end(self, entry: Entry, event: Last) -> None:
        match event:
            case Failed() if not entry.live and not entry.cancelling:
                entry.state, entry.failure, entry.progress = State.FAILED, event, None
                self._store(entry)
            case Failed() | Finished() | Cancelled():
                self._drop(entry)
        self._settle()

    # ------------------------------------------------------------ inside

    def _settle(self) -> None:
        """Begins the next job if it is time, and tells that something has changed."""
        due = None
        if not self._paused and self.running is None and (waiting := self.waiting):
            due = waiting[0]
            due.state = State.RUNNING
            self.entries.remove(due)
            self.entries.insert(0, due)
            self._store(due)
        self.changed.emit()
        if due:
            self.due.emit(due.job)

    def _insert_first(self, entry: Entry) -> None:
        self.entries.insert(1 if self.running else 0, entry)

    def _drop(self, entry: Entry) -> None:
        self.entries.remove(entry)
        if not entry.live:
            self._later(partial(self._jobs.remove, entry.id))

    def _store(self, entry: Entry | None) -> None:
        if entry is None or entry.live:
            return
        self._places += 1
        reason = entry.failure.message if entry.failure else ""
        self._later(
            partial(self._jobs.put, entry.id, entry.job.work, state=entry.state, reason=reason, place=self._places)
        )

    def _store_order(self) -> None:
        self._later(partial(self._jobs.reorder, [entry.id for entry in self.entries if not entry.live]))
