"""X/Y/Z sheets on their way: what is on their axes, and the pictures that are ready, until all are on one sheet."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop.database import Database
from desktop.errors import UserError
from desktop.library.jobs import Cell
from desktop.paths import write_atomically
from desktop.recipe import Recipe

if TYPE_CHECKING:  # numpy and Pillow come with it, later than the window
    from desktop.engine.api import Produced

Value = int | float | str


@dataclass(frozen=True)
class Axis:
    """A field of the recipe, the values that it takes one after the other, and how these are written on the sheet."""

    field: str
    values: tuple[Value, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """Two axes or three. `recipe`: what all its pictures have in common; `singles`: each is kept by itself, too."""

    axes: tuple[Axis, ...]
    recipe: Recipe
    singles: bool = False
    id: str = field(default_factory=lambda: os.urandom(16).hex())

    @property
    def size(self) -> tuple[int, int, int]:
        """How many there are along X, Y and Z."""
        x, y, z = (*(len(axis.values) for axis in self.axes), 1, 1)[:3]
        return x, y, z

    def place(self, number: int) -> tuple[int, int, int]:
        """Of a cell, along X, Y and Z."""
        x, y, _ = self.size
        return number % x, number // x % y, number // (x * y)

    def to_json(self) -> dict[str, Any]:
        axes = [asdict(axis) for axis in self.axes]
        return {"axes": axes, "recipe": self.recipe.to_json(), "singles": self.singles}


class Sheets:
    """Rows and folders, for any thread. Raises UserError."""

    def __init__(self, database: Database, folder: Path):
        self._database = database
        self._folder = folder

    def put(self, sheet: Sheet) -> None:
        with self._database.write() as connection:
            connection.execute("INSERT INTO sheets VALUES (?, ?)", (sheet.id, json.dumps(sheet.to_json())))

    def all(self) -> list[Sheet]:
        """Those that can be read."""
        with self._database.read() as connection:
            rows = connection.execute("SELECT id, plan FROM sheets ORDER BY rowid")
            return [sheet for id, plan in rows if (sheet := _sheet(id, plan))]

    def remove(self, id: str) -> None:
        """With the pictures in its folder. Jobs that were its stay, and are now single ones."""
        with self._database.write() as connection:
            connection.execute("UPDATE jobs SET sheet = NULL, cell = NULL WHERE sheet = ?", (id,))
            connection.execute("DELETE FROM sheets WHERE id = ?", (id,))
        shutil.rmtree(self._folder / id, ignore_errors=True)

    def tidy(self) -> None:
        """Removes the folders of sheets that are no more."""
        with self._database.read() as connection:
            there = {id for (id,) in connection.execute("SELECT id FROM sheets")}
        for folder in self._folder.glob("*"):
            if folder.name not in there:
                shutil.rmtree(folder, ignore_errors=True)

    def keep(self, cell: Cell, produced: Produced) -> None:
        """The picture of that cell, until the sheet is put together."""
        from desktop.library.metadata import writing

        file = self._folder / cell.sheet / f"{cell.number}.png"
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(file, writing.png(produced))
        except OSError as error:
            hint = "Make room on that disk, or check who may write there."
            raise UserError(
                f"A picture of the sheet cannot be kept in {file.parent}: {error.strerror}.", hint
            ) from error

    def files(self, id: str) -> Mapping[int, Path]:
        """The pictures that are ready, by the numbers of their cells."""
        return {int(file.stem): file for file in (self._folder / id).glob("*.png") if file.stem.isdecimal()}


def _sheet(id: str, plan: str) -> Sheet | None:
    """None where the row cannot be read: written by a newer Sfumato, say."""
    try:
        data = json.loads(plan)
        axes = tuple(Axis(str(each["field"]), tuple(each["values"]), tuple(each["labels"])) for each in data["axes"])
        return Sheet(axes, Recipe.from_json(data["recipe"]), bool(data["singles"]), id)
    except (UserError, ValueError, TypeError, KeyError, RecursionError):
        return None
