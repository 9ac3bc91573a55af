"""How long a job still takes."""

from __future__ import annotations

from dataclasses import replace

from desktop.engine.api import Progress
from desktop.recipe import Source
from desktop.studio.pace import RECENT, Pace, effort, seconds_an_effort
from tests.studio.things import recipe_of


def _pace(*steps: tuple[float, int], of: int = 100, note: str = "denoising") -> Pace:
    """Fed with steps at their times."""
    pace = Pace()
    for now, step in steps:
        pace.take(Progress(step, of, note), now)
    return pace


def test_two_steps_say_nothing_yet() -> None:
    assert Pace().seconds_left(0) is None
    assert _pace((0, 1), (2, 2)).seconds_left(2) is None


def test_the_rest_goes_on_at_the_same_speed() -> None:
    pace = _pace((0, 1), (2, 2), (4, 3), of=10)
    assert pace.seconds_left(4) == 14
    assert pace.seconds_left(5) == 13
    assert pace.seconds_left(99) == 0


def test_only_the_latest_steps_count() -> None:
    slow = [(step * 10.0, step) for step in range(5)]
    fast = [(40.0 + step, 4 + step) for step in range(1, RECENT + 1)]
    assert _pace(*slow, *fast, of=20).seconds_left(50) == 20 - 14


def test_steps_that_come_in_leaps_are_counted() -> None:
    assert _pace((0, 0), (5, 50), (6, 60)).seconds_left(6) == 4


def test_other_work_has_its_own_pace() -> None:
    pace = _pace((0, 0), (10, 50), (20, 100), note="loading model")
    pace.take(Progress(1, 5, "denoising"), 21)
    pace.take(Progress(2, 5, "denoising"), 22)
    assert pace.seconds_left(22) is None
    pace.take(Progress(3, 5, "denoising"), 23)
    assert pace.seconds_left(23) == 2


def test_the_same_work_begun_anew_has_its_own_pace() -> None:
    pace = _pace((0, 1), (100, 2), (200, 3), (201, 1), of=10)
    assert pace.seconds_left(201) is None
    pace.take(Progress(2, 10, "denoising"), 202)
    pace.take(Progress(3, 10, "denoising"), 203)
    assert pace.seconds_left(203) == 7


def test_a_standstill_says_nothing() -> None:
    assert _pace((0, 1), (1, 1), (2, 1)).seconds_left(2) is None


def test_at_the_end_nothing_is_left() -> None:
    assert _pace((0, 98), (1, 99), (2, 100)).seconds_left(2) == 0


def test_effort_is_pixels_times_steps_that_are_run() -> None:
    recipe = recipe_of(width=64, height=128, steps=10)
    assert effort(recipe) == 64 * 128 * 10
    assert effort(replace(recipe, source=Source("ab" * 32, 0.5))) == 64 * 128 * 5
    assert effort(replace(recipe, source=Source("ab" * 32, 0.01))) == 64 * 128


def test_how_long_an_effort_takes_is_known_from_the_newest_of_that_model() -> None:
    recipe, other = recipe_of(), replace(recipe_of(), model="b" * 64)
    made = [(other, 5.0), (recipe, 0.0), (recipe, 2.0), (recipe, 9.0)]
    assert seconds_an_effort(made, recipe.model) == 2.0 / effort(recipe)
    assert seconds_an_effort(made, "c" * 64) == 5.0 / effort(recipe)
    assert seconds_an_effort([(recipe, 0.0)], recipe.model) is None
