"""The queue at the next launch."""

from __future__ import annotations

from PySide6.QtCore import QObject

from desktop.database import Database
from desktop.engine.api import Failed
from desktop.library.jobs import Cell, Jobs
from desktop.studio.queue import Queue
from tests.studio.queue.names import DEAD, DONE, due, jobs_of, named, stored
from tests.studio.things import at_once, heard, job


def _reopened(jobs: Jobs, parent: QObject) -> Queue:
    queue = Queue(jobs, at_once, parent)
    queue.restore(jobs.all())
    return queue


def test_the_jobs_of_the_last_time_are_back_and_wait_for_people(queue: Queue, jobs: Jobs, parent: QObject) -> None:
    queue.submit(jobs_of("abcd"))
    queue.take("a", DEAD)
    queue.move("d", 0)
    queue.submit_live(named("x"))
    queue.edit("d")
    again = _reopened(jobs, parent)
    begun = due(again)
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
    again.submit(jobs_of("e"))
    assert [name for name, _ in stored(jobs)] == list("badce")
    again.paused = False
    assert begun == ["b"]


def test_what_was_done_is_back_and_the_place_on_a_sheet(
    queue: Queue, jobs: Jobs, database: Database, parent: QObject
) -> None:
    with database.write() as connection:
        connection.execute("INSERT INTO sheets VALUES ('s', '{}')")
    queue.submit(jobs_of("ab"))
    for name in "ab":
        queue.take(name, DONE)
    queue.submit(jobs_of("cd"), cells=[Cell("s", 0), Cell("s", 1)])
    again = _reopened(jobs, parent)
    assert [(entry.id, entry.state) for entry in again.done] == [("b", "done"), ("a", "done")]
    assert [entry.ended for entry in again.done] == [entry.ended for entry in queue.done]
    assert [entry.cell for entry in again.entries] == [Cell("s", 0), Cell("s", 1)]
    again.edit("d")
    assert again.edited is None  # a sheet says what its pictures are


def test_a_queue_of_failures_only_is_not_paused(queue: Queue, jobs: Jobs, parent: QObject) -> None:
    queue.submit(jobs_of("a"))
    queue.take("a", DEAD)
    again = _reopened(jobs, parent)
    begun = due(again)
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
