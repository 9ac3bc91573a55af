"""Lanes: work beside the window, in order, whatever goes wrong with it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QObject

from desktop.engine.api import Failed, Progress
from desktop.errors import UserError
from desktop.studio.worker import Errands, Worker
from tests.studio.things import heard, settle
from tests.ui.hands import until


@pytest.fixture
def worker(parent: QObject) -> Worker:
    return Worker("lane", parent)


def _raise(error: Exception) -> Any:
    raise error


def _breaking(error: Exception) -> Iterator[Any]:
    yield "before"
    raise error


def test_tasks_run_one_after_the_other(worker: Worker) -> None:
    told = heard(worker.told)
    worker.give("a", lambda: iter([1, 2]))
    worker.give("b", lambda: iter([]))
    worker.give("c", lambda: iter([3]))
    until(lambda: len(told) == 3)
    assert told == [("a", 1), ("a", 2), ("c", 3)]


def test_events_are_told_as_they_come(worker: Worker) -> None:
    go_on, told = threading.Event(), heard(worker.told)

    def task() -> Iterator[int]:
        yield 1
        assert go_on.wait(10)
        yield 2

    worker.give("a", task)
    until(lambda: bool(told))
    assert told == [("a", 1)]
    go_on.set()
    until(lambda: len(told) == 2)


def test_work_is_beside_the_window_and_its_events_in_front(parent: QObject) -> None:
    threads: list[int] = []
    errands = Errands("io", parent)
    errands.send(threading.get_ident, lambda ident: threads.extend((ident, threading.get_ident())))
    until(lambda: bool(threads))
    assert threads[0] != threads[1]
    assert threads[1] == threading.get_ident()


def test_what_people_can_mend_is_told_and_the_lane_goes_on(worker: Worker) -> None:
    told = heard(worker.told)
    worker.give("a", lambda: _breaking(UserError("No room.", "Make some.")))
    worker.give("b", lambda: iter([1]))
    until(lambda: len(told) == 3)
    assert told == [("a", "before"), ("a", Failed("No room.", "Make some.")), ("b", 1)]


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "on its way"])
def test_a_bug_is_told_with_its_trace_and_the_lane_goes_on(worker: Worker, at_once: bool) -> None:
    told, bug = heard(worker.told), ValueError("odd")
    worker.give("a", lambda: _raise(bug) if at_once else _breaking(bug))
    worker.give("b", lambda: iter([1]))
    until(lambda: ("b", 1) in told)
    [(_, failed)] = [each for each in told if isinstance(each[1], Failed)]
    assert failed.message == "Something went wrong: ValueError: odd"
    assert "report" in failed.hint
    assert "in _raise" in failed.trace or "in _breaking" in failed.trace


def test_finishing_waits_for_all_that_was_given(worker: Worker) -> None:
    begun, done, go_on = threading.Event(), [], threading.Event()

    def task() -> Iterator[Any]:
        begun.set()
        assert go_on.wait(10)
        done.append(1)
        return iter(())

    worker.give("a", task)
    worker.give("b", lambda: iter([done.append(2)]))
    assert begun.wait(10)
    threading.Timer(0.02, go_on.set).start()
    worker.finish()
    assert done == [1, 2]
    assert worker.isFinished()
    worker.finish()  # again is no harm


def test_an_errand_brings_its_value(errands: Errands) -> None:
    values: list[Any] = []
    for value in (1, None, [2]):
        errands.send(lambda value=value: value, values.append)
    until(lambda: len(values) == 3)
    assert values == [1, None, [2]]


def test_an_errand_that_fails_tells_who_sent_it(errands: Errands) -> None:
    brought, failures, others = [], [], heard(errands.failed)
    errands.send(lambda: _raise(UserError("Gone.", "Look.")), brought.append, failures.append)
    settle(errands)
    assert failures == [Failed("Gone.", "Look.")]
    assert brought == others == []


def test_an_errand_that_fails_without_ear_tells_all(errands: Errands) -> None:
    others = heard(errands.failed)
    errands.send(lambda: _raise(UserError("Gone.")))
    errands.send(lambda: Progress(1, 1, ""))
    settle(errands)
    assert others == [Failed("Gone.", "")]


def test_an_errand_may_send_another(errands: Errands) -> None:
    values: list[int] = []
    errands.send(lambda: 1, lambda value: errands.send(lambda: value + 1, values.append))
    until(lambda: values == [2])
