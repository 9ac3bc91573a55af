"""When a live picture is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from desktop.studio import live as module
from desktop.studio.easel import Easel
from desktop.studio.live import Live
from desktop.studio.session import Session


class Clock:
    now = 0.0

    def monotonic(self) -> float:
        return self.now


class Forgetful:
    """Remembers nothing."""

    def recall(self, name: str) -> None:
        pass

    def keep(self, name: str, value: object) -> None:
        pass


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def easel(qapp: QApplication) -> Iterator[Easel]:
    memory: Any = Forgetful()
    easel = Easel(memory, memory)
    document: Any = object()
    easel.document = document
    easel.active = True
    yield easel
    easel.deleteLater()


@pytest.fixture
def asked(easel: Easel, clock: Clock) -> tuple[Live, Session, list[float]]:
    """Live, switched on, its first picture made in a second; and when it asked for further ones."""
    session = Session(easel)
    live = Live(easel, session, easel)
    times: list[float] = []
    live.wanted.connect(lambda: times.append(clock.now))
    live.on = True
    live.begun()
    clock.now = 1.0
    live.usual = 1.0
    live.ended()
    assert times == [0.0]
    times.clear()
    return live, session, times


def test_each_step_asks_at_once_while_nothing_is_made(asked, easel: Easel, clock: Clock) -> None:
    live, _, times = asked
    for second in (2.0, 5.0):
        clock.now = second
        easel.stepped.emit()
        live.ended()
    assert times == [2.0, 5.0]


def test_a_pass_that_has_just_begun_gives_way_once(asked, easel: Easel, clock: Clock) -> None:
    """Else there would be nothing to see while the hand is fast."""
    live, _, times = asked
    for second in (2.0, 2.3, 2.4, 2.5):
        clock.now = second
        easel.stepped.emit()
        live.begun()
    assert times == [2.0, 2.3]
    clock.now = 3.3
    live.ended()
    assert times == [2.0, 2.3, 3.3]  # what has changed since


def test_a_pass_that_is_nearly_done_ends_first_and_the_newest_follows(asked, easel: Easel, clock: Clock) -> None:
    live, _, times = asked
    clock.now = 2.0
    easel.stepped.emit()
    live.begun()
    for second in (2.7, 2.8, 2.9):
        clock.now = second
        easel.stepped.emit()
    assert times == [2.0]
    clock.now = 3.0
    live.ended()
    assert times == [2.0, 3.0]
    live.ended()
    assert times == [2.0, 3.0]


def test_while_one_is_prepared_none_is_asked_for(asked, easel: Easel, clock: Clock) -> None:
    live, session, times = asked
    clock.now = 2.0
    for letter in range(5):
        session.prompt = "abcde"[: letter + 1]
    assert times == [2.0]
    live.begun()
    assert times == [2.0, 2.0]  # it gives way to the whole word at once


def test_switched_off_and_on_it_begins_anew(asked, easel: Easel) -> None:
    live, _, times = asked
    easel.stepped.emit()
    live.on = False
    live.on = True
    assert len(times) == 2


def test_another_document_asks(asked, easel: Easel) -> None:
    _, _, times = asked
    document: Any = object()
    easel.document = document
    assert len(times) == 1


def test_settings_that_matter_ask_too(asked, clock: Clock) -> None:
    live, session, times = asked
    clock.now = 4.0
    session.prompt = "a lake"
    live.ended()
    session.count = 5
    assert times == [4.0]


def test_off_it_asks_for_nothing(asked, easel: Easel) -> None:
    live, _, times = asked
    live.on = False
    easel.stepped.emit()
    live.ended()
    assert times == []


def test_it_ends_with_the_canvas(asked, easel: Easel) -> None:
    live, _, _ = asked
    easel.active = False
    assert not live.on
