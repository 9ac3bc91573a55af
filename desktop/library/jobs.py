"""The stored queue: what was still to be drawn when Sfumato was closed, or fell, and what has lately been done."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from desktop.database import Database
from desktop.errors import UserError
from desktop.recipe import Recipe

WAITING, RUNNING, FAILED, DONE = STATES = ("waiting", "running", "failed", "done")
MOST_DONE = 200

COLUMNS = "id, state, work, reason, ended, sheet, cell"
NEWEST = "ORDER BY ended DESC, rowid DESC"  # of those that are done


@dataclass(frozen=True)
class Cell:
    """A place on an X/Y/Z sheet: `number` counts along X, then Y, then Z."""

    sheet: str  # its id
    number: int


@dataclass(frozen=True)
class StoredJob:
    """A job as it is kept. `reason` says why it failed, `ended` when it was done: seconds since 1970."""

    id: str
    recipe: Recipe
    state: str = WAITING
    reason: str = ""
    ended: float | None = None
    cell: Cell | None = None


class Jobs:
    """The queue's rows, for any thread. Raises UserError."""

    def __init__(self, database: Database):
        self._database = database

    def all(self) -> list[StoredJob]:
        """In their order. One that was running was interrupted: it waits again, before all others.

        Behind them those that are done, the newest first.
        """
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT {COLUMNS} FROM jobs ORDER BY state = ?, ended DESC, state = ? DESC, place, rowid",
                (DONE, RUNNING),
            )
            return [job for row in rows if (job := _job(row))]

    def put(self, jobs: Sequence[StoredJob], *, place: float, instead_of: Iterable[str] = ()) -> None:
        """New jobs, or old ones that have changed: all or none. The first gets that place, the next one more and so on.

        Those whose ids are in `instead_of` go. The least place comes first.
        """
        with self._database.write() as connection:
            connection.executemany("DELETE FROM jobs WHERE id = ?", [(id,) for id in instead_of])
            connection.executemany(
                f"INSERT OR REPLACE INTO jobs (place, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [(place + number, *_row(job)) for number, job in enumerate(jobs)],
            )

    def remove(self, ids: Iterable[str]) -> None:
        with self._database.write() as connection:
            connection.executemany("DELETE FROM jobs WHERE id = ?", [(id,) for id in ids])

    def reorder(self, ids: Iterable[str]) -> None:
        """`ids` are all jobs in their new order: their places become 0, 1, 2 ..."""
        with self._database.write() as connection:
            connection.executemany("UPDATE jobs SET place = ? WHERE id = ?", enumerate(ids))

    def end(self, id: str, ended: float) -> None:
        """It is done. The last MOST_DONE of these are kept."""
        with self._database.write() as connection:
            connection.execute("UPDATE jobs SET state = ?, ended = ? WHERE id = ?", (DONE, ended, id))
            newest = f"SELECT id FROM jobs WHERE state = ? {NEWEST} LIMIT ?"
            connection.execute(f"DELETE FROM jobs WHERE state = ? AND id NOT IN ({newest})", (DONE, DONE, MOST_DONE))

    def clear_done(self) -> None:
        with self._database.write() as connection:
            connection.execute("DELETE FROM jobs WHERE state = ?", (DONE,))


def _row(job: StoredJob) -> tuple[Any, ...]:
    sheet, number = (job.cell.sheet, job.cell.number) if job.cell else (None, None)
    return job.id, job.state, json.dumps(job.recipe.to_json()), job.reason, job.ended, sheet, number


def _job(row: tuple[Any, ...]) -> StoredJob | None:
    """None where the row cannot be read: written by a newer Sfumato, say."""
    id, state, work, reason, ended, sheet, number = row
    if state not in STATES:
        return None
    try:
        recipe = Recipe.from_json(json.loads(work))
    except (UserError, ValueError, TypeError, RecursionError):
        return None
    cell = None if sheet is None or number is None else Cell(sheet, number)
    return StoredJob(id, recipe, WAITING if state == RUNNING else state, reason, ended, cell)
