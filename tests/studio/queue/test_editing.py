"""Jobs that are edited, private or live."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from desktop.engine.api import Cancelled
from desktop.library.jobs import Jobs
from desktop.studio.queue import Queue
from tests.studio.queue.names import DEAD, DONE, due, jobs_of, named, names, stored
from tests.studio.things import heard

# ---------------------------------------------------------------- edited


def test_an_edited_job_is_held_back(queue: Queue, jobs: Jobs) -> None:
    begun = due(queue)
    queue.submit(jobs_of("abc"))
    queue.edit("b")
    queue.take("a", DONE)
    queue.take("c", DONE)
    assert begun == ["a", "c"]
    assert stored(jobs) == [("b", "waiting")]  # after a crash, it simply waits
    queue.leave_edited()
    assert begun == ["a", "c", "b"]


def test_an_edited_job_is_replaced_where_it_stands(queue: Queue, jobs: Jobs) -> None:
    begun = due(queue)
    queue.submit(jobs_of("abc"))
    queue.edit("b")
    queue.replace_edited(jobs_of("xy"))
    assert names(queue) == "axyc"
    assert queue.edited is None
    assert [name for name, _ in stored(jobs)] == list("axyc")
    queue.take("a", DONE)
    assert begun == ["a", "x"]


@pytest.mark.parametrize("go", [lambda queue: queue.cancel("b"), lambda queue: queue.leave_edited()])
def test_what_is_not_edited_any_more_is_no_longer_replaced(queue: Queue, go: Callable[[Queue], object]) -> None:
    queue.submit(jobs_of("ab"))
    queue.edit("b")
    go(queue)
    assert queue.edited is None
    before = names(queue)
    queue.replace_edited(jobs_of("x"))
    assert names(queue) == f"{before}x"


def test_only_what_waits_can_be_edited(queue: Queue) -> None:
    queue.submit(jobs_of("ab"))
    queue.take("a", DEAD)
    for name in ("a", "b", "gone"):  # failed, running, none
        queue.edit(name)
        assert queue.edited is None


# ---------------------------------------------------------------- private


def test_of_a_job_that_is_not_to_be_stored_nothing_is_written(queue: Queue, jobs: Jobs) -> None:
    def rows() -> list[tuple[str]]:
        with jobs._database.read() as connection:
            return connection.execute("SELECT id FROM jobs").fetchall()

    begun = due(queue)
    queue.submit(jobs_of("abcd"), stored=False)
    queue.move("d", 0)
    queue.take("a", DEAD)
    queue.retry("a")
    queue.edit("b")
    queue.replace_edited(jobs_of("x"), stored=False)
    queue.take("d", DONE)
    queue.cancel("c")
    assert begun == ["a", "d", "a"]
    assert (names(queue), [entry.id for entry in queue.done]) == ("ax", ["d"])
    assert rows() == []


def test_what_replaces_a_job_is_stored_or_not_by_itself(queue: Queue, jobs: Jobs) -> None:
    queue.submit(jobs_of("abc"))
    queue.edit("b")
    queue.replace_edited(jobs_of("x"), stored=False)
    assert (names(queue), [name for name, _ in stored(jobs)]) == ("axc", ["a", "c"])
    queue.edit("x")
    queue.replace_edited(jobs_of("y"), stored=True)
    assert (names(queue), [name for name, _ in stored(jobs)]) == ("ayc", ["a", "y", "c"])
    queue.replace_edited(jobs_of("z"), stored=False)  # nothing is edited any more
    assert (names(queue), [name for name, _ in stored(jobs)]) == ("aycz", ["a", "y", "c"])


# ---------------------------------------------------------------- live


def test_a_live_job_goes_first_and_is_not_stored(queue: Queue, jobs: Jobs) -> None:
    begun = due(queue)
    queue.submit(jobs_of("ab"))
    queue.submit_live(named("x"))
    assert names(queue) == "axb"
    queue.take("a", DONE)
    assert begun == ["a", "x"]
    assert stored(jobs) == [("b", "waiting")]
    queue.move("b", 0)
    queue.take("x", DONE)
    assert begun == ["a", "x", "b"]


def test_only_the_latest_live_job_waits(queue: Queue) -> None:
    unwanted = heard(queue.unwanted)
    queue.submit(jobs_of("ab"))
    for name in "xyz":
        queue.submit_live(named(name))
    assert names(queue) == "azb"
    assert unwanted == []


def test_a_running_live_job_gives_way_to_a_newer_one_without_force(queue: Queue) -> None:
    begun, unwanted = due(queue), heard(queue.unwanted)
    for name in "xyz":
        queue.submit_live(named(name))
    assert unwanted == ["x"]  # a second time would kill the engine
    assert names(queue) == "xz"
    queue.take("x", Cancelled())
    assert begun == ["x", "z"]


def test_a_live_job_that_fails_goes(queue: Queue, jobs: Jobs) -> None:
    queue.submit_live(named("x"))
    queue.take("x", DEAD)
    assert queue.entries == stored(jobs) == []
