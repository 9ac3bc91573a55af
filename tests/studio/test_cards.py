"""Cards: what goes wrong with one thumbnail, or with keeping any, costs no other."""

from __future__ import annotations

import pytest

from desktop.errors import UserError
from desktop.library.library import Library
from desktop.library.picture import Picture
from desktop.library.thumbnails import SIDES, Made, Thumbnails, opened, stamp_of
from desktop.studio.cards import cards
from tests.library.things import produced


@pytest.fixture
def pictures(library: Library) -> list[Picture]:
    return [library.add(produced(seed), 0) for seed in range(3)]


def _shown(library: Library, thumbnails: Thumbnails, pictures: list[Picture]) -> list[bool]:
    return [card.thumbnail is not None for card in cards(library, thumbnails, [each.id for each in pictures], SIDES[0])]


def test_where_none_can_be_kept_all_are_shown(
    library: Library, thumbnails: Thumbnails, pictures: list[Picture], monkeypatch: pytest.MonkeyPatch
) -> None:
    def put(*_: object) -> None:
        raise UserError("thumbnails.db cannot grow: the disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(thumbnails, "put", put)
        assert _shown(library, thumbnails, pictures) == [True] * 3
    assert thumbnails.find({each.id: stamp_of(each.file) for each in pictures}, SIDES[0]) == {}


def test_a_damaged_one_is_made_again(library: Library, thumbnails: Thumbnails, pictures: list[Picture]) -> None:
    stamp = stamp_of(pictures[1].file)
    thumbnails.put([Made(pictures[1].id, stamp, (b"\xff\xd8 no JPEG",) * len(SIDES))])
    assert _shown(library, thumbnails, pictures) == [True] * 3
    assert opened(thumbnails.find({pictures[1].id: stamp}, SIDES[0])[pictures[1].id])


def test_a_file_that_vanishes_at_that_moment_is_missing(
    library: Library, thumbnails: Thumbnails, pictures: list[Picture], monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures[1].file.unlink()
    monkeypatch.setattr("desktop.library.thumbnails.missing", lambda _: False)
    found = cards(library, thumbnails, [each.id for each in pictures], SIDES[0])
    assert [card.is_missing for card in found] == [False, True, False]
    assert [card.thumbnail is None for card in found] == [False, True, False]
