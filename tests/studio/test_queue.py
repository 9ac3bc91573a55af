"""The queue: one at a time, in an order that people may change, and at every moment as it is stored."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QObject

from desktop.database import Database
from desktop.engine.api import Cancelled, Failed, Finished, Job, Last, Progress, Started
from desktop.library.jobs import Jobs
from desktop.studio.queue import Queue, State
from tests.studio.things import at_once, heard, job

DONE = Finished({}, 0)
DEAD = Failed("The engine died.", "Try again.")


@pytest.fixture
def jobs(database: Database) -> Jobs:
    return Jobs(database)


@pytest.fixture
def queue(jobs: Jobs, parent: QObject) -> Queue:
    return Queue(jobs, at_once, parent)


def _job(name: str) -> Job:
    return Job(job().work, {}, id=name)


def _of(names: str) -> list[Job]:
    return [_job(name) for name in names]


def _names(queue: Queue) -> str:
    return "".join(entry.id for entry in queue.entries)


def _stored(jobs: Jobs) -> list[tuple[str, str]]:
    """Ids and states as they are in the database."""
    with jobs._database.read() as connection:
        return connection.execute("SELECT id, state FROM jobs ORDER BY state = 'running' DESC, place").fetchall()


def _due(queue: Queue) -> list[str]:
    begun: list[str] = []
    queue.due.connect(lambda due: begun.append(due.id))
    return begun


# ---------------------------------------------------------------- order


def test_jobs_run_one_after_the_other_in_their_order(queue: Queue, jobs: Jobs) -> None:
    begun = _due(queue)
    queue.submit(_of("abc"))
    assert begun == ["a"]
    assert _stored(jobs) == [("a", "running"), ("b", "waiting"), ("c", "waiting")]
    queue.submit(_of("d"))
    for number, name in enumerate("abcd"):
        assert queue.running is queue.entries[0] is queue.find(name)
        assert len(begun) == number + 1
        queue.take(name, DONE)
    assert begun == list("abcd")
    assert queue.entries == _stored(jobs) == []


@pytest.mark.parametrize("last", [DONE, Cancelled(), DEAD], ids=["finished", "cancelled", "failed"])
def test_the_next_begins_however_the_last_one_ends(queue: Queue, last: Last) -> None:
    begun = _due(queue)
    queue.submit(_of("ab"))
    queue.take("a", Started())
    assert begun == ["a"]
    queue.take("a", last)
    assert begun == ["a", "b"]


def test_a_job_begins_when_all_is_ready_for_it(queue: Queue, jobs: Jobs) -> None:
    seen: list[Any] = []
    queue.due.connect(lambda due: seen.append((_stored(jobs), queue.running and queue.running.id)))
    queue.submit(_of("a"))
    assert seen == [([("a", "running")], "a")]


def test_a_waiting_job_moves(queue: Queue, jobs: Jobs) -> None:
    queue.submit(_of("abcd"))
    for name, to, order in (("d", 0, "adbc"), ("d", 2, "abcd"), ("b", 99, "acdb"), ("a", 2, "acdb"), ("x", 0, "acdb")):
        queue.move(name, to)
        assert _names(queue) == order
        assert [name for name, _ in _stored(jobs)] == list(order)
    queue.submit(_of("e"))
    assert [name for name, _ in _stored(jobs)] == list("acdbe")


def test_while_it_is_paused_none_begins(queue: Queue) -> None:
    begun, changes = _due(queue), heard(queue.changed)
    queue.paused = True
    assert changes
    queue.submit(_of("ab"))
    assert (begun, queue.running) == ([], None)
    queue.paused = False
    assert begun == ["a"]
    queue.paused = True
    assert queue.running
    queue.take("a", DONE)
    assert (begun, _names(queue)) == (["a"], "b")


# ---------------------------------------------------------------- what becomes of a job


def test_progress_is_told_and_gives_the_pace(queue: Queue) -> None:
    progressed = heard(queue.progressed)
    queue.submit(_of("a"))
    for step in range(1, 5):
        queue.take("a", Progress(step, 20, "denoising"))
    assert progressed == [queue.running] * 4
    assert queue.running
    assert queue.running.progress == Progress(4, 20, "denoising")
    assert queue.running.pace.seconds_left(0) is not None


def test_a_waiting_job_that_is_cancelled_goes_at_once(queue: Queue, jobs: Jobs) -> None:
    unwanted = heard(queue.unwanted)
    queue.submit(_of("abc"))
    queue.cancel("b")
    assert _names(queue) == "ac"
    assert _stored(jobs) == [("a", "running"), ("c", "waiting")]
    assert unwanted == []


def test_a_running_job_that_is_cancelled_goes_when_it_has_stopped(queue: Queue, jobs: Jobs) -> None:
    unwanted = heard(queue.unwanted)
    queue.submit(_of("ab"))
    queue.cancel("a")
    queue.cancel("a")
    assert unwanted == ["a", "a"]
    assert queue.running
    assert queue.running.cancelling
    assert _stored(jobs) == [("a", "running"), ("b", "waiting")]
    queue.take("a", Cancelled())
    assert _stored(jobs) == [("b", "running")]


@pytest.mark.parametrize("last", [DONE, DEAD], ids=["finished", "failed"])
def test_a_cancelled_job_goes_also_where_it_was_too_late_to_stop(queue: Queue, jobs: Jobs, last: Last) -> None:
    queue.submit(_of("a"))
    queue.cancel("a")
    queue.take("a", last)
    assert queue.entries == _stored(jobs) == []


def test_a_failed_job_stays_and_says_why(queue: Queue, jobs: Jobs) -> None:
    queue.submit(_of("ab"))
    queue.take("a", Progress(1, 2, "denoising"))
    queue.take("a", DEAD)
    [entry] = queue.failed
    assert (entry.id, entry.failure, entry.progress) == ("a", DEAD, None)
    assert _stored(jobs) == [("b", "running"), ("a", "failed")]
    assert [job.reason for job in jobs.all() if job.state == "failed"] == [DEAD.message]


def test_a_failed_job_that_is_cancelled_goes(queue: Queue, jobs: Jobs) -> None:
    queue.submit(_of("a"))
    queue.take("a", DEAD)
    queue.cancel("a")
    assert queue.entries == _stored(jobs) == []


def test_a_failed_job_that_is_tried_again_is_next(queue: Queue, jobs: Jobs) -> None:
    begun = _due(queue)
    queue.submit(_of("abc"))
    queue.take("a", Progress(1, 2, "denoising"))
    queue.take("a", DEAD)
    queue.retry("a")
    queue.retry("a")
    queue.retry("b")
    assert _names(queue) == "bac"
    assert _stored(jobs) == [("b", "running"), ("a", "waiting"), ("c", "waiting")]
    entry = queue.find("a")
    assert entry
    assert (entry.state, entry.failure, entry.pace.seconds_left(0)) == (State.WAITING, None, None)
    queue.take("b", DONE)
    assert begun == ["a", "b", "a"]


def test_all_are_cancelled_at_once(queue: Queue, jobs: Jobs) -> None:
    begun, unwanted = _due(queue), heard(queue.unwanted)
    queue.submit(_of("abcd"))
    queue.take("a", DEAD)
    queue.cancel_all()
    assert _names(queue) == "b"
    assert unwanted == ["b"]
    queue.take("b", Cancelled())
    assert queue.entries == _stored(jobs) == []
    assert begun == ["a", "b"]


def test_events_of_a_job_that_is_gone_change_nothing(queue: Queue) -> None:
    queue.submit(_of("a"))
    changes = heard(queue.changed)
    queue.take("gone", DONE)
    queue.cancel("gone")
    queue.retry("gone")
    assert (_names(queue), changes) == ("a", [])


# ---------------------------------------------------------------- live


def test_a_live_job_goes_first_and_is_not_stored(queue: Queue, jobs: Jobs) -> None:
    begun = _due(queue)
    queue.submit(_of("ab"))
    queue.submit_live(_job("x"))
    assert _names(queue) == "axb"
    queue.take("a", DONE)
    assert begun == ["a", "x"]
    assert _stored(jobs) == [("b", "waiting")]
    queue.move("b", 0)
    queue.take("x", DONE)
    assert begun == ["a", "x", "b"]


def test_only_the_latest_live_job_waits(queue: Queue) -> None:
    unwanted = heard(queue.unwanted)
    queue.submit(_of("ab"))
    for name in "xyz":
        queue.submit_live(_job(name))
    assert _names(queue) == "azb"
    assert unwanted == []


def test_a_running_live_job_gives_way_to_a_newer_one_without_force(queue: Queue) -> None:
    begun, unwanted = _due(queue), heard(queue.unwanted)
    for name in "xyz":
        queue.submit_live(_job(name))
    assert unwanted == ["x"]  # a second time would kill the engine
    assert _names(queue) == "xz"
    queue.take("x", Cancelled())
    assert begun == ["x", "z"]


def test_a_live_job_that_fails_goes(queue: Queue, jobs: Jobs) -> None:
    queue.submit_live(_job("x"))
    queue.take("x", DEAD)
    assert queue.entries == _stored(jobs) == []


# ---------------------------------------------------------------- the next time


def _reopened(jobs: Jobs, parent: QObject) -> Queue:
    queue = Queue(jobs, at_once, parent)
    queue.restore(jobs.all())
    return queue


def test_the_jobs_of_the_last_time_are_back_and_wait_for_people(queue: Queue, jobs: Jobs, parent: QObject) -> None:
    queue.submit(_of("abcd"))
    queue.take("a", DEAD)
    queue.move("d", 0)
    queue.submit_live(_job("x"))
    again = _reopened(jobs, parent)
    begun = _due(again)
    assert again.paused
    assert [(entry.id, entry.state) for entry in again.entries] == [
        ("b", "waiting"),  # it ran: it was interrupted
        ("a", "failed"),
        ("d", "waiting"),
        ("c", "waiting"),
    ]
    assert again.failed[0].failure == Failed(DEAD.message, "")
    assert [entry.job.work for entry in again.entries] == [job().work] * 4
    assert begun == []
    again.submit(_of("e"))
    assert [name for name, _ in _stored(jobs)] == list("badce")
    again.paused = False
    assert begun == ["b"]


def test_a_queue_of_failures_only_is_not_paused(queue: Queue, jobs: Jobs, parent: QObject) -> None:
    queue.submit(_of("a"))
    queue.take("a", DEAD)
    again = _reopened(jobs, parent)
    begun = _due(again)
    assert not again.paused
    again.retry("a")
    assert begun == ["a"]


def test_an_empty_queue_is_not_paused(jobs: Jobs, parent: QObject) -> None:
    assert not _reopened(jobs, parent).paused


def test_a_live_job_that_gave_way_is_not_ended_by_force(queue: Queue) -> None:
    """By the first cancel of people, that is."""
    unwanted = heard(queue.unwanted)
    queue.submit_live(job(1))
    queue.submit_live(job(2))
    running = queue.running
    assert running
    assert unwanted == [running.id]
    queue.cancel(running.id)
    assert unwanted == [running.id]
    queue.cancel(running.id)
    assert unwanted == [running.id] * 2
