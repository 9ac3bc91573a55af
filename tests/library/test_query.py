"""Finding pictures: by words, by what they are, in the order that is wanted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.database import Database
from desktop.library.choices import choices
from desktop.library.library import Library
from desktop.library.marks import Marks
from desktop.library.query import SORTS, Query
from desktop.recipe import Source
from tests.library.things import produced


@pytest.fixture
def seeds(library: Library, marks: Marks) -> dict[int, int]:
    """Ids by seed, of four pictures that were made at the times 1000, 2000, 3000 and 4000."""
    ids = {
        each.recipe.seed: library.add(each, 0).id
        for each in (
            produced(1, prompt="a red house, 100% snow", negative="people"),
            produced(2, {"model": "dream"}, prompt="a blue HOUSE by the sea <lora:Inkwash_v2:0.8>"),
            produced(3, prompt='say "hello_world" 夜 の海', source=Source("ab" * 32, 0.5)),
            produced(4, prompt="a lighthouse", source=Source("ab" * 32, mask="cd" * 32, intent="remove")),
        )
    }
    with library.database.write() as connection:
        connection.executemany("UPDATE pictures SET created = ? WHERE id = ?", [(n * 1e3, ids[n]) for n in ids])
    marks.tag([ids[1], ids[4]], "Winter, best of")
    marks.rate([ids[2]], 3)
    marks.rate([ids[4]], 5)
    marks.collect([ids[3], ids[2]], "Sea")
    return ids


def _found(library: Library, seeds: dict[int, int], query: Query) -> list[int]:
    numbers = {id: seed for seed, id in seeds.items()}
    return [numbers[id] for id in library.ids(query)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [4, 3, 2, 1]),
        ("   ", [4, 3, 2, 1]),
        ("house", [4, 2, 1]),
        ("HOUSE red", [1]),
        ("red house", [1]),
        ('"red house"', [1]),
        ('"house red"', []),
        ("ouse by", [2]),  # parts of words, also short ones
        ("夜", [3]),
        ("の海", [3]),
        ("100% sn", [1]),
        ("0%", [1]),
        ("o_w", [3]),
        ("_", [3, 2]),  # not everything, as in LIKE
        ('say "hello', [3]),
        ("people", [1]),
        ("dream", [2]),
        ("inkwash", [2]),
        ("winter", [4, 1]),
        ("best of", [4, 1]),
        ("zebra", []),
        ("house AND NOT red", []),  # words, no language
        ("red*", []),
        ("'; DROP TABLE pictures; --", []),
        ("\0\ud800", []),
    ],
)
def test_words_are_found_wherever_they_stand(library: Library, seeds: dict[int, int], text: str, expected) -> None:
    assert _found(library, seeds, Query(text=text)) == expected


@given(st.text(max_size=40))
def test_nothing_that_is_typed_fails(text: str) -> None:
    sql, values = Query(text=text).sql()
    assert sql.count("?") == len(values)
    for value in values:
        str(value).encode()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("empty")
    with closing(Database(folder / "sfumato.db")) as database:
        yield Library(database, lambda: folder)


@given(text=st.text(alphabet='ab "%_!\\*()-:^{}', max_size=12))
def test_sqlite_takes_all_that_is_typed(empty: Library, text: str) -> None:
    assert list(empty.ids(Query(text=text))) == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query(rating=3), [4, 2]),
        (Query(rating=4), [4]),
        (Query(tag="winter"), [4, 1]),
        (Query(tag="WINTER", rating=5), [4]),
        (Query(collection="sea"), [3, 2]),
        (Query(model="dream"), [2]),
        (Query(task="generate"), [2, 1]),
        (Query(task="refine"), [3]),
        (Query(task="remove"), [4]),
        (Query(tool="sfumato"), [4, 3, 2, 1]),
        (Query(tool="a1111"), []),
        (Query(size="64x48"), [4, 3, 2, 1]),
        (Query(seed="3"), [3]),
        (Query(since=2000.0), [4, 3, 2]),
        (Query(until=2000.0), [1]),
        (Query(text="house", rating=1), [4, 2]),
        (Query(trashed=True), []),
    ],
)
def test_filters_narrow(library: Library, seeds: dict[int, int], query: Query, expected: list[int]) -> None:
    assert _found(library, seeds, query) == expected


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("newest", [4, 3, 2, 1]),
        ("oldest", [1, 2, 3, 4]),
        ("rated", [4, 2, 3, 1]),
        ("model", [2, 4, 3, 1]),
        ("task", [2, 1, 3, 4]),
        ("size", [4, 3, 2, 1]),
        ("seed", [1, 2, 3, 4]),
    ],
)
def test_the_order_is_the_one_that_is_wanted(library: Library, seeds: dict[int, int], sort: str, expected) -> None:
    assert _found(library, seeds, Query(sort=sort)) == expected


def test_the_first_ones_are_the_first_of_all(library: Library, seeds: dict[int, int]) -> None:
    for query in (Query(), Query(text="house"), Query(sort="rated")):
        for most in (0, 1, 2, 10):
            assert library.ids(query, most) == library.ids(query)[:most]


def test_every_order_is_tested() -> None:
    assert set(SORTS) == {"newest", "oldest", "rated", "model", "task", "size", "seed"}


def test_seeds_are_ordered_as_numbers_and_kept_whole(library: Library) -> None:
    for seed in (2**64 - 1, 9, 10):
        library.add(produced(seed % 2**31, prompt=str(seed)), 0)
    with library.database.write() as connection:
        connection.execute("UPDATE pictures SET seed = ? WHERE id = 1", (str(2**64 - 1),))
    assert [picture.fields["prompt"] for picture in library.pictures(library.ids(Query(sort="seed")))] == [
        "9",
        "10",
        str(2**64 - 1),
    ]


def test_duplicates_stand_beside_each_other(library: Library) -> None:
    first = library.add(produced(1), 0)
    library.add(produced(2), 0)
    again = library.add(produced(1, prompt="the same picture"), 0)
    assert sorted(library.ids(Query(duplicates=True))) == sorted([first.id, again.id])
    library.trash([again.id])
    assert list(library.ids(Query(duplicates=True))) == []


def test_what_there_is_to_choose_from(library: Library, seeds: dict[int, int], database: Database) -> None:
    found = choices(database)
    assert found["model"] == ["starter", "dream"]
    assert set(found["task"]) == {"generate", "refine", "remove"}
    assert found["tool"] == ["sfumato"]
    assert found["size"] == ["64x48"]
    assert found["month"] == ["1970-01"]
    library.trash(seeds.values())
    assert not any(choices(database).values())


def test_a_query_knows_whether_it_narrows() -> None:
    assert not Query(sort="rated", trashed=True).narrows
    assert Query(text="a").narrows
    assert not Query(text="  ").narrows
    assert Query(rating=1).narrows
