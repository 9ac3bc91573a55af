"""The prompts that were used, to be brought back."""

from __future__ import annotations

import time

from desktop.database import Database

MOST = 200
NEWEST = "ORDER BY used DESC, rowid DESC"


class Prompts:
    """The last MOST, each once; for any thread. Raises UserError."""

    def __init__(self, database: Database):
        self._database = database

    def remember(self, text: str) -> None:
        if not text.strip():
            return
        with self._database.write() as connection:
            connection.execute("INSERT OR REPLACE INTO prompts VALUES (?, ?)", (text, time.time()))
            connection.execute(
                f"DELETE FROM prompts WHERE text NOT IN (SELECT text FROM prompts {NEWEST} LIMIT {MOST})"
            )

    def newest(self, count: int) -> list[str]:
        """The newest first."""
        with self._database.read() as connection:
            rows = connection.execute(f"SELECT text FROM prompts {NEWEST} LIMIT ?", (count,))
            return [text for (text,) in rows]
