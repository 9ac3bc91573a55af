"""Locating lost pictures: the very ones, not others of the same name."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.library.library import Library
from desktop.library.locating import locate
from desktop.library.picture import Picture
from tests.library.things import last, never, produced


@pytest.fixture
def lost(library: Library, tmp_path: Path) -> list[Picture]:
    """Two pictures of the same name, which were moved to another folder each."""
    pictures = [library.add(produced(seed), 0) for seed in range(2)]
    for number, picture in enumerate(pictures):
        library.found(picture.id, tmp_path / "gone" / str(number) / "a.png")
        (tmp_path / "new" / str(number)).mkdir(parents=True)
        shutil.move(picture.file, _new(tmp_path, number))
    return library.pictures([picture.id for picture in pictures])


def _new(folder: Path, number: int) -> Path:
    return folder.resolve() / "new" / str(number) / "a.png"


@pytest.mark.parametrize("turned", [False, True])
def test_each_of_those_with_one_name_finds_its_own_file(
    library: Library, lost: list[Picture], tmp_path: Path, turned: bool
) -> None:
    asked = lost[::-1] if turned else lost
    assert sorted(last(locate(library, asked, tmp_path / "new", never))) == [each.id for each in lost]
    assert [each.file for each in library.pictures([each.id for each in lost])] == [_new(tmp_path, n) for n in (0, 1)]


def test_a_file_of_the_same_name_with_another_size_or_content_is_another(
    library: Library, lost: list[Picture], tmp_path: Path
) -> None:
    _new(tmp_path, 0).write_bytes(_new(tmp_path, 0).read_bytes() + b"more")
    other = produced(7).picture.png()
    _new(tmp_path, 1).write_bytes(other)
    unknown = [lost[0], replace(lost[1], bytes=len(other))]
    assert last(locate(library, unknown, tmp_path / "new", never)) == []
    assert library.pictures([each.id for each in lost]) == lost


def test_of_a_row_that_knows_neither_the_name_decides(library: Library, lost: list[Picture], tmp_path: Path) -> None:
    earlier = replace(lost[0], bytes=0, content=None)
    assert last(locate(library, [earlier], tmp_path / "new" / "1", never)) == [earlier.id]


def test_what_is_there_or_belongs_to_another_picture_stays(
    library: Library, lost: list[Picture], tmp_path: Path
) -> None:
    library.found(lost[1].id, _new(tmp_path, 1))
    pictures = [replace(lost[0], bytes=0, content=None), *library.pictures([lost[1].id])]
    assert last(locate(library, pictures, tmp_path / "new" / "1", never)) == []


def test_it_stops(library: Library, lost: list[Picture], tmp_path: Path) -> None:
    assert last(locate(library, lost, tmp_path / "new", lambda: True)) == []
