"""What is seen in the middle of the window."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from desktop.studio.results import IN_MEMORY, Result, Results
from desktop.studio.stage import Stage
from desktop.studio.worker import Errands
from tests.studio.things import heard, kept, plain, settle, unkept
from tests.ui.hands import until


@pytest.fixture
def old(results: Results, tmp_path: Path) -> list[Result]:
    """Three results that are on disk only."""
    found = [kept(tmp_path, seed) for seed in (3, 2, 1)]
    results.restore(found)
    return found


def _sees(stage: Stage, result: Result) -> bool:
    return stage.result is result and stage.picture == plain(result.recipe.seed)


def test_it_follows_what_is_being_made(stage: Stage) -> None:
    stage.preview(plain(1, 16, 16), 128, 64)
    assert (stage.picture, stage.size, stage.result) == (plain(1, 16, 16), (128, 64), None)
    result = unkept(1)
    stage.made(plain(1, 128, 64), result)
    assert (stage.picture, stage.size, stage.result) == (plain(1, 128, 64), (128, 64), result)


def test_who_looks_elsewhere_is_not_disturbed(stage: Stage) -> None:
    seen = unkept(1)
    stage.show(seen)
    assert not stage.follows
    stage.preview(plain(2, 16, 16), 64, 64)
    stage.made(plain(2), unkept(2))
    assert _sees(stage, seen)
    stage.follows = True
    stage.preview(plain(2, 16, 16), 64, 64)
    assert stage.picture == plain(2, 16, 16)


def test_the_size_is_known_when_the_picture_changes(stage: Stage) -> None:
    sizes: list[tuple[int, int]] = []
    stage.changed.connect(lambda name: sizes.append(stage.size) if name == "picture" else None)
    stage.preview(plain(1, 16, 16), 128, 64)
    assert sizes == [(128, 64)]


def test_a_result_is_read_from_disk_once(stage: Stage, old: list[Result], errands: Errands) -> None:
    stage.show(old[0])
    until(lambda: _sees(stage, old[0]))
    assert old[0].file
    old[0].file.unlink()
    stage.preview(plain(9), 64, 64)
    shown = heard(stage.changed)
    stage.show(unkept(5))
    stage.show(old[0])
    assert _sees(stage, old[0])  # at once
    assert shown


def test_few_that_were_read_are_held(stage: Stage, results: Results, tmp_path: Path, errands: Errands) -> None:
    several = [kept(tmp_path, seed) for seed in range(IN_MEMORY + 2)]
    results.restore(several)
    for result in several:
        stage.with_raster(result, lambda _: None)
    settle(errands)
    assert [results.held(result) is not None for result in several] == [False, False, *[True] * IN_MEMORY]


def test_a_file_that_is_gone_is_told_and_the_picture_stays(stage: Stage, old: list[Result], errands: Errands) -> None:
    failures = heard(errands.failed)
    stage.show(seen := unkept(9))
    assert old[0].file
    old[0].file.unlink()
    stage.show(old[0])
    settle(errands)
    assert "There is no file" in failures[0].message
    assert _sees(stage, seen)


def test_steps_go_along_the_strip(stage: Stage, old: list[Result]) -> None:
    for by, place in ((1, 0), (1, 1), (1, 2), (1, 2), (-1, 1)):
        stage.step(by)
        until(lambda place=place: _sees(stage, old[place]))


def test_a_step_without_results_changes_nothing(stage: Stage) -> None:
    stage.step(1)
    assert stage.follows
    assert stage.picture is None


def test_what_is_wished_last_is_seen_however_long_the_rest_takes(
    stage: Stage, old: list[Result], errands: Errands
) -> None:
    go_on, seen = threading.Event(), unkept(9)
    errands.send(lambda: go_on.wait(10))
    stage.show(old[0])
    stage.compare(old[1], old[2])
    stage.show(seen)  # at hand
    go_on.set()
    settle(errands)
    assert _sees(stage, seen)
    assert stage.rival is None


def test_a_comparison_that_is_left_does_not_come_back(stage: Stage, old: list[Result], errands: Errands) -> None:
    go_on, left = threading.Event(), unkept(8)
    errands.send(lambda: go_on.wait(10))
    stage.compare(left, old[0])
    assert _sees(stage, left)
    stage.show(unkept(9))
    go_on.set()
    settle(errands)
    assert stage.rival is None


def test_two_are_compared_until_another_comes(stage: Stage, old: list[Result]) -> None:
    stage.compare(old[0], old[1])
    until(lambda: stage.rival is not None)
    assert _sees(stage, old[0])
    assert stage.rival == plain(2)
    assert not stage.follows
    stage.show(old[2])
    until(lambda: _sees(stage, old[2]))
    assert stage.rival is None


def test_at_first_the_newest_result_is_seen(stage: Stage, old: list[Result]) -> None:
    stage.begin()
    until(lambda: _sees(stage, old[0]))
    assert stage.follows


@pytest.mark.parametrize("before", [True, False], ids=["before", "while it is read"])
def test_at_first_what_is_being_made_is_more(stage: Stage, old: list[Result], errands: Errands, before: bool) -> None:
    go_on = threading.Event()
    errands.send(lambda: go_on.wait(10))
    for deed in (lambda: stage.preview(plain(9), 64, 64), stage.begin)[:: 1 if before else -1]:
        deed()
    go_on.set()
    settle(errands)
    assert (stage.picture, stage.result) == (plain(9), None)


def test_at_first_there_may_be_nothing(stage: Stage) -> None:
    stage.begin()
    assert stage.picture is None
