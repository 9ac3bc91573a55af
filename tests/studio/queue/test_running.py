"""The queue: one at a time, in an order that people may change, and what becomes of each."""

from __future__ import annotations

import time
from typing import Any

import pytest

from desktop.engine.api import Cancelled, Job, Last, Progress, Started
from desktop.library.jobs import Jobs
from desktop.studio.queue import Queue, State
from tests.studio.queue.names import DEAD, DONE, done, due, jobs_of, named, names, stored
from tests.studio.things import heard, job, plain

# ---------------------------------------------------------------- order


def test_jobs_run_one_after_the_other_in_their_order(queue: Queue, jobs: Jobs) -> None:
    begun = due(queue)
    queue.submit(jobs_of("abc"))
    assert begun == ["a"]
    assert stored(jobs) == [("a", "running"), ("b", "waiting"), ("c", "waiting")]
    queue.submit(jobs_of("d"))
    for number, name in enumerate("abcd"):
        assert queue.running is queue.entries[0] is queue.find(name)
        assert len(begun) == number + 1
        queue.take(name, DONE)
    assert begun == list("abcd")
    assert queue.entries == stored(jobs) == []
    assert [entry.id for entry in queue.done] == done(jobs) == list("dcba")


@pytest.mark.parametrize("last", [DONE, Cancelled(), DEAD], ids=["finished", "cancelled", "failed"])
def test_the_next_begins_however_the_last_one_ends(queue: Queue, last: Last) -> None:
    begun = due(queue)
    queue.submit(jobs_of("ab"))
    queue.take("a", Started())
    assert begun == ["a"]
    queue.take("a", last)
    assert begun == ["a", "b"]


def test_a_job_begins_when_all_is_ready_for_it(queue: Queue, jobs: Jobs) -> None:
    seen: list[Any] = []
    queue.due.connect(lambda due: seen.append((stored(jobs), queue.running and queue.running.id)))
    queue.submit(jobs_of("a"))
    assert seen == [([("a", "running")], "a")]


def test_a_waiting_job_moves(queue: Queue, jobs: Jobs) -> None:
    queue.submit(jobs_of("abcd"))
    for name, to, order in (("d", 0, "adbc"), ("d", 2, "abcd"), ("b", 99, "acdb"), ("a", 2, "acdb"), ("x", 0, "acdb")):
        queue.move(name, to)
        assert names(queue) == order
        assert [name for name, _ in stored(jobs)] == list(order)
    queue.submit(jobs_of("e"))
    assert [name for name, _ in stored(jobs)] == list("acdbe")


def test_while_it_is_paused_none_begins(queue: Queue) -> None:
    begun, changes = due(queue), heard(queue.changed)
    queue.paused = True
    assert changes
    queue.submit(jobs_of("ab"))
    assert (begun, queue.running) == ([], None)
    queue.paused = False
    assert begun == ["a"]
    queue.paused = True
    assert queue.running
    queue.take("a", DONE)
    assert (begun, names(queue)) == (["a"], "b")


# ---------------------------------------------------------------- what becomes of a job


def test_progress_is_told_and_gives_the_pace(queue: Queue) -> None:
    progressed = heard(queue.progressed)
    queue.submit(jobs_of("a"))
    for step in range(1, 5):
        queue.take("a", Progress(step, 20, "denoising"))
    assert progressed == [queue.running] * 4
    assert queue.running
    assert queue.running.progress == Progress(4, 20, "denoising")
    assert queue.running.pace.seconds_left(0) is not None


def test_a_waiting_job_that_is_cancelled_goes_at_once(queue: Queue, jobs: Jobs) -> None:
    unwanted = heard(queue.unwanted)
    queue.submit(jobs_of("abc"))
    queue.cancel("b")
    assert names(queue) == "ac"
    assert stored(jobs) == [("a", "running"), ("c", "waiting")]
    assert unwanted == queue.done == []


def test_a_running_job_that_is_cancelled_goes_when_it_has_stopped(queue: Queue, jobs: Jobs) -> None:
    unwanted = heard(queue.unwanted)
    queue.submit(jobs_of("ab"))
    queue.cancel("a")
    queue.cancel("a")
    assert unwanted == ["a", "a"]
    assert queue.running
    assert queue.running.cancelling
    assert stored(jobs) == [("a", "running"), ("b", "waiting")]
    queue.take("a", Cancelled())
    assert stored(jobs) == [("b", "running")]


@pytest.mark.parametrize("last", [DONE, DEAD], ids=["finished", "failed"])
def test_a_cancelled_job_goes_also_where_it_was_too_late_to_stop(queue: Queue, jobs: Jobs, last: Last) -> None:
    queue.submit(jobs_of("a"))
    queue.cancel("a")
    queue.take("a", last)
    assert queue.entries == stored(jobs) == queue.done == done(jobs) == []


def test_a_failed_job_stays_and_says_why(queue: Queue, jobs: Jobs) -> None:
    queue.submit(jobs_of("ab"))
    queue.take("a", Progress(1, 2, "denoising"))
    queue.take("a", DEAD)
    [entry] = queue.failed
    assert (entry.id, entry.failure, entry.progress) == ("a", DEAD, None)
    assert stored(jobs) == [("b", "running"), ("a", "failed")]
    assert [job.reason for job in jobs.all() if job.state == "failed"] == [DEAD.message]


def test_a_failed_job_that_is_cancelled_goes(queue: Queue, jobs: Jobs) -> None:
    queue.submit(jobs_of("a"))
    queue.take("a", DEAD)
    queue.cancel("a")
    assert queue.entries == stored(jobs) == []


def test_a_failed_job_that_is_tried_again_is_next(queue: Queue, jobs: Jobs) -> None:
    begun = due(queue)
    queue.submit(jobs_of("abc"))
    queue.take("a", Progress(1, 2, "denoising"))
    queue.take("a", DEAD)
    queue.retry("a")
    queue.retry("a")
    queue.retry("b")
    assert names(queue) == "bac"
    assert stored(jobs) == [("b", "running"), ("a", "waiting"), ("c", "waiting")]
    entry = queue.find("a")
    assert entry
    assert (entry.state, entry.failure, entry.pace.seconds_left(0)) == (State.WAITING, None, None)
    queue.take("b", DONE)
    assert begun == ["a", "b", "a"]


def test_all_are_cancelled_at_once(queue: Queue, jobs: Jobs) -> None:
    begun, unwanted = due(queue), heard(queue.unwanted)
    queue.submit(jobs_of("abcd"))
    queue.take("a", DEAD)
    queue.cancel_all()
    assert names(queue) == "b"
    assert unwanted == ["b"]
    queue.take("b", Cancelled())
    assert queue.entries == stored(jobs) == []
    assert begun == ["a", "b"]


def test_events_of_a_job_that_is_gone_change_nothing(queue: Queue) -> None:
    queue.submit(jobs_of("a"))
    changes = heard(queue.changed)
    queue.take("gone", DONE)
    queue.cancel("gone")
    queue.retry("gone")
    assert (names(queue), changes) == ("a", [])


def test_many_are_cancelled_at_once_and_told_once(queue: Queue, jobs: Jobs) -> None:
    queue.submit(jobs_of("abcdef"))
    changes = heard(queue.changed)
    queue.cancel("c", "gone", "e")
    assert (names(queue), len(changes)) == ("abdf", 1)
    assert [name for name, _ in stored(jobs)] == list("abdf")


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
    queue.submit(jobs_of("abcde"))
    for name in "abcde":
        queue.take(name, DONE)
    assert [entry.id for entry in queue.done] == done(jobs) == list("edc")
    queue.clear_done()
    assert queue.done == done(jobs) == []


# ---------------------------------------------------------------- very many


def test_a_thousand_jobs_are_written_at_once(queue: Queue, jobs: Jobs) -> None:
    commits: list[str] = []
    jobs._database._connection().set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)
    queue.submit([named(str(number)) for number in range(1000)])
    assert len(stored(jobs)) == 1000
    queue.cancel_all()
    assert len(stored(jobs)) == 1
    assert len(commits) == 3  # put, begun, cancelled
