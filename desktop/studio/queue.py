"""Queue: which job runs now and which wait, in an order that people may change, and that survives the program."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial

from PySide6.QtCore import QObject, Signal

from desktop.engine.api import Cancelled, Event, Failed, Finished, Job, Last, Progress
from desktop.library.jobs import MOST_DONE, Cell, Jobs, StoredJob
from desktop.studio.pace import Pace
from desktop.studio.scene import Spot

Later = Callable[[Callable[[], object]], None]  # does something soon, in order, in another thread


class State(StrEnum):
    """Where a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    FAILED = "failed"
    DONE = "done"


@dataclass(eq=False)
class Entry:
    """A job in the queue. `live`: of the moment, and gone as soon as a newer one comes.

    `spot`: where on the canvas its picture belongs, if it was asked for there. `cell`: where on a sheet.
    """

    job: Job
    spot: Spot | None = None
    state: State = State.WAITING
    live: bool = False
    stored: bool = True  # on disk, until it has left the queue
    cell: Cell | None = None
    progress: Progress | None = None
    failure: Failed | None = None
    ended: float | None = None  # when it was done: seconds since 1970
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
        self.entries: list[Entry] = []  # all but those that are done
        self.done: list[Entry] = []  # the newest first
        self.edited: Entry | None = None  # waits until people have made up their minds about it
        self._ids: dict[str, Entry] = {}  # of `entries`
        self._shelf = _Shelf(jobs, later)
        self._paused = False

    # ------------------------------------------------------------ what it holds

    @property
    def running(self) -> Entry | None:
        first = self.entries[0] if self.entries else None
        return first if first and first.state is State.RUNNING else None

    @property
    def waiting(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.state is State.WAITING]

    @property
    def failed(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.state is State.FAILED]

    def find(self, job_id: str) -> Entry | None:
        """Unless it is done."""
        return self._ids.get(job_id)

    @property
    def paused(self) -> bool:
        """While it is, the running job goes on, and no other begins."""
        return self._paused

    @paused.setter
    def paused(self, paused: bool) -> None:
        self._paused = paused
        self._settle()

    # ------------------------------------------------------------ what people do

    def submit(
        self, jobs: Iterable[Job], spot: Spot | None = None, *, stored: bool = True, cells: Iterable[Cell] = ()
    ) -> None:
        """At the end; of `cells` one a job, if they are a sheet's. Of what is not `stored`, nothing is written."""
        if cells:
            entries = [Entry(job, spot, stored=stored, cell=cell) for job, cell in zip(jobs, cells, strict=True)]
        else:
            entries = [Entry(job, spot, stored=stored) for job in jobs]
        self._insert(len(self.entries), entries)
        self._shelf.put(entries)
        self._settle()

    def submit_live(self, job: Job, spot: Spot | None = None) -> None:
        """It goes first, and takes the place of an earlier live job, also of a running one."""
        if (running := self.running) and running.live and not (running.cancelling or running.superseded):
            running.superseded = True
            self.unwanted.emit(running.id)
        self._take_out([entry for entry in self.waiting if entry.live])
        self._insert(self._front, [Entry(job, spot, live=True, stored=False)])
        self._settle()

    def restore(self, stored: Iterable[StoredJob]) -> None:
        """The jobs of the last time, paused, so that people decide whether they go on."""
        entries = [_restored(each) for each in stored]
        self.done += [entry for entry in entries if entry.state is State.DONE]
        self._insert(len(self.entries), [entry for entry in entries if entry.state is not State.DONE])
        self._shelf.put(self.entries)
        self._paused = bool(self.waiting)
        self._settle()

    def cancel(self, *job_ids: str) -> None:
        """Waiting and failed jobs go at once; a running one as soon as it has stopped, a second time by force."""
        entries = [entry for job_id in job_ids if (entry := self.find(job_id))]
        if not entries:
            return
        for entry in entries:
            if entry.state is State.RUNNING:
                asked_already = entry.superseded and not entry.cancelling  # a second time would be by force
                entry.cancelling = True
                if not asked_already:
                    self.unwanted.emit(entry.id)
        self._drop([entry for entry in entries if entry.state is not State.RUNNING])
        self._settle()

    def cancel_all(self) -> None:
        self.cancel(*self._ids)

    def clear_done(self) -> None:
        self.done.clear()
        self._shelf.clear_done()
        self._settle()

    def retry(self, job_id: str) -> None:
        """A failed job waits again, before the others."""
        entry = self.find(job_id)
        if entry and entry.state is State.FAILED:
            again = Entry(entry.job, entry.spot, stored=entry.stored, cell=entry.cell)
            self._take_out([entry])
            self._insert(self._front, [again])
            self._shelf.put([again])
            self._shelf.order(self.entries)
            self._settle()

    def move(self, job_id: str, to: int) -> None:
        """To that place among the waiting jobs, 0 being next."""
        entry = self.find(job_id)
        if entry and entry.state is State.WAITING:
            others = [each for each in self.waiting if each is not entry]
            others.insert(to, entry)
            self.entries = [each for each in self.entries if each.state is not State.WAITING] + others
            self._shelf.order(self.entries)
            self._settle()

    def edit(self, job_id: str) -> None:
        """A waiting job is held back until it is replaced, or left as it was. One of a sheet stays as it is."""
        entry = self.find(job_id)
        if entry and entry.state is State.WAITING and not entry.cell:
            self.edited = entry
            self._settle()

    def leave_edited(self) -> None:
        self.edited = None
        self._settle()

    def replace_edited(self, jobs: Iterable[Job], spot: Spot | None = None, *, stored: bool = True) -> None:
        """With these, in its place; at the end of the queue where it has gone meanwhile."""
        old = self.edited
        if old is None:
            self.submit(jobs, spot, stored=stored)
            return
        entries = [Entry(job, spot, stored=stored) for job in jobs]
        self._insert(self.entries.index(old), entries)
        self._take_out([old])
        self._shelf.put(entries, instead_of=[old])
        self._shelf.order(self.entries)
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
            self._settle()

    def _end(self, entry: Entry, event: Last) -> None:
        if isinstance(event, Cancelled) or entry.live or entry.cancelling:
            self._drop([entry])
        elif isinstance(event, Failed):
            entry.state, entry.failure, entry.progress = State.FAILED, event, None
            self._shelf.put([entry])
        elif isinstance(event, Finished):
            self._take_out([entry])
            entry.state, entry.ended, entry.job = State.DONE, time.time(), replace(entry.job, inputs={})
            self.done = [entry, *self.done][:MOST_DONE]
            self._shelf.end(entry)

    # ------------------------------------------------------------ inside

    @property
    def _front(self) -> int:
        return 1 if self.running else 0

    def _settle(self) -> None:
        """Begins the next job if it is time, and tells that something has changed."""
        due = None
        if not self._paused and self.running is None:
            due = next((each for each in self.entries if each.state is State.WAITING and each is not self.edited), None)
        if due:
            due.state = State.RUNNING
            self.entries.remove(due)
            self.entries.insert(0, due)
            self._shelf.put([due])
        self.changed.emit()
        if due:
            self.due.emit(due.job)

    def _insert(self, place: int, entries: Sequence[Entry]) -> None:
        self.entries[place:place] = entries
        self._ids.update((entry.id, entry) for entry in entries)

    def _take_out(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            del self._ids[entry.id]
        if self.edited in entries:
            self.edited = None
        self.entries = [entry for entry in self.entries if entry.id in self._ids]

    def _drop(self, entries: Sequence[Entry]) -> None:
        self._take_out(entries)
        self._shelf.remove(entries)


class _Shelf:
    """Where the entries are kept, but for those that are not to be."""

    def __init__(self, jobs: Jobs, later: Later):
        self._jobs, self._later = jobs, later
        self._places = 0.0

    def put(self, entries: Iterable[Entry], instead_of: Iterable[Entry] = ()) -> None:
        """Behind all that were put before."""
        kept = [_stored(entry) for entry in entries if entry.stored]
        gone = [entry.id for entry in instead_of if entry.stored]
        if kept or gone:
            self._later(partial(self._jobs.put, kept, place=self._places + 1, instead_of=gone))
            self._places += len(kept)

    def remove(self, entries: Iterable[Entry]) -> None:
        if gone := [entry.id for entry in entries if entry.stored]:
            self._later(partial(self._jobs.remove, gone))

    def order(self, entries: Iterable[Entry]) -> None:
        self._later(partial(self._jobs.reorder, [entry.id for entry in entries if entry.stored]))

    def end(self, entry: Entry) -> None:
        if entry.stored and entry.ended is not None:
            self._later(partial(self._jobs.end, entry.id, entry.ended))

    def clear_done(self) -> None:
        self._later(self._jobs.clear_done)


def _stored(entry: Entry) -> StoredJob:
    reason = entry.failure.message if entry.failure else ""
    return StoredJob(entry.id, entry.job.work, entry.state, reason, entry.ended, entry.cell)


def _restored(stored: StoredJob) -> Entry:
    entry = Entry(Job(stored.recipe, {}, id=stored.id), state=State(stored.state), ended=stored.ended, cell=stored.cell)
    if entry.state is State.FAILED:
        entry.failure = Failed(stored.reason, "")
    return entry
