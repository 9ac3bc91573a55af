"""Relocation: a data folder that was moved as a whole, to another drive say, finds again what lies in it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from sqlite3 import Connection
from typing import Any

from desktop.database import Database
from desktop.library.unfinished import COPY_OF

ROOT = "root"  # the state's name: where the folder was when the database was opened last
WINDOWS = re.compile(r"[A-Za-z]:|\\\\")  # how its paths begin, whatever system reads them now

Moved = Callable[[str], str]


def follow(database: Database, folder: Path) -> None:
    """What the database knows below that folder's earlier place is below the present one. Raises UserError."""
    now = os.path.realpath(folder)
    if database.state(ROOT) == now:
        return
    with database.write() as connection:
        if isinstance(before := database.state(ROOT), str):  # asked again: another process may have come first
            _rewrite(connection, partial(_moved, _pure(before), Path(now)))
        connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (ROOT, json.dumps(now)))


def _rewrite(connection: Connection, moved: Moved) -> None:
    """Wherever there are paths. A name that has a row of its own already keeps it."""
    connection.create_function("moved", 1, moved)
    connection.create_function("moved_key", 1, lambda key: os.fsencode(moved(os.fsdecode(key))))
    connection.create_function("moved_within", 1, partial(_moved_within, moved))
    connection.execute("UPDATE OR IGNORE pictures SET file = moved(file)")
    connection.execute("UPDATE OR IGNORE unfinished SET file = moved(file)")
    copies = "UPDATE unfinished SET what = ? || moved(substr(what, ?)) WHERE substr(what, 1, ?) = ?"
    connection.execute(copies, (COPY_OF, len(COPY_OF) + 1, len(COPY_OF), COPY_OF))
    connection.execute("UPDATE OR IGNORE model_marks SET path = moved_key(path)")
    connection.execute("UPDATE state SET value = moved_within(value)")


def _moved(old: PurePath, new: Path, text: str) -> str:
    """Whatever is no path below the old place stays as it is."""
    try:
        return str(new.joinpath(*type(old)(text).relative_to(old).parts))
    except ValueError:
        return text


def _moved_within(moved: Moved, value: str) -> str:
    """Of JSON, all texts in it."""
    try:
        return json.dumps(_each_moved(moved, json.loads(value)))
    except (ValueError, RecursionError):
        return value


def _each_moved(moved: Moved, value: Any) -> Any:
    match value:
        case str():
            return moved(value)
        case list():
            return [_each_moved(moved, each) for each in value]
        case dict():
            return {name: _each_moved(moved, each) for name, each in value.items()}
    return value


def _pure(path: str) -> PurePath:
    """A path of the system that the folder was on."""
    return PureWindowsPath(path) if WINDOWS.match(path) else PurePosixPath(path)
