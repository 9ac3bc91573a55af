"""A data folder that was moved as a whole: what lay in it is found where it is now, and all else where it was."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from desktop import app
from desktop.database import Database
from desktop.library.relocation import ROOT, follow
from desktop.library.unfinished import COPY_OF
from desktop.paths import PORTABLE, data_folder
from desktop.settings import Settings
from tests.library.things import produced


def rows(database: Database, question: str) -> list[Any]:
    with database.read() as connection:
        return [row[0] for row in connection.execute(question)]


def put(database: Database, statement: str, *values: Any) -> None:
    with database.write() as connection:
        connection.execute(statement, values)


def insert_picture(database: Database, file: Path | str) -> None:
    put(database, "INSERT INTO pictures (file, created) VALUES (?, 0)", str(file))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a portable program is: a folder that can be moved."""
    monkeypatch.delenv("SFUMATO_DATA")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    folder = tmp_path.resolve() / "first drive" / "Sfumato"
    folder.mkdir(parents=True)
    for name in ("sfumato", PORTABLE):
        (folder / name).touch()
    monkeypatch.setattr(sys, "executable", str(folder / "sfumato"))
    return folder


def test_a_portable_folder_that_is_moved_has_its_pictures_and_gets_the_new_ones(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.open_library() as (library, _):
        first = library.add(produced(1), 0)
        library.database.keep_state("settings", Settings(model_folders=(str(home / "data/more"),)).to_json())
    assert first.file.is_relative_to(home / "data" / "pictures")
    goal = home.parent.parent / "zweites Lärchenbrett"
    shutil.move(home, goal)
    monkeypatch.setattr(sys, "executable", str(goal / "sfumato"))
    with app.open_library() as (library, _):
        [seen] = library.recent(5)
        assert seen.file == goal / first.file.relative_to(home)
        assert seen.file.is_file()
        settings = Settings.from_json(library.database.state("settings"))
        assert settings.models_folders == (goal / "data" / "more",)
        assert library.add(produced(2), 0).file.is_relative_to(goal / "data" / "pictures")
    assert not home.exists()


def test_all_that_lies_in_the_folder_follows_and_nothing_else(tmp_path: Path) -> None:
    old, new, other = tmp_path.resolve() / "old", tmp_path.resolve() / "new", tmp_path.resolve() / "older"
    old.mkdir()
    database = Database(old / "a.db")
    follow(database, old)
    for file in (old / "pictures/a.png", other / "b.png"):
        insert_picture(database, file)
    note = "INSERT INTO unfinished VALUES (?, ?, 0)"
    put(database, note, str(old / "c.png"), f"{COPY_OF}{old / 'd.png'}")
    put(database, note, str(other / "e.png"), "arriving")
    mark = "INSERT INTO model_marks VALUES (?, 1, '', 1, '[]', '')"
    put(database, mark, os.fsencode(old / "models/m"))
    state = {"models": str(old / "models"), "last": [str(other), f"{old}er"], "prompt": "a lake", "size": 3}
    database.keep_state("things", state)
    put(database, "INSERT INTO state VALUES ('broken', ?)", f'"{old}')
    database.close()
    old.rename(new)
    database = Database(new / "a.db")
    follow(database, new)
    assert rows(database, "SELECT file FROM pictures") == [str(new / "pictures/a.png"), str(other / "b.png")]
    assert rows(database, "SELECT file || what FROM unfinished") == [
        f"{new / 'c.png'}{COPY_OF}{new / 'd.png'}",
        f"{other / 'e.png'}arriving",
    ]
    assert rows(database, "SELECT path FROM model_marks") == [os.fsencode(new / "models/m")]
    assert database.state("things") == {**state, "models": str(new / "models")}
    assert rows(database, "SELECT value FROM state WHERE name = 'broken'") == [f'"{old}']
    database.close()


@pytest.mark.parametrize(
    ("root", "file"),
    [
        (r"E:\Sfumato\data", r"e:\Sfumato\data\pictures\2026-11\a.png"),
        (r"\\nas\ann", r"\\nas\ann\pictures/2026-11/a.png"),
    ],
)
def test_a_folder_that_another_system_has_used_is_followed_too(root: str, file: str) -> None:
    database = Database(data_folder() / "a.db")
    database.keep_state(ROOT, root)
    insert_picture(database, file)
    follow(database, data_folder())
    assert rows(database, "SELECT file FROM pictures") == [str(data_folder().resolve() / "pictures/2026-11/a.png")]
    database.close()


def test_where_nothing_was_moved_nothing_is_written(tmp_path: Path) -> None:
    database = Database(tmp_path / "a.db")
    follow(database, tmp_path)
    before = rows(database, "PRAGMA data_version"), (tmp_path / "a.db-wal").stat().st_size
    follow(database, tmp_path)
    assert (rows(database, "PRAGMA data_version"), (tmp_path / "a.db-wal").stat().st_size) == before
    database.close()


def test_a_picture_that_has_a_row_where_another_would_come_keeps_it(tmp_path: Path) -> None:
    old, new = tmp_path.resolve() / "old", tmp_path.resolve() / "new"
    new.mkdir()
    database = Database(new / "a.db")
    database.keep_state(ROOT, str(old))
    for file in (new / "a.png", old / "a.png"):
        insert_picture(database, file)
    follow(database, new)
    assert rows(database, "SELECT file FROM pictures") == [str(new / "a.png"), str(old / "a.png")]
    database.close()
