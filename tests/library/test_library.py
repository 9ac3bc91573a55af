"""The library: pictures and prompts are kept, whatever happens on the way."""

from __future__ import annotations

import errno
import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

from desktop.database import Database
from desktop.engine.api import Produced
from desktop.errors import UserError
from desktop.library.arriving import arrival_of
from desktop.library.library import Library
from desktop.library.metadata import reading
from desktop.raster import Raster
from desktop.recipe import Recipe

RECIPE = Recipe(
    model="0123456789abcdef" * 4,
    prompt="a lake at dawn 🌅",
    width=64,
    height=64,
    steps=3,
    guidance=4.5,
    sampler="euler",
    seed=7,
)
MADE = {"model": "starter", "device": "cpu", "versions": {"a": "1"}}
PICTURE = Raster(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
NAME = re.compile(r"\d{4}-\d\d/\d{8}-\d{6}-7(-\d+)?\.png")


def _produced(seed: int = 7) -> Produced:
    return Produced(PICTURE, replace(RECIPE, seed=seed), MADE)


def _files(folder: Path) -> list[str]:
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


# ---------------------------------------------------------------- pictures


def test_a_kept_picture_is_a_file_with_its_recipe_and_a_row(library: Library, folder: Path) -> None:
    before = time.time()
    picture = library.add(_produced(), 1.5)
    assert before <= picture.created <= time.time()
    assert (picture.recipe, picture.made, picture.seconds) == (RECIPE, MADE, 1.5)
    assert Raster.read(picture.file) == PICTURE
    assert Recipe.from_json(reading.describe(picture.file).recipe) == RECIPE
    assert _files(folder) == [picture.file.relative_to(folder).as_posix()]
    made = datetime.fromtimestamp(picture.created)
    assert picture.file == folder / f"{made:%Y-%m}" / f"{made:%Y%m%d-%H%M%S}-7.png"
    assert library.recent(5) == [picture]
    assert library.find(picture.id) == picture


def test_what_was_kept_is_there_after_the_next_start(library: Library, database: Database, tmp_path: Path) -> None:
    picture = library.add(_produced(2**64 - 1), 1.5)
    database.close()
    with closing(Database(tmp_path / "sfumato.db")) as again:
        assert Library(again, Path).recent(1) == [picture]


def test_the_newest_come_first(library: Library) -> None:
    pictures = [library.add(_produced(seed), 0) for seed in range(5)]
    assert library.recent(3) == pictures[:1:-1]
    assert library.recent(99) == pictures[::-1]
    assert library.recent(0) == []


def test_pictures_of_one_second_and_seed_get_names_of_their_own(
    library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_750_000_000.25)
    with ThreadPoolExecutor(4) as pool:
        pictures = list(pool.map(library.add, [_produced()] * 8, [0.0] * 8))
    assert len({picture.file for picture in pictures}) == len({picture.id for picture in pictures}) == 8
    assert all(NAME.fullmatch(name) for name in _files(folder))
    assert [Raster.read(picture.file) == PICTURE for picture in library.recent(9)] == [True] * 8


def test_the_names_count_on(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_750_000_000.25)
    names = [library.add(_produced(), 0).file.stem for _ in range(3)]
    assert names == [names[0], f"{names[0]}-2", f"{names[0]}-3"]


def test_a_file_that_others_put_there_is_not_written_over(
    library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_750_000_000.25)
    theirs = library.add(_produced(), 0).file
    theirs.write_text("theirs")
    assert library.add(_produced(), 0).file.stem == f"{theirs.stem}-2"
    assert theirs.read_text() == "theirs"


def test_the_folder_is_asked_each_time(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = iter([tmp_path / "one", Path("two")])
    library = Library(database, lambda: next(folders))
    monkeypatch.chdir(tmp_path)
    files = [library.add(_produced(), 0).file for _ in range(2)]
    assert [file.relative_to(tmp_path).parts[0] for file in files] == ["one", "two"]
    assert len(library.recent(5)) == 2


def test_the_folder_has_one_name_whatever_leads_there(database: Database, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "linked").symlink_to(tmp_path / "real", target_is_directory=True)
    for way in ("linked", "linked/../real", "real"):
        assert Library(database, partial(Path, tmp_path / way)).folder == (tmp_path / "real").resolve()


def test_where_the_disk_is_gone_only_some_of_the_rows_are_looked_at(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(20):
        library.add(_produced(seed), 0).file.unlink()
    asked: list[Path] = []
    monkeypatch.setattr("desktop.library.library.is_there", lambda file: asked.append(file) or file.exists())
    assert library.recent(2) == []
    assert 2 <= len(asked) <= 10


def test_a_picture_whose_file_is_gone_is_skipped(library: Library) -> None:
    pictures = [library.add(_produced(seed), 0) for seed in range(3)]
    pictures[1].file.unlink()
    assert library.recent(2) == [pictures[2], pictures[0]]
    assert library.find(pictures[1].id) == pictures[1]  # which the gallery shows as what it is
    assert library.find(999) is None


def test_a_name_that_is_free_again_can_be_taken(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_750_000_000.25)
    library.add(_produced(), 1).file.unlink()
    again = library.add(_produced(), 2)
    assert library.recent(5) == [again]


@pytest.mark.parametrize(
    "change",
    [
        "recipes SET recipe = ''",
        "recipes SET recipe = '5'",
        "recipes SET recipe = '{}'",
        "recipes SET recipe = x'00'",
        "pictures SET file = x'ff'",
        "pictures SET file = 'a' || char(0)",
        "pictures SET file = '/' || hex(zeroblob(200))",
    ],
)
def test_a_row_that_cannot_be_read_is_not_among_the_newest(library: Library, database: Database, change: str) -> None:
    pictures = [library.add(_produced(seed), 0) for seed in range(3)]
    column = "id" if change.startswith("pictures") else "picture"
    with database.write() as connection:
        connection.execute(f"UPDATE {change} WHERE {column} = ?", (pictures[1].id,))
    assert library.recent(2) == [pictures[2], pictures[0]]
    found = library.find(pictures[1].id)
    assert found  # it is shown as far as it can be read
    assert found.created == pictures[1].created


# ---------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    ("number", "word"), [(errno.ENOSPC, "full"), (errno.EDQUOT, "full"), (errno.EIO, os.strerror(errno.EIO))]
)
def test_a_disk_that_takes_no_more_is_told_and_nothing_is_left(
    library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch, number: int, word: str
) -> None:
    def fail(_: int) -> NoReturn:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(UserError, match=word) as caught:
            library.add(_produced(), 0)
    assert "settings" in caught.value.hint
    assert str(folder) in caught.value.message
    assert _files(folder) == []
    assert library.recent(5) == []
    assert library.add(_produced(), 0) == library.recent(5)[0]


def test_a_folder_that_cannot_be_made_is_told(library: Library, folder: Path) -> None:
    folder.parent.write_text("in the way")
    with pytest.raises(UserError, match="cannot be kept") as caught:
        library.add(_produced(), 0)
    assert "settings" in caught.value.hint


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_nobody_may_write_is_told(library: Library, folder: Path) -> None:
    folder.mkdir(parents=True, mode=0o555)
    with pytest.raises(UserError, match="cannot be kept") as caught:
        library.add(_produced(), 0)
    assert "settings" in caught.value.hint


def test_a_picture_whose_row_cannot_be_written_stays_and_comes_in_at_the_next_start(
    library: Library, database: Database, folder: Path
) -> None:
    with database.read() as connection:
        connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(UserError, match="disk is full"):
        library.add(Produced(PICTURE, RECIPE, {**MADE, "note": "a" * 1_000_000}), 0)
    assert library.recent(5) == []
    (name,) = _files(folder)
    assert Raster.read(folder / name) == PICTURE
    with database.read() as connection:
        connection.execute("PRAGMA max_page_count = 1000000")
    assert library.finish() == 1
    (picture,) = library.recent(5)
    assert (picture.file, picture.recipe, picture.content) == (folder / name, RECIPE, PICTURE.sha256)


def test_a_file_that_stands_there_under_two_names_is_kept_while_one_is_left(
    library: Library, folder: Path, tmp_path: Path
) -> None:
    picture = library.add(_produced(), 0)
    (tmp_path / "linked").symlink_to(folder, target_is_directory=True)
    arrival = arrival_of(tmp_path / "linked" / picture.file.relative_to(folder))
    (other,) = library.adopt([arrival])
    library.trash([picture.id])
    library.delete([picture.id])
    assert library.find(picture.id) is None
    assert other.file.exists()
