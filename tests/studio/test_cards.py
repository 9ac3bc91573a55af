"""Cards: what goes wrong with one thumbnail, or with keeping any, costs no other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from desktop.database import Database
from desktop.errors import UserError
from desktop.library import thumbnails
from desktop.library.library import Library
from desktop.library.picture import Picture
from desktop.library.thumbnails import SIDES, Made, Thumbnails, stamp_of
from desktop.studio.cards import cards
from tests.library.things import produced


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with closing(Database(tmp_path / "sfumato.db")) as database:
        yield Library(database, lambda: tmp_path / "pictures")


@pytest.fixture
def pictures(library: Library) -> list[Picture]:
    return [library.add(produced(seed), 0) for seed in range(3)]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Thumbnails]:
    with closing(Thumbnails(tmp_path / "thumbnails.db")) as small:
        yield small


def _shown(library: Library, small: Thumbnails, pictures: list[Picture]) -> list[bool]:
    return [card.thumbnail is not None for card in cards(library, small, [each.id for each in pictures], SIDES[0])]


def test_where_none_can_be_kept_all_are_shown(
    library: Library, small: Thumbnails, pictures: list[Picture], monkeypatch: pytest.MonkeyPatch
) -> None:
    def put(*_: object) -> None:
        raise UserError("thumbnails.db cannot grow: the disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(small, "put", put)
        assert _shown(library, small, pictures) == [True] * 3
    assert small.find({each.id: stamp_of(each.file) for each in pictures}, SIDES[0]) == {}


def test_a_damaged_one_is_made_again(library: Library, small: Thumbnails, pictures: list[Picture]) -> None:
    stamp = stamp_of(pictures[1].file)
    small.put([Made(pictures[1].id, stamp, (b"\xff\xd8 no JPEG",) * len(SIDES))])
    assert _shown(library, small, pictures) == [True] * 3
    assert thumbnails.opened(small.find({pictures[1].id: stamp}, SIDES[0])[pictures[1].id])


def test_a_file_that_vanishes_at_that_moment_is_missing(
    library: Library, small: Thumbnails, pictures: list[Picture], monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures[1].file.unlink()
    monkeypatch.setattr(thumbnails, "missing", lambda _: False)
    found = cards(library, small, [each.id for each in pictures], SIDES[0])
    assert [card.is_missing for card in found] == [False, True, False]
    assert [card.thumbnail is None for card in found] == [False, True, False]
