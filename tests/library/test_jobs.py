"""The stored queue: what is there when Sfumato comes back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.database import Database
from desktop.library.jobs import Jobs, StoredJob
from desktop.recipe import Source
from tests.library.test_library import RECIPE


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(tmp_path / "sfumato.db")) as database:
        yield database


@pytest.fixture
def jobs(database: Database) -> Jobs:
    return Jobs(database)


def _ids(jobs: Jobs) -> list[str]:
    return [job.id for job in jobs.all()]


def test_jobs_are_found_as_they_were_put_by_place(jobs: Jobs, database: Database) -> None:
    second = replace(RECIPE, seed=2**64 - 1, source=Source("ab" * 32, 0.3), unknown={"newer": [1]})
    jobs.put("b", second, place=2.5)
    jobs.put("c", RECIPE, "failed", "The disk is full.", place=3)
    jobs.put("a", RECIPE, place=-1)
    assert Jobs(database).all() == [
        StoredJob("a", RECIPE, "waiting", ""),
        StoredJob("b", second, "waiting", ""),
        StoredJob("c", RECIPE, "failed", "The disk is full."),
    ]


def test_a_job_that_is_put_again_changes(jobs: Jobs) -> None:
    jobs.put("a", RECIPE, place=1)
    jobs.put("b", RECIPE, place=2)
    jobs.put("a", replace(RECIPE, seed=8), "failed", "why", place=3)
    assert jobs.all() == [
        StoredJob("b", RECIPE, "waiting", ""),
        StoredJob("a", replace(RECIPE, seed=8), "failed", "why"),
    ]


def test_an_interrupted_job_waits_again_before_all_others(jobs: Jobs) -> None:
    jobs.put("a", RECIPE, place=1)
    jobs.put("b", RECIPE, "running", place=2)
    jobs.put("c", RECIPE, "failed", place=0)
    for _ in range(2):
        assert [(job.id, job.state) for job in jobs.all()] == [("b", "waiting"), ("c", "failed"), ("a", "waiting")]


def test_a_removed_job_is_gone(jobs: Jobs) -> None:
    for n, id in enumerate("abc"):
        jobs.put(id, RECIPE, place=n)
    jobs.remove("b")
    jobs.remove("never there")
    assert _ids(jobs) == ["a", "c"]


def test_jobs_take_a_new_order(jobs: Jobs) -> None:
    for n, id in enumerate("abcd"):
        jobs.put(id, RECIPE, place=n + 10)
    jobs.reorder(["c", "gone", "a", "d", "b"])
    assert _ids(jobs) == ["c", "a", "d", "b"]
    jobs.put("e", RECIPE, place=2.5)
    assert _ids(jobs) == ["c", "a", "e", "d", "b"]


@pytest.mark.parametrize(
    "change",
    [
        "work = ''",
        "work = '5'",
        "work = '[]'",
        "work = 'null'",
        "work = '{}'",
        "work = replace(work, '\"steps\": ', '\"steps\": -')",
        "work = x'00'",
        "state = 'dreaming'",
    ],
)
def test_a_job_that_cannot_be_read_is_skipped(jobs: Jobs, database: Database, change: str) -> None:
    for n, id in enumerate("abc"):
        jobs.put(id, RECIPE, place=n)
    with database.write() as connection:
        connection.execute(f"UPDATE jobs SET {change} WHERE id = 'b'")
    assert _ids(jobs) == ["a", "c"]


def test_an_order_is_taken_whole_or_not_at_all(jobs: Jobs) -> None:
    for n, id in enumerate("ab"):
        jobs.put(id, RECIPE, place=n)
    with pytest.raises(sqlite3.Error):
        jobs.reorder(["b", "a", object()])  # pyright: ignore[reportArgumentType]
    assert _ids(jobs) == ["a", "b"]
