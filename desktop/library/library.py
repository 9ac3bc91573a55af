"""The pictures that were made: files that any program can show, and a row in the database for each."""

from __future__ import annotations

import errno
import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from itertools import count as numbers
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop.database import Database
from desktop.errors import UserError
from desktop.paths import remove_leftovers, write_new
from desktop.recipe import Recipe

if TYPE_CHECKING:  # numpy and Pillow come with it, later than the window
    from desktop.engine.api import Produced

MOST_PROMPTS = 200
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)

COLUMNS = "id, file, recipe, made, seconds, created"
NEWEST = "ORDER BY used DESC, rowid DESC"  # of prompts


@dataclass(frozen=True)
class Picture:
    """A kept picture. `made`: all that its pixels depend on beside the recipe; `created`: seconds since 1970."""

    id: int
    file: Path
    recipe: Recipe
    made: Mapping[str, Any]
    seconds: float  # that it took
    created: float


class Library:
    """Pictures and prompts, for any thread. `folder` is asked each time, since it is a setting. Raises UserError."""

    def __init__(self, database: Database, folder: Callable[[], Path]):
        self._database = database
        self._folder = folder

    def add(self, produced: Produced, seconds: float) -> Picture:
        """Writes the file, then its row. A file whose row cannot be written stays: no picture is ever deleted."""
        from desktop.library import metadata

        created = time.time()
        file = self._write(metadata.png(produced), created, produced.recipe.seed)
        recipe, made = json.dumps(produced.recipe.to_json()), json.dumps(dict(produced.made))
        with self._database.write() as connection:  # replacing: whatever had this name is gone, for the name was free
            row = connection.execute(
                f"INSERT OR REPLACE INTO pictures ({COLUMNS}) VALUES (NULL, ?, ?, ?, ?, ?) RETURNING id",
                (str(file), recipe, made, seconds, created),
            ).fetchone()
        return Picture(row[0], file, produced.recipe, produced.made, seconds, created)

    def recent(self, count: int) -> list[Picture]:
        """The newest first; without those whose file is gone, or whose row cannot be read."""
        with self._database.read() as connection:
            rows = connection.execute(f"SELECT {COLUMNS} FROM pictures ORDER BY created DESC, id DESC")
            return list(islice(filter(None, map(_picture, rows)), count))

    def find(self, id: int) -> Picture | None:
        """None where there is no such picture, or none any more."""
        with self._database.read() as connection:
            row = connection.execute(f"SELECT {COLUMNS} FROM pictures WHERE id = ?", (id,)).fetchone()
        return _picture(row) if row else None

    def tidy(self) -> None:
        """Removes what a kill has left half-written among the pictures."""
        with suppress(OSError):  # it is only for tidiness
            for month in self._folder().glob("????-??"):
                remove_leftovers(month)

    def remember_prompt(self, text: str) -> None:
        """The last MOST_PROMPTS are kept, each once."""
        if not text.strip():
            return
        with self._database.write() as connection:
            connection.execute("INSERT OR REPLACE INTO prompts VALUES (?, ?)", (text, time.time()))
            connection.execute(
                f"DELETE FROM prompts WHERE text NOT IN (SELECT text FROM prompts {NEWEST} LIMIT ?)", (MOST_PROMPTS,)
            )

    def prompts(self, count: int) -> list[str]:
        """The newest first."""
        with self._database.read() as connection:
            rows = connection.execute(f"SELECT text FROM prompts {NEWEST} LIMIT ?", (count,))
            return [text for (text,) in rows]

    def _write(self, content: bytes, created: float, seed: int) -> Path:
        day = datetime.fromtimestamp(created)
        folder = self._folder().absolute() / f"{day:%Y-%m}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return _write_under_free_name(folder, f"{day:%Y%m%d-%H%M%S}-{seed}", content)
        except OSError as error:
            raise _told(error, folder) from error


def _write_under_free_name(folder: Path, stem: str, content: bytes) -> Path:
    endings = chain(("",), (f"-{n}" for n in numbers(2)))
    while True:
        file = folder / f"{stem}{next(endings)}.png"
        with suppress(FileExistsError):
            write_new(file, content)
            return file


def _told(error: OSError, folder: Path) -> UserError:
    if error.errno in NO_ROOM:
        return UserError(
            f"The picture cannot be kept: the disk of {folder} is full.",
            "Make room there, or choose another folder for pictures in the settings.",
        )
    return UserError(
        f"The picture cannot be kept in {folder}: {error.strerror}.",
        "Check who may write there, or choose another folder for pictures in the settings.",
    )


def _picture(row: tuple[Any, ...]) -> Picture | None:
    """None where the file is gone, or the row cannot be read: written by a newer Sfumato, say."""
    id, file, recipe, made, seconds, created = row
    try:
        picture = Picture(
            id, Path(file), Recipe.from_json(json.loads(recipe)), dict(json.loads(made)), float(seconds), float(created)
        )
        return picture if picture.file.is_file() else None
    except (UserError, OSError, ValueError, TypeError, RecursionError):
        return None
