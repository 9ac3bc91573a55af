"""Values that tell when they change, and their ties to controls."""

from __future__ import annotations

import pytest
import shiboken6
from PySide6.QtCore import QObject, Signal

from desktop.studio.observable import Observable, Observed, bind, watch
from tests.studio.things import heard


class Lamp(Observable):
    """Something to be watched."""

    level = Observed(3, lambda level: min(max(level, 0), 10))
    name = Observed("lamp")


class Dial(QObject):
    """A control, and how often its content was set."""

    edited = Signal(object)

    def __init__(self, content: object = None):
        super().__init__()
        self._content = content
        self.times = 0

    @property
    def content(self) -> object:
        return self._content

    @content.setter
    def content(self, value: object) -> None:
        self._content = value
        self.times += 1

    def turn(self, value: object) -> None:
        """As people do it."""
        self._content = value
        self.edited.emit(value)


@pytest.fixture
def lamp() -> Lamp:
    return Lamp()


def test_a_value_is_the_default_until_it_is_set(lamp: Lamp) -> None:
    assert (lamp.level, lamp.name) == (3, "lamp")
    lamp.level = 5
    assert (lamp.level, Lamp().level) == (5, 3)
    assert Lamp.level.default == 3


def test_only_a_real_change_is_told(lamp: Lamp) -> None:
    changes = heard(lamp.changed)
    lamp.level = 3
    assert changes == []
    lamp.level = 4
    lamp.level = 4
    lamp.name = "torch"
    assert changes == ["level", "name"]


def test_the_change_is_told_when_it_is_done(lamp: Lamp) -> None:
    levels: list[int] = []
    lamp.changed.connect(lambda _: levels.append(lamp.level))
    lamp.level = 7
    assert levels == [7]


def test_a_value_is_mended_before_it_is_compared(lamp: Lamp) -> None:
    changes = heard(lamp.changed)
    lamp.level = 99
    lamp.level = 12
    lamp.level = 10
    assert lamp.level == 10
    assert changes == ["level"]


def test_who_watches_hears_the_present_value_and_each_later_one(lamp: Lamp) -> None:
    levels: list[int] = []
    owner = QObject()
    watch(lamp, "level", levels.append, owner)
    assert levels == [3]
    lamp.name = "torch"
    lamp.level = 99
    assert levels == [3, 10]


def test_watching_ends_with_the_owner(lamp: Lamp) -> None:
    ended: list[int] = []
    going_on: list[int] = []
    owner, other = QObject(), QObject()
    watch(lamp, "level", ended.append, owner)
    watch(lamp, "level", going_on.append, other)
    shiboken6.delete(owner)
    lamp.level = 4
    assert (ended, going_on) == ([3], [3, 4])


def test_a_control_shows_the_value_and_people_change_it(lamp: Lamp) -> None:
    dial = Dial()
    bind(lamp, "level", dial)
    assert dial.content == 3
    lamp.level = 6
    assert dial.content == 6
    dial.turn(8)
    assert lamp.level == 8


def test_a_control_is_left_alone_where_it_shows_the_value_already(lamp: Lamp) -> None:
    dial = Dial(3)
    bind(lamp, "level", dial)
    dial.turn(8)  # a cursor in its text would jump
    assert dial.times == 0


@pytest.mark.parametrize("before", [3, 10], ids=["that changes the value", "that does not"])
def test_a_mended_edit_comes_back_to_the_control(lamp: Lamp, before: int) -> None:
    lamp.level = before
    dial = Dial()
    bind(lamp, "level", dial)
    dial.turn(99)
    assert (lamp.level, dial.content) == (10, 10)


def test_two_controls_of_one_value_agree(lamp: Lamp) -> None:
    one, other = Dial(), Dial()
    for dial in (one, other):
        bind(lamp, "level", dial)
    one.turn(99)
    assert (one.content, other.content) == (10, 10)


def test_a_control_may_go_before_the_value(lamp: Lamp) -> None:
    gone, there = Dial(), Dial()
    for dial in (gone, there):
        bind(lamp, "level", dial)
    shiboken6.delete(gone)
    lamp.level = 4
    assert there.content == 4


def test_a_value_may_go_before_its_control(lamp: Lamp) -> None:
    dial = Dial()
    bind(lamp, "level", dial)
    shiboken6.delete(lamp)
    assert dial.content == 3
