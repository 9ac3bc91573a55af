"""Marks: what people note about their model files: favourites, tags and notes, which follow a file that is moved."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection

from desktop.database import Database
from desktop.models.entry import Entry
from desktop.models.weights import content_id
from desktop.paths import is_there

COLUMNS = "path, bytes, content, favourite, tags, notes"
Contents = Callable[[Iterable[Path]], Iterable[tuple[Path, str]]]  # content ids of the files among them


def read_contents(files: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """Of those that can be read."""
    for file in files:
        with suppress(OSError):
            if file.is_file():
                yield file, content_id(file)


@dataclass(frozen=True)
class Mark:
    """Of one file, or folder."""

    favourite: bool = False
    tags: tuple[str, ...] = ()
    notes: str = ""


class ModelMarks:
    """For any thread. Raises UserError."""

    def __init__(self, database: Database):
        self._database = database

    def put(self, marks: Mapping[Entry, Mark]) -> None:
        """All or none. Reads a little of each file, to know it again elsewhere."""
        contents = dict(read_contents(entry.path for entry in marks))
        with self._database.write() as connection:
            for entry, mark in marks.items():
                _forget(connection, _key(entry.path))
                if mark != Mark():
                    _keep(connection, entry, contents.get(entry.path, ""), mark)

    def of(self, entries: Iterable[Entry], contents: Contents = read_contents) -> Mapping[Path, Mark]:
        """Of those that have any. They go over to where the same file is now; else they stay in their place."""
        there = {_key(entry.path): entry for entry in entries}
        with self._database.read() as connection:
            rows = [_Row(*values) for values in connection.execute(f"SELECT {COLUMNS} FROM model_marks")]
        now = dict(contents(there[row.key].path for row in rows if row.key in there and row.content))
        strayed = [row for row in rows if row.is_elsewhere(there, now)]
        marks = {there[row.key].path: row.mark for row in rows if row.key in there and row not in strayed}
        moved = _moved(strayed, [each for each in there.values() if each.path not in marks], contents)
        self._move(moved)
        marks |= {there[row.key].path: row.mark for row in strayed if row.key in there and row not in moved}
        return marks | {entry.path: row.mark for row, entry in moved.items()}

    def _move(self, moved: Mapping[_Row, Entry]) -> None:
        """All at once: they may change places."""
        if moved:
            with self._database.write() as connection:
                for key in (*(row.key for row in moved), *(_key(entry.path) for entry in moved.values())):
                    _forget(connection, key)
                for row, entry in moved.items():
                    _keep(connection, entry, row.content, row.mark)


@dataclass(frozen=True)
class _Row:
    """As it is kept; the content is empty for folders, and for what could not be read."""

    key: bytes
    bytes: int
    content: str
    favourite: int
    tags: str
    notes: str

    @property
    def mark(self) -> Mark:
        return Mark(bool(self.favourite), tuple(json.loads(self.tags)), self.notes)

    def is_elsewhere(self, there: Mapping[bytes, Entry], now: Mapping[Path, str]) -> bool:
        """It is gone from its place, or another file is there."""
        if self.key in there:
            return now.get(there[self.key].path, self.content) != self.content
        return bool(self.content) and not is_there(Path(os.fsdecode(self.key)))


def _moved(strayed: Iterable[_Row], free: list[Entry], contents: Contents) -> dict[_Row, Entry]:
    """Where they are now. Only files of the same size are looked into."""
    sizes = {row.bytes for row in strayed}
    found = dict(contents([entry.path for entry in free if entry.bytes in sizes]))
    moved: dict[_Row, Entry] = {}
    for row in strayed:
        if entry := next((each for each in free if found.get(each.path) == row.content), None):
            free.remove(entry)
            moved[row] = entry
    return moved


def _keep(connection: Connection, entry: Entry, content: str, mark: Mark) -> None:
    values = (_key(entry.path), entry.bytes, content, mark.favourite, json.dumps(mark.tags), mark.notes)
    connection.execute(f"INSERT INTO model_marks ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", values)


def _forget(connection: Connection, key: bytes) -> None:
    connection.execute("DELETE FROM model_marks WHERE path = ?", (key,))


def _key(path: Path) -> bytes:
    return os.fsencode(path)  # not every name is text
