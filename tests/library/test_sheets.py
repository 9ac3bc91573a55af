"""Sheets on their way: what is there when Sfumato comes back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from desktop.database import Database
from desktop.engine.api import Produced
from desktop.errors import UserError
from desktop.library.jobs import Cell, Jobs, StoredJob
from desktop.library.sheets import Axis, Sheet, Sheets
from desktop.raster import Raster
from tests.library.test_library import MADE, RECIPE

SHEET = Sheet(
    (
        Axis("steps", (10, 20), ("Steps 10", "Steps 20")),
        Axis("guidance", (1.5,), ("Guidance 1.5",)),
        Axis("prompt", ("red", "blue"), ("red", "blue")),
    ),
    RECIPE,
    singles=True,
)
PICTURE = Produced(Raster(np.zeros((8, 8, 3), np.uint8)), RECIPE, MADE)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(tmp_path / "sfumato.db")) as database:
        yield database


@pytest.fixture
def sheets(database: Database, tmp_path: Path) -> Sheets:
    return Sheets(database, tmp_path / "sheets")


def test_a_sheet_comes_back_as_it_was(sheets: Sheets) -> None:
    sheets.put(SHEET)
    assert sheets.all() == [SHEET]


@pytest.mark.parametrize("plan", ["", "[]", "{}", '{"axes": [{}], "recipe": {}, "singles": 1}'])
def test_one_that_cannot_be_read_is_skipped(sheets: Sheets, database: Database, plan: str) -> None:
    with database.write() as connection:
        connection.execute("INSERT INTO sheets VALUES ('x', ?)", (plan,))
    sheets.put(SHEET)
    assert sheets.all() == [SHEET]


def test_places_count_along_x_then_y_then_z() -> None:
    sheet = Sheet((Axis("a", (1, 2, 3), ("",) * 3), Axis("b", (1, 2), ("",) * 2)), RECIPE)
    assert sheet.size == (3, 2, 1)
    assert [sheet.place(number) for number in (0, 2, 3, 5)] == [(0, 0, 0), (2, 0, 0), (0, 1, 0), (2, 1, 0)]
    assert SHEET.place(3) == (1, 0, 1)


def test_pictures_wait_by_the_numbers_of_their_cells(sheets: Sheets) -> None:
    for number in (3, 11):
        sheets.keep(Cell(SHEET.id, number), PICTURE)
    files = sheets.files(SHEET.id)
    assert sorted(files) == [3, 11]
    assert Raster.read(files[11]) == PICTURE.picture
    assert sheets.files("another") == {}


def test_where_nothing_can_be_written_that_is_told(sheets: Sheets, tmp_path: Path) -> None:
    (tmp_path / "sheets").write_text("in the way")
    with pytest.raises(UserError, match="cannot be kept"):
        sheets.keep(Cell(SHEET.id, 0), PICTURE)


def test_a_removed_sheet_leaves_its_jobs(sheets: Sheets, database: Database, tmp_path: Path) -> None:
    sheets.put(SHEET)
    sheets.keep(Cell(SHEET.id, 0), PICTURE)
    jobs = Jobs(database)
    jobs.put([StoredJob("a", RECIPE, cell=Cell(SHEET.id, 1))], place=1)
    sheets.remove(SHEET.id)
    assert jobs.all() == [StoredJob("a", RECIPE)]
    assert sheets.all() == list((tmp_path / "sheets").iterdir()) == []


def test_folders_of_sheets_that_are_no_more_are_removed(sheets: Sheets, tmp_path: Path) -> None:
    sheets.put(SHEET)
    for id in (SHEET.id, "gone"):
        sheets.keep(Cell(id, 0), PICTURE)
    sheets.tidy()
    assert [folder.name for folder in (tmp_path / "sheets").iterdir()] == [SHEET.id]
