"""Pace: how fast a job takes its steps, and when it will be done at that speed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from desktop.engine.api import Progress
from desktop.recipe import Recipe

RECENT = 10  # steps that the speed is taken from


@dataclass
class Pace:
    """Fed with a job's progress and the time in seconds."""

    _marks: list[tuple[float, Progress]] = field(default_factory=list)

    def take(self, progress: Progress, now: float) -> None:
        if self._marks and not _goes_on(self._marks[-1][1], progress):
            self._marks = []
        self._marks = [*self._marks[-RECENT:], (now, progress)]

    def seconds_left(self, now: float) -> float | None:
        """Of what is going on at the moment; None while there is nothing to judge by."""
        if len(self._marks) < 3:
            return None
        (began, first), (latest, last) = self._marks[0], self._marks[-1]
        if last.step == first.step:
            return None
        a_step = (latest - began) / (last.step - first.step)
        return max(0.0, (last.steps - last.step) * a_step - (now - latest))


def _goes_on(before: Progress, now: Progress) -> bool:
    """Rather than something else, or the same begun anew."""
    return now.note == before.note and now.step >= before.step


def effort(recipe: Recipe) -> float:
    """How much there is to do: the pixels of all steps."""
    strength = recipe.source.strength if recipe.source else 1.0
    return recipe.width * recipe.height * max(1.0, recipe.steps * strength)


def seconds_an_effort(made: Iterable[tuple[Recipe, float]], model: str) -> float | None:
    """By the first of these pictures, and the seconds they took, that this model has made; else by any."""
    known = [(recipe, seconds) for recipe, seconds in made if seconds > 0]
    own = [each for each in known if each[0].model == model]
    return next((seconds / effort(recipe) for recipe, seconds in (*own, *known)), None)
