"""Chores: one after the other, with their progress, until they are done or stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QObject

from desktop.engine.api import Progress
from desktop.errors import UserError
from desktop.studio.chores import Chore, Chores
from tests.studio.things import heard
from tests.ui.hands import until


@pytest.fixture
def chores(parent: QObject) -> Iterator[Chores]:
    chores = Chores(parent)
    yield chores
    chores.close()


def _steps(count: int, value: Any, may: threading.Event | None = None) -> Callable[[Callable[[], bool]], Iterator[Any]]:
    def steps(stopped: Callable[[], bool]) -> Iterator[Any]:
        for step in range(count):
            if may:
                may.wait(10)
            if stopped():
                return
            yield Progress(step, count, "working")
        yield value

    return steps


def test_they_are_done_in_turn_and_tell_what_has_come_of_them(chores: Chores) -> None:
    told: list[Any] = []
    shown = heard(chores.changed)
    for name in ("first", "second"):
        chores.begin(Chore(name, _steps(3, name), told.append, lambda name=name: told.append(f"{name} ended")))
    until(lambda: len(told) == 4)
    assert told == ["first", "first ended", "second", "second ended"]
    assert (chores.present, chores.progress) == (None, None)
    assert "progress" in shown


def test_progress_is_seen(chores: Chores) -> None:
    may, seen = threading.Event(), []
    chores.changed.connect(lambda name: seen.append(chores.progress) if name == "progress" else None)
    chores.begin(Chore("long", _steps(3, "done", may)))
    assert chores.present
    assert chores.present.title == "long"
    may.set()
    until(lambda: chores.present is None)
    assert seen == [*(Progress(step, 3, "working") for step in range(3)), None]


def test_one_is_stopped_at_its_next_step_and_the_next_begins(chores: Chores) -> None:
    may, told = threading.Event(), []
    chores.begin(Chore("first", _steps(10**6, "never", may), told.append, lambda: told.append("ended")))
    chores.begin(Chore("second", _steps(1, "second"), told.append))
    chores.stop()
    may.set()
    until(lambda: told == ["ended", "second"])


def test_one_that_fails_is_told_and_the_next_begins(chores: Chores) -> None:
    def broken(stopped: Callable[[], bool]) -> Iterator[Any]:
        yield Progress(0, 1, "working")
        raise UserError("The disk is full.", "Make room.")

    failures, told = heard(chores.failed), []
    chores.begin(Chore("broken", broken, told.append, lambda: told.append("ended")))
    chores.begin(Chore("second", _steps(1, "second"), told.append))
    until(lambda: told == ["ended", "second"])
    assert [(failed.message, failed.hint) for failed in failures] == [("The disk is full.", "Make room.")]


def test_closing_stops_them_all(parent: QObject) -> None:
    chores, told = Chores(parent), []
    for _ in range(3):
        chores.begin(Chore("long", _steps(10**9, "never"), told.append))
    chores.close()
    assert told == []
