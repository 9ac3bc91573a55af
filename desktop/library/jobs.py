"""The stored queue: what was still to be drawn when Sfumato was closed, or fell."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from desktop.database import Database
from desktop.errors import UserError
from desktop.recipe import Recipe

WAITING, RUNNING, FAILED = STATES = ("waiting", "running", "failed")


@dataclass(frozen=True)
class StoredJob:
    """A job as it is kept. `reason` says why it failed."""

    id: str
    recipe: Recipe
    state: str
    reason: str


class Jobs:
    """The queue's rows, for any thread. Raises UserError."""

    def __init__(self, database: Database):
        self._database = database

    def all(self) -> list[StoredJob]:
        """In their order. One that was running was interrupted: it waits again, before all others."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT id, work, state, reason FROM jobs ORDER BY state = ? DESC, place, rowid", (RUNNING,)
            )
            return [job for row in rows if (job := _job(row))]

    def put(self, id: str, recipe: Recipe, state: str = WAITING, reason: str = "", *, place: float) -> None:
        """A new job, or an old one in a new state. The least `place` comes first."""
        with self._database.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO jobs (id, place, state, work, reason) VALUES (?, ?, ?, ?, ?)",
                (id, place, state, json.dumps(recipe.to_json()), reason),
            )

    def remove(self, id: str) -> None:
        with self._database.write() as connection:
            connection.execute("DELETE FROM jobs WHERE id = ?", (id,))

    def reorder(self, ids: Iterable[str]) -> None:
        """`ids` are all jobs in their new order: their places become 0, 1, 2 ..."""
        with self._database.write() as connection:
            connection.executemany("UPDATE jobs SET place = ? WHERE id = ?", enumerate(ids))


def _job(row: tuple[Any, ...]) -> StoredJob | None:
    """None where the row cannot be read: written by a newer Sfumato, say."""
    id, work, state, reason = row
    if state not in STATES:
        return None
    try:
        recipe = Recipe.from_json(json.loads(work))
    except (UserError, ValueError, TypeError, RecursionError):
        return None
    return StoredJob(id, recipe, WAITING if state == RUNNING else state, reason)
