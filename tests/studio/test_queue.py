"""The queue: one at a time, in an order that people may change, and at every moment as it is stored."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QObject

from desktop.database import Database
from desktop.engine.api import Cancelled, Failed, Finished, Job, Last, Progress, Started
from desktop.library.jobs import Cell, Jobs
from desktop.studio.queue import Queue, State
from tests.studio.things import at_once, heard, job, plain

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
    """Ids and states as they are in the database, without those that are done."""
    query = "SELECT id, state FROM jobs WHERE state != 'done' ORDER BY state = 'running' DESC, place"
    with jobs._database.read() as connection:
        return connection.execute(query).fetchall()


def _done(jobs: Jobs) -> list[str]:
    """Ids as they are in the database."""
    return [job.id for job in jobs.all() if job.state == "done"]


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
    assert [entry.id for entry in queue.done] == _done(jobs) == list("dcba")


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
    assert unwanted == queue.done == []


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
    assert queue.entries == _stored(jobs) == queue.done == _done(jobs) == []


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


def test_many_are_cancelled_at_once_and_told_once(queue: Queue, jobs: Jobs) -> None:
    queue.submit(_of("abcdef"))
    changes = heard(queue.changed)
    queue.cancel("c", "gone", "e")
    assert (_names(queue), len(changes)) == ("abdf", 1)
    assert [name for name, _ in _stored(jobs)] == list("abdf")


# ---------------------------------------------------------------- done


def test_a_job_that_is_done_says_when_and_lets_its_pictures_go(queue: Queue) -> None:
    queue.submit([Job(job().work, {}, {"x": plain()}, id="a")])
    queue.take("a", DONE)
    [entry] = queue.done
    assert entry.ended == pytest.approx(time.time(), abs=5)
    assert (entry.state, entry.job.inputs) == (State.DONE, {})
    assert queue.find("a") is None


def test_of_those_that_are_done_the_newest_stay(queue: Queue, jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("studio.queue", "library.jobs"):
        monkeypatch.setattr(f"desktop.{module}.MOST_DONE", 3)
    queue.submit(_of("abcde"))
    for name in "abcde":
        queue.take(name, DONE)
    assert [entry.id for entry in queue.done] == _done(jobs) == list("edc")
    queue.clear_done()
    assert queue.done == _done(jobs) == []


# ---------------------------------------------------------------- edited


def test_an_edited_job_is_held_back(queue: Queue, jobs: Jobs) -> None:
    begun = _due(queue)
    queue.submit(_of("abc"))
    queue.edit("b")
    queue.take("a", DONE)
    queue.take("c", DONE)
    assert begun == ["a", "c"]
    assert _stored(jobs) == [("b", "waiting")]  # after a crash, it simply waits
    queue.leave_edited()
    assert begun == ["a", "c", "b"]


def test_an_edited_job_is_replaced_where_it_stands(queue: Queue, jobs: Jobs) -> None:
    begun = _due(queue)
    queue.submit(_of("abc"))
    queue.edit("b")
    queue.replace_edited(_of("xy"))
    assert _names(queue) == "axyc"
    assert queue.edited is None
    assert [name for name, _ in _stored(jobs)] == list("axyc")
    queue.take("a", DONE)
    assert begun == ["a", "x"]


@pytest.mark.parametrize("go", [lambda queue: queue.cancel("b"), lambda queue: queue.leave_edited()])
def test_what_is_not_edited_any_more_is_no_longer_replaced(queue: Queue, go: Callable[[Queue], object]) -> None:
    queue.submit(_of("ab"))
    queue.edit("b")
    go(queue)
    assert queue.edited is None
    before = _names(queue)
    queue.replace_edited(_of("x"))
    assert _names(queue) == f"{before}x"


def test_only_what_waits_can_be_edited(queue: Queue) -> None:
    queue.submit(_of("ab"))
    queue.take("a", DEAD)
    for name in ("a", "b", "gone"):  # failed, running, none
        queue.edit(name)
        assert queue.edited is None


# ---------------------------------------------------------------- private


def test_of_a_job_that_is_not_to_be_stored_nothing_is_written(queue: Queue, jobs: Jobs) -> None:
    def rows() -> list[tuple[str]]:
        with jobs._database.read() as connection:
            return connection.execute("SELECT id FROM jobs").fetchall()

    begun = _due(queue)
    queue.submit(_of("abcd"), stored=False)
    queue.move("d", 0)
    queue.take("a", DEAD)
    queue.retry("a")
    queue.edit("b")
    queue.replace_edited(_of("x"), stored=False)
    queue.take("d", DONE)
    queue.cancel("c")
    assert begun == ["a", "d", "a"]
    assert (_names(queue), [entry.id for entry in queue.done]) == ("ax", ["d"])
    assert rows() == []


def test_what_replaces_a_job_is_stored_or_not_by_itself(queue: Queue, jobs: Jobs) -> None:
    queue.submit(_of("abc"))
    queue.edit("b")
    queue.replace_edited(_of("x"), stored=False)
    assert (_names(queue), [name for name, _ in _stored(jobs)]) == ("axc", ["a", "c"])
    queue.edit("x")
    queue.replace_edited(_of("y"), stored=True)
    assert (_names(queue), [name for name, _ in _stored(jobs)]) == ("ayc", ["a", "y", "c"])
    queue.replace_edited(_of("z"), stored=False)  # nothing is edited any more
    assert (_names(queue), [name for name, _ in _stored(jobs)]) == ("aycz", ["a", "y", "c"])


# ---------------------------------------------------------------- very many


def test_a_thousand_jobs_are_written_at_once(queue: Queue, jobs: Jobs) -> None:
    commits: list[str] = []
    jobs._database._connection().set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)
    queue.submit([_job(str(number)) for number in range(1000)])
    assert len(_stored(jobs)) == 1000
    queue.cancel_all()
    assert len(_stored(jobs)) == 1
    assert len(commits) == 3  # put, begun, cancelled


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
    queue.edit("d")
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
    assert again.edited is None
    assert [entry.job.work for entry in again.entries] == [job().work] * 4
    assert begun == []
    again.submit(_of("e"))
    assert [name for name, _ in _stored(jobs)] == list("badce")
    again.paused = False
    assert begun == ["b"]


def test_what_was_done_is_back_and_the_place_on_a_sheet(
    queue: Queue, jobs: Jobs, database: Database, parent: QObject
) -> None:
    with database.write() as connection:
        connection.execute("INSERT INTO sheets VALUES ('s', '{}')")
    queue.submit(_of("ab"))
    for name in "ab":
        queue.take(name, DONE)
    queue.submit(_of("cd"), cells=[Cell("s", 0), Cell("s", 1)])
    again = _reopened(jobs, parent)
    assert [(entry.id, entry.state) for entry in again.done] == [("b", "done"), ("a", "done")]
    assert [entry.ended for entry in again.done] == [entry.ended for entry in queue.done]
    assert [entry.cell for entry in again.entries] == [Cell("s", 0), Cell("s", 1)]
    again.edit("d")
    assert again.edited is None  # a sheet says what its pictures are


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
