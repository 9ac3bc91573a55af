"""A library on the test's own disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from desktop.database import Database
from desktop.library.library import Library
from desktop.library.marks import Marks
from desktop.library.thumbnails import Thumbnails


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(tmp_path / "sfumato.db")) as database:
        yield database


@pytest.fixture
def thumbnails(tmp_path: Path) -> Iterator[Thumbnails]:
    with closing(Thumbnails(tmp_path / "thumbnails.db")) as thumbnails:
        yield thumbnails


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "pictures"


@pytest.fixture
def library(database: Database, folder: Path) -> Library:
    return Library(database, lambda: folder)


@pytest.fixture
def marks(database: Database) -> Marks:
    return Marks(database)
