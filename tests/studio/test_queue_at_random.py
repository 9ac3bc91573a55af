"""The queue through whatever people and engines may do: none is lost, none runs twice, and all of it is stored."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from desktop.database import Database
from desktop.engine.api import Cancelled, Failed, Finished, Job, Last
from desktop.library.jobs import Jobs
from desktop.studio.queue import Queue
from tests.studio.things import at_once, job

LASTS: tuple[Last, ...] = (Finished({}, 0), Cancelled(), Failed("It died.", ""))
NUMBERS = st.integers(0, 20)


class AnyQueue(RuleBasedStateMachine):
    """A queue, a stored one beside it, and what must have become of each job."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.database = Database(Path(self.folder.name) / "sfumato.db")
        self.jobs = Jobs(self.database)
        self.there: set[str] = set()  # ids of jobs that have not ended
        self.begun: list[str] = []  # since the program began, those that run or ran
        self.ended: list[str] = []  # of these, those that ran to their end or failure
        self.done: list[str] = []  # in all
        self.number = 0
        self.open()

    def open(self) -> None:
        self.queue = Queue(self.jobs, at_once)
        self.queue.restore(self.jobs.all())
        self.queue.due.connect(lambda due: self.begun.append(due.id))
        self.begun.clear()
        self.ended.clear()

    def new(self) -> Job:
        self.number += 1
        self.there.add(str(self.number))
        return Job(job().work, {}, id=str(self.number))

    def any(self, number: int) -> str:
        """The id of one of the jobs, or of none."""
        entries = self.queue.entries
        return entries[number % len(entries)].id if entries else "none"

    @rule(count=st.integers(1, 3))
    def submit(self, count: int) -> None:
        self.queue.submit([self.new() for _ in range(count)])

    @rule()
    def submit_live(self) -> None:
        self.there -= {entry.id for entry in self.queue.waiting if entry.live}
        self.queue.submit_live(self.new())

    @rule(number=NUMBERS)
    def cancel(self, number: int) -> None:
        wanted = self.any(number)
        if not (self.queue.running and self.queue.running.id == wanted):
            self.there.discard(wanted)
        self.queue.cancel(wanted)

    @rule()
    def cancel_all(self) -> None:
        self.there &= {self.queue.running.id} if self.queue.running else set()
        self.queue.cancel_all()

    @rule(number=NUMBERS)
    def retry(self, number: int) -> None:
        self.queue.retry(self.any(number))

    @rule(number=NUMBERS, to=NUMBERS)
    def move(self, number: int, to: int) -> None:
        self.queue.move(self.any(number), to)

    @rule(number=NUMBERS)
    def edit(self, number: int) -> None:
        self.queue.edit(self.any(number))

    @rule()
    def leave(self) -> None:
        self.queue.leave_edited()

    @rule(count=st.integers(1, 2))
    def replace(self, count: int) -> None:
        if self.queue.edited:
            self.there.discard(self.queue.edited.id)
        self.queue.replace_edited([self.new() for _ in range(count)])

    @rule()
    def clear_done(self) -> None:
        self.done.clear()
        self.queue.clear_done()

    @rule(paused=st.booleans())
    def pause(self, paused: bool) -> None:
        self.queue.paused = paused

    @precondition(lambda self: self.queue.running)
    @rule(last=st.sampled_from(LASTS))
    def end(self, last: Last) -> None:
        running = self.queue.running
        assert running
        if not isinstance(last, Failed) or running.live or running.cancelling:
            self.there.discard(running.id)
        if isinstance(last, Finished) and not (running.live or running.cancelling):
            self.done.insert(0, running.id)
        self.ended.append(running.id)
        self.queue.take(running.id, last)

    @rule()
    def open_anew(self) -> None:
        """After a crash."""
        self.there -= {entry.id for entry in self.queue.entries if entry.live}
        self.open()
        assert self.queue.paused == bool(self.queue.waiting)

    @invariant()
    def none_is_lost(self) -> None:
        ids = [entry.id for entry in self.queue.entries]
        assert [self.queue.find(each) for each in ids] == self.queue.entries
        assert [entry.id for entry in self.queue.done] == self.done
        assert len(ids) == len(set(ids))
        assert set(ids) == self.there

    @invariant()
    def one_runs_and_it_is_the_first(self) -> None:
        running = self.queue.running
        assert [entry for entry in self.queue.entries[1:] if entry.state == "running"] == []
        assert self.begun == [*self.ended, running.id] if running else self.begun == self.ended
        assert running or self.queue.paused or not set(self.queue.waiting) - {self.queue.edited}
        assert not self.queue.edited or self.queue.edited in self.queue.waiting

    @invariant()
    def one_live_job_waits_at_most(self) -> None:
        assert len([entry for entry in self.queue.waiting if entry.live]) <= 1

    @invariant()
    def all_is_stored(self) -> None:
        stored, kept = self.jobs.all(), [entry for entry in self.queue.entries if not entry.live]
        failed = [entry.id for entry in kept if entry.state == "failed"]
        assert [each.id for each in stored if each.state == "waiting"] == [e.id for e in kept if e.id not in failed]
        assert {each.id for each in stored if each.state == "failed"} == set(failed)
        assert [each.id for each in stored if each.state == "done"] == self.done

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()


def test_whatever_happens_none_is_lost_and_none_runs_twice() -> None:
    run_state_machine_as_test(AnyQueue, settings=settings(max_examples=80, stateful_step_count=40))
