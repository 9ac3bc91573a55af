"""Stars, tags and collections."""

from __future__ import annotations

import pytest

from desktop.library.library import Library
from desktop.library.marks import Marks, cleaned
from desktop.library.query import Query
from tests.library.things import produced


@pytest.fixture
def ids(library: Library) -> list[int]:
    return [library.add(produced(seed), 0).id for seed in range(3)]


def _tags(library: Library, id: int) -> tuple[str, ...]:
    picture = library.find(id)
    assert picture
    return picture.tags


def test_stars_are_kept(library: Library, marks: Marks, ids: list[int]) -> None:
    marks.rate(ids[:2], 4)
    marks.rate(ids[1:], 0)
    assert [picture.rating for picture in library.pictures(ids)] == [4, 0, 0]


def test_tags_come_and_go_and_are_found_by(library: Library, marks: Marks, ids: list[int]) -> None:
    marks.tag(ids[:2], " sea,  best   of ,sea,")
    marks.tag(ids[1:], "SEA")
    assert [_tags(library, id) for id in ids] == [("sea", "best of"), ("sea", "best of"), ("sea",)]
    assert marks.tags() == ["sea", "best of"]
    assert list(library.ids(Query(text="best"))) == ids[1::-1]
    marks.untag(ids, "Best OF")
    assert (marks.tags(), list(library.ids(Query(text="best")))) == (["sea"], [])


def test_a_picture_that_is_deleted_leaves_no_word_behind(library: Library, marks: Marks, ids: list[int]) -> None:
    marks.tag(ids, "sea")
    marks.collect(ids, "Coast")
    library.trash(ids[:2])
    library.delete(ids[:2])
    with library.database.read() as connection:
        for table in ("words", "tagged", "collected", "recipes"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (1,), table
    assert list(library.ids(Query(text="sea"))) == [ids[2]]
    assert marks.tags() == ["sea"]
    library.trash(ids)
    library.delete(ids)
    assert marks.tags() == []


def test_collections_hold_pictures_once_and_count_those_not_in_the_trash(
    library: Library, marks: Marks, ids: list[int]
) -> None:
    marks.collect(ids, "Coast")
    marks.collect(ids[:1], "coast")
    marks.collect([], "Alps")
    assert marks.collections() == [("Alps", 0), ("Coast", 3)]
    library.trash(ids[:1])
    marks.release(ids[1:2], "Coast")
    assert marks.collections() == [("Alps", 0), ("Coast", 1)]
    assert list(library.ids(Query(collection="Coast"))) == [ids[2]]


def test_a_collection_is_renamed_joined_and_dissolved(library: Library, marks: Marks, ids: list[int]) -> None:
    marks.collect(ids[:2], "Coast")
    marks.collect(ids[1:], "Alps")
    marks.rename("Alps", "ALPS")
    marks.rename("Coast", "Sea")
    assert marks.collections() == [("ALPS", 2), ("Sea", 2)]
    marks.rename("ALPS", "sea")
    assert marks.collections() == [("Sea", 3)]
    marks.dissolve("Sea")
    assert marks.collections() == []
    assert len(library.ids(Query())) == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", []), (" , ,", []), ("a,b , a", ["a", "b"]), ("two  words\n", ["two words"]), ("x" * 200, ["x" * 80])],
)
def test_names_are_cleaned(text: str, expected: list[str]) -> None:
    assert cleaned(text) == expected
