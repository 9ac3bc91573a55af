"""What is being done with files, noted before it is begun: the next start finishes what a kill has interrupted."""

from __future__ import annotations

import filecmp
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection

from desktop.paths import ABANDONED, is_there

ARRIVING = "arriving"  # a new picture's file, whose row comes next
LEAVING = "leaving"  # a file whose row is gone
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


def note(connection: Connection, file: Path, what: str) -> None:
    connection.execute("INSERT OR REPLACE INTO unfinished VALUES (?, ?, ?)", (str(file), what, time.time()))


def forget(connection: Connection, file: Path) -> None:
    connection.execute("DELETE FROM unfinished WHERE file = ?", (str(file),))


def notes(connection: Connection) -> list[Note]:
    return [Note(Path(file), what, noted) for file, what, noted in connection.execute("SELECT * FROM unfinished")]


def is_needless(note: Note) -> bool:
    """Whether the file, which no row names, may go: one that was to go, or a mere copy."""
    if note.what == LEAVING:
        return True
    original = Path(note.what.removeprefix(COPY_OF))
    with suppress(OSError):
        return note.what.startswith(COPY_OF) and is_there(original) and filecmp.cmp(original, note.file, shallow=False)
    return False
