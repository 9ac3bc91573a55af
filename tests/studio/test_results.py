"""The strip of the newest pictures."""

from __future__ import annotations

from pathlib import Path

from desktop.studio.results import IN_MEMORY, MOST, Result, Results
from tests.studio.things import heard, kept, plain, unkept


def _add(results: Results, *added: Result) -> None:
    for result in added:
        results.add(result, plain())


def _seeds(results: Results) -> list[int]:
    return [result.recipe.seed for result in results.all]


def test_the_newest_is_the_first(results: Results, tmp_path: Path) -> None:
    changes, added = heard(results.changed), heard(results.added)
    one, two = kept(tmp_path, 1), kept(tmp_path, 2)
    _add(results, one, two)
    assert results.all == [two, one]
    assert added == [one, two]
    assert len(changes) == 2


def test_the_oldest_go(results: Results, tmp_path: Path) -> None:
    file = kept(tmp_path).file
    _add(results, *(unkept(seed).kept_as(file or tmp_path) for seed in range(MOST + 3)))
    assert _seeds(results) == list(reversed(range(3, MOST + 3)))


def test_those_in_memory_only_never_go(results: Results, tmp_path: Path) -> None:
    many = [unkept(seed) for seed in range(MOST + 2)]
    _add(results, kept(tmp_path, 1000), *many)
    assert results.all == many[::-1]
    _add(results, newest := kept(tmp_path, 2000))
    assert results.all == [newest, *many[::-1]]
    results.restore([kept(tmp_path, 3000)])
    assert results.all == [newest, *many[::-1]]


def test_those_of_the_last_time_come_behind_the_newer(results: Results, tmp_path: Path) -> None:
    new, both, memory = kept(tmp_path, 1), kept(tmp_path, 2), unkept(3)
    _add(results, both, memory, new)
    old = [kept(tmp_path, seed) for seed in (2, 4, 5)]
    results.restore(old)
    assert results.all == [new, memory, both, *old[1:]]


def test_one_that_was_written_takes_its_own_place(results: Results, tmp_path: Path) -> None:
    old = unkept(2)
    _add(results, kept(tmp_path, 1), old, kept(tmp_path, 3))
    changes = heard(results.changed)
    new = old.kept_as(tmp_path / "saved.png")
    results.replace(old, new)
    results.replace(old, new)  # as when people save twice
    assert results.all[1] is new
    assert (new.raster, new.file, new.recipe) == (None, tmp_path / "saved.png", old.recipe)
    assert _seeds(results) == [3, 2, 1]
    assert changes


def test_neighbours_are_found_up_to_the_ends(results: Results, tmp_path: Path) -> None:
    assert results.neighbour(None, 1) is None
    _add(results, *(kept(tmp_path, seed) for seed in (1, 2, 3)))
    first, middle, last = results.all
    assert results.neighbour(middle, 1) is last
    assert results.neighbour(middle, -1) is first
    assert results.neighbour(last, 1) is last
    assert results.neighbour(first, -5) is first
    assert results.neighbour(None, 2) is first
    assert results.neighbour(unkept(), 2) is first


def test_few_whole_pictures_are_held_the_latest_used(results: Results, tmp_path: Path) -> None:
    several = [kept(tmp_path, seed) for seed in range(IN_MEMORY + 1)]
    _add(results, *several[:-1])
    results.hold(several[0], plain())
    _add(results, several[-1])
    assert [results.held(result) is not None for result in several] == [True, False, *[True] * (IN_MEMORY - 1)]


def test_one_in_memory_only_is_always_held(results: Results, tmp_path: Path) -> None:
    memory = unkept()
    _add(results, memory, *(kept(tmp_path, seed) for seed in range(IN_MEMORY + 1)))
    assert results.held(memory) is memory.raster
