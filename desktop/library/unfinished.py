"""What is being done with files, noted before it is begun: the next start finishes what a kill has interrupted.

A note is also a claim: nobody else begins anything with a file of that name. All is decided within transactions, since
another process may be at the same.
"""

from __future__ import annotations

import filecmp
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection

from desktop.library.thumbnails import stamp_of
from desktop.paths import ABANDONED, is_there, remove

ARRIVING = "arriving"  # a new picture's file, whose row comes next
LEAVING = "leaving "  # and the file's stamp: a file whose row is gone
COPY_OF = "copy of "  # and the file's place until now: its row follows


@dataclass(frozen=True)
class Note:
    """What was to be done with a file."""

    file: Path
    what: str
    noted: float  # seconds since 1970

    @property
    def is_abandoned(self) -> bool:
        """Another process may be at it, just before the file appears."""
        return time.time() - self.noted > ABANDONED

    @property
    def arrives(self) -> bool:
        """Whether the file, if no row names it, is to get one: a new picture, or a copy that is all that is left."""
        return self.what == ARRIVING or (self.what.startswith(COPY_OF) and not is_there(self._original))

    @property
    def is_needless(self) -> bool:
        """Whether the file, which no row names, may go: the very one that was to go, or a mere copy."""
        with suppress(OSError):
            if self.what.startswith(LEAVING):
                return self.what == LEAVING + stamp_of(self.file)
            return self.what.startswith(COPY_OF) and filecmp.cmp(self._original, self.file, shallow=False)
        return False

    @property
    def _original(self) -> Path:
        return Path(self.what.removeprefix(COPY_OF))


def claim(connection: Connection, file: Path, what: str) -> bool:
    """Whether nobody else is at a file of that name."""
    sql = "INSERT OR IGNORE INTO unfinished VALUES (?, ?, ?)"
    return connection.execute(sql, (str(file), what, time.time())).rowcount == 1


def leave(connection: Connection, file: Path) -> None:
    """The file is to go as it is now; whatever has its name later is somebody else's."""
    forget(connection, file)
    with suppress(OSError, ValueError):  # there is none
        claim(connection, file, LEAVING + stamp_of(file))


def forget(connection: Connection, file: Path) -> None:
    connection.execute("DELETE FROM unfinished WHERE file = ?", (str(file),))


def notes(connection: Connection) -> list[Note]:
    return [Note(Path(file), *rest) for file, *rest in connection.execute("SELECT * FROM unfinished")]


def settle(connection: Connection, files: Iterable[Path]) -> None:
    """What is to go goes, and what is done is forgotten; what arrives, or cannot go now, stays noted."""
    for file in files:
        row = connection.execute("SELECT what, noted FROM unfinished WHERE file = ?", (str(file),)).fetchone()
        if row and _is_done(connection, Note(file, *row)):
            forget(connection, file)


def _is_done(connection: Connection, note: Note) -> bool:
    if has_row(connection, note.file):
        return True
    if not is_there(note.file):
        return note.is_abandoned
    if note.is_needless:
        return _has_gone(note.file)
    return not note.arrives  # somebody else's file of that name


def _has_gone(file: Path) -> bool:
    try:
        remove(file)
    except OSError:
        return False
    return True


def has_row(connection: Connection, file: Path) -> bool:
    return connection.execute("SELECT 1 FROM pictures WHERE file = ?", (str(file),)).fetchone() is not None
