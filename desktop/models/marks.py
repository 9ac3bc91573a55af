"""Marks: what people note about their model files: favourites, tags and notes, which follow a file that is moved."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desktop.database import Database
from desktop.models.entry import Entry
from desktop.models.weights import content_id
from desktop.paths import is_there


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

    def put(self, entry: Entry, mark: Mark) -> None:
        """Reads a little of the file, to know it again elsewhere."""
        row = (_key(entry.path), entry.bytes, _content(entry.path))
        with self._database.write() as connection:
            connection.execute("DELETE FROM model_marks WHERE path = ?", row[:1])
            if mark != Mark():
                values = (*row, mark.favourite, json.dumps(mark.tags), mark.notes)
                connection.execute("INSERT INTO model_marks VALUES (?, ?, ?, ?, ?, ?)", values)

    def of(self, entries: Iterable[Entry]) -> Mapping[Path, Mark]:
        """Of those that have any. Marks of a file that is gone go over to the same file in another place."""
        there = {_key(entry.path): entry for entry in entries}
        with self._database.read() as connection:
            rows = connection.execute("SELECT path, bytes, content, favourite, tags, notes FROM model_marks").fetchall()
        marks = {there[key].path: _mark(values) for key, _, _, *values in rows if key in there}
        gone = [row for row in rows if row[0] not in there and row[2] and not is_there(Path(os.fsdecode(row[0])))]
        for key, entry, mark in _moved(gone, [each for each in there.values() if each.path not in marks]):
            self.put(entry, mark)
            with self._database.write() as connection:
                connection.execute("DELETE FROM model_marks WHERE path = ?", (key,))
            marks[entry.path] = mark
        return marks


def _moved(gone: Iterable[tuple[Any, ...]], unmarked: list[Entry]) -> Iterator[tuple[bytes, Entry, Mark]]:
    """Only files of the same size are looked into."""
    for key, bytes, content, *values in gone:
        alike = (entry for entry in unmarked if entry.bytes == bytes)
        if found := next((entry for entry in alike if _content(entry.path) == content), None):
            unmarked.remove(found)
            yield key, found, _mark(values)


def _mark(values: list[Any]) -> Mark:
    favourite, tags, notes = values
    return Mark(bool(favourite), tuple(json.loads(tags)), notes)


def _key(path: Path) -> bytes:
    return os.fsencode(path)  # not every name is text


def _content(path: Path) -> str:
    """Empty for a folder, and for what cannot be read."""
    with suppress(OSError):
        return content_id(path) if path.is_file() else ""
    return ""
