"""What an earlier Sfumato has left is looked at once."""

from __future__ import annotations

from desktop.library.library import Library
from desktop.library.query import Query
from desktop.library.survey import survey, unknown
from desktop.library.thumbnails import SIDES, Thumbnails, stamp_of
from tests.library.things import never, picture, produced


def _forget(library: Library) -> list[int]:
    """As rows of version 1 are after the migration."""
    ids = [library.add(produced(seed % 2), 0).id for seed in range(4)]
    with library.database.write() as connection:
        connection.execute("UPDATE pictures SET content = NULL, bytes = 0, width = 0, height = 0")
    return ids


def test_content_size_and_thumbnails_are_found(library: Library, thumbnails: Thumbnails) -> None:
    ids = _forget(library)
    assert unknown(library) == ids[::-1]
    assert len(list(survey(library, thumbnails, never))) == 4
    rows = library.pictures(ids)
    assert [row.content for row in rows] == [picture(seed % 2).sha256 for seed in range(4)]
    assert {(row.width, row.height) for row in rows} == {(64, 48)}
    assert set(library.ids(Query(duplicates=True))) == set(ids)
    assert len(thumbnails.find({row.id: stamp_of(row.file) for row in rows}, SIDES[0])) == 4
    assert unknown(library) == []


def test_what_is_not_there_costs_nothing_and_is_asked_for_again(library: Library, thumbnails: Thumbnails) -> None:
    ids = _forget(library)
    library.pictures(ids)[1].file.unlink()
    assert len(list(survey(library, thumbnails, never))) == 4
    assert unknown(library) == [ids[1]]


def test_it_can_be_stopped(library: Library, thumbnails: Thumbnails) -> None:
    _forget(library)
    assert list(survey(library, thumbnails, lambda: True)) == []
