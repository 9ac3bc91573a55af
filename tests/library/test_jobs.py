"""The stored queue: what is there when Sfumato comes back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.database import Database
from desktop.library.jobs import Cell, Jobs, StoredJob
from desktop.recipe import Recipe, Source
from tests.library.test_library import RECIPE


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(tmp_path / "sfumato.db")) as database:
        yield database


@pytest.fixture
def jobs(database: Database) -> Jobs:
    return Jobs(database)


def _put(
    jobs: Jobs, id: str, recipe: Recipe = RECIPE, state: str = "waiting", reason: str = "", *, place: float
) -> None:
    jobs.put([StoredJob(id, recipe, state, reason)], place=place)


def _ids(jobs: Jobs) -> list[str]:
    return [job.id for job in jobs.all()]


def test_jobs_are_found_as_they_were_put_by_place(jobs: Jobs, database: Database) -> None:
    second = replace(RECIPE, seed=2**64 - 1, source=Source("ab" * 32, 0.3), unknown={"newer": [1]})
    _put(jobs, "b", second, place=2.5)
    _put(jobs, "c", RECIPE, "failed", "The disk is full.", place=3)
    _put(jobs, "a", place=-1)
    assert Jobs(database).all() == [
        StoredJob("a", RECIPE, "waiting", ""),
        StoredJob("b", second, "waiting", ""),
        StoredJob("c", RECIPE, "failed", "The disk is full."),
    ]


def test_a_job_that_is_put_again_changes(jobs: Jobs) -> None:
    _put(jobs, "a", place=1)
    _put(jobs, "b", place=2)
    _put(jobs, "a", replace(RECIPE, seed=8), "failed", "why", place=3)
    assert jobs.all() == [
        StoredJob("b", RECIPE, "waiting", ""),
        StoredJob("a", replace(RECIPE, seed=8), "failed", "why"),
    ]


def test_an_interrupted_job_waits_again_before_all_others(jobs: Jobs) -> None:
    _put(jobs, "a", place=1)
    _put(jobs, "b", RECIPE, "running", place=2)
    _put(jobs, "c", RECIPE, "failed", place=0)
    for _ in range(2):
        assert [(job.id, job.state) for job in jobs.all()] == [("b", "waiting"), ("c", "failed"), ("a", "waiting")]


def test_a_removed_job_is_gone(jobs: Jobs) -> None:
    for n, id in enumerate("abc"):
        _put(jobs, id, place=n)
    jobs.remove(["b", "never there"])
    assert _ids(jobs) == ["a", "c"]


def test_jobs_take_a_new_order(jobs: Jobs) -> None:
    for n, id in enumerate("abcd"):
        _put(jobs, id, place=n + 10)
    jobs.reorder(["c", "gone", "a", "d", "b"])
    assert _ids(jobs) == ["c", "a", "d", "b"]
    _put(jobs, "e", place=2.5)
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
        _put(jobs, id, place=n)
    with database.write() as connection:
        connection.execute(f"UPDATE jobs SET {change} WHERE id = 'b'")
    assert _ids(jobs) == ["a", "c"]


def test_an_order_is_taken_whole_or_not_at_all(jobs: Jobs) -> None:
    for n, id in enumerate("ab"):
        _put(jobs, id, place=n)
    with pytest.raises(sqlite3.Error):
        jobs.reorder(["b", "a", object()])  # pyright: ignore[reportArgumentType]
    assert _ids(jobs) == ["a", "b"]


def test_jobs_are_put_all_or_none(jobs: Jobs) -> None:
    _put(jobs, "a", place=1)
    broken = StoredJob("c", RECIPE, reason=object())  # pyright: ignore[reportArgumentType]
    with pytest.raises(sqlite3.Error):
        jobs.put([StoredJob("b", RECIPE), broken], place=2, instead_of=["a"])
    assert _ids(jobs) == ["a"]
    jobs.put([StoredJob("b", RECIPE), StoredJob("c", RECIPE)], place=2, instead_of=["a"])
    assert _ids(jobs) == ["b", "c"]


def test_what_is_done_comes_last_and_the_newest_of_it_first(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop.library.jobs.MOST_DONE", 2)
    for n, id in enumerate("abcd"):
        _put(jobs, id, place=n)
    for id, ended in (("c", 3.5), ("a", 9.0), ("b", 5.0)):
        jobs.end(id, ended)
    assert [(job.id, job.state, job.ended) for job in jobs.all()] == [
        ("d", "waiting", None),
        ("a", "done", 9.0),
        ("b", "done", 5.0),
    ]
    jobs.clear_done()
    assert _ids(jobs) == ["d"]


def test_a_place_on_a_sheet_is_kept(jobs: Jobs, database: Database) -> None:
    with database.write() as connection:
        connection.execute("INSERT INTO sheets VALUES ('s', '{}')")
    jobs.put([StoredJob("a", RECIPE, cell=Cell("s", 3))], place=1)
    assert jobs.all() == [StoredJob("a", RECIPE, cell=Cell("s", 3))]
