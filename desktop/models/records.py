"""Records: what was found out about model files, kept for as long as they stay as they are. A lost one fills again."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from desktop.paths import PRIVATE

NAME = "catalog.db"
VERSION = 1  # of the table
PATIENCE = 5.0  # seconds to wait while another thread or process writes
TABLE = """
    DROP TABLE IF EXISTS files;
    CREATE TABLE files (
        path BLOB PRIMARY KEY,
        state TEXT NOT NULL,
        beside TEXT NOT NULL DEFAULT '',
        entry TEXT NOT NULL DEFAULT '',
        content TEXT NOT NULL DEFAULT '',
        file TEXT NOT NULL DEFAULT '',
        weights TEXT NOT NULL DEFAULT '',
        told TEXT NOT NULL DEFAULT '',
        legacy TEXT NOT NULL DEFAULT ''
    ) WITHOUT ROWID;
    CREATE INDEX files_content ON files (content);
"""


@dataclass(frozen=True)
class Record:
    """What is known of a file while its `state` is this one; what is not is empty."""

    state: str
    beside: str = ""  # the state of what lies beside it
    entry: str = ""  # JSON
    content: str = ""  # content id
    file: str = ""  # sha256 of all of it
    weights: str = ""  # sha256 of what stands behind the header
    told: str = ""  # that as the header tells it
    legacy: str = ""  # the oldest of A1111's hashes


COLUMNS = tuple(row.name for row in fields(Record))


class Records:
    """For any thread and process. Where nothing can be kept, nothing is known."""

    def __init__(self, folder: Path):
        self._file = folder / NAME

    def all(self) -> dict[Path, Record]:
        return dict(self._read("SELECT path, * FROM files", ()))

    def of(self, path: Path) -> Record | None:
        return next(
            (record for _, record in self._read("SELECT path, * FROM files WHERE path = ?", (_key(path),))), None
        )

    def with_content(self, content: str) -> dict[Path, Record]:
        return dict(self._read("SELECT path, * FROM files WHERE content = ?", (content,)))

    def keep(self, news: Iterable[tuple[Path, str, Mapping[str, str]]]) -> None:
        """Paths, their states, and what was found out; what was known of them in another state is forgotten."""
        with suppress(sqlite3.Error, OSError), self._open() as connection:
            for path, state, values in news:
                key = _key(path)
                connection.execute("DELETE FROM files WHERE path = ? AND state <> ?", (key, state))
                connection.execute("INSERT OR IGNORE INTO files (path, state) VALUES (?, ?)", (key, state))
                names = ", ".join(f"{name} = ?" for name in values if name in COLUMNS)
                connection.execute(f"UPDATE files SET {names} WHERE path = ?", (*values.values(), key))

    def _read(self, question: str, values: tuple[Any, ...]) -> Iterator[tuple[Path, Record]]:
        rows: list[tuple[Any, ...]] = []
        with suppress(sqlite3.Error, OSError), self._open() as connection:
            rows = connection.execute(question, values).fetchall()
        for path, _, *record in rows:
            yield Path(os.fsdecode(path)), Record(*record)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """One transaction. Raises sqlite3.Error and OSError."""
        self._file.parent.mkdir(PRIVATE, parents=True, exist_ok=True)
        try:
            connection = self._connected()
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:  # no database, or a broken one
            for ending in ("-wal", "-shm", ""):
                self._file.with_name(NAME + ending).unlink(missing_ok=True)
            connection = self._connected()
        with closing(connection), connection:
            yield connection

    def _connected(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file, timeout=PATIENCE)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            if connection.execute("PRAGMA user_version").fetchone()[0] != VERSION:
                connection.executescript(f"BEGIN IMMEDIATE; {TABLE} PRAGMA user_version = {VERSION}; COMMIT;")
        except sqlite3.Error:
            connection.close()
            raise
        return connection


def _key(path: Path) -> bytes:
    return os.fsencode(path)
