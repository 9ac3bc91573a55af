"""What the library's tests work with."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from desktop.database import MIGRATIONS
from desktop.engine.api import Produced
from desktop.raster import Raster
from tests.library.test_library import MADE, RECIPE


def picture(seed: int = 0, width: int = 64, height: int = 48) -> Raster:
    return Raster(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def produced(seed: int = 0, made: dict[str, Any] | None = None, **recipe: Any) -> Produced:
    return Produced(picture(seed), replace(RECIPE, seed=seed, **recipe), made or MADE)


def files_in(folder: Path) -> list[str]:
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


def last(events: Iterator[Any]) -> Any:
    """What an iterator of events ends with."""
    *_, value = events
    return value


def never() -> bool:
    """Nobody stops it."""
    return False


def version_1(file: Path, pictures: Iterable[tuple[Any, ...]]) -> None:
    """A database as Sfumato wrote it first; a picture is its file, recipe, made, seconds, created."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.executescript(MIGRATIONS[0])
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA user_version = 1")
        connection.executemany(
            "INSERT INTO pictures (file, recipe, made, seconds, created) VALUES (?, ?, ?, ?, ?)", pictures
        )


def row_1(file: Path, seed: int) -> tuple[Any, ...]:
    """A picture's, as version 1 wrote it."""
    return str(file), json.dumps(produced(seed).recipe.to_json()), json.dumps(MADE), 1.5, float(seed)
