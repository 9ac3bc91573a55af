"""Groups in processes of their own, which may die."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator

import pytest

from desktop.check import apart
from desktop.check.trial import FAILED, OK, Outcome, Trial, Ways


def _die() -> str:
    print("last words", file=sys.stderr, flush=True)
    os._exit(3)


def _crash() -> str:
    os.abort()


def _hang() -> str:
    time.sleep(600)
    return ""


def _dying(ways: Ways) -> Iterator[Trial]:
    yield Trial("well", lambda: "fine")
    yield Trial("deadly", _die)
    yield Trial("never", str)


def _crashing(ways: Ways) -> Iterator[Trial]:
    yield Trial("crash", _crash)


def _hanging(ways: Ways) -> Iterator[Trial]:
    yield Trial("well", lambda: "fine")
    yield Trial("endless", _hang)


def _own(ways: Ways) -> Iterator[Trial]:
    yield Trial("data", lambda: os.environ["SFUMATO_DATA"])
    yield Trial("process", lambda: str(os.getpid()))


def _told(outcomes: list[Outcome]) -> list[tuple[str, str]]:
    return [(each.what, each.state) for each in outcomes]


def test_a_process_that_ends_has_failed_in_what_it_was_at(ways: Ways) -> None:
    outcomes = list(apart.run("group", _dying, ways))
    assert _told(outcomes) == [("well", OK), ("deadly", FAILED)]
    assert "exit code 3" in outcomes[-1].detail
    assert "last words" in outcomes[-1].trace


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_a_crash_is_told_with_where_it_happened(ways: Ways) -> None:
    [outcome] = apart.run("group", _crashing, ways)
    assert (outcome.what, outcome.state) == ("crash", FAILED)
    assert "SIGABRT" in outcome.detail
    assert "_crash" in outcome.trace


def test_one_that_hangs_is_given_up(ways: Ways, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "PATIENCE", 3.0)
    assert _told(list(apart.run("group", _hanging, ways))) == [("well", OK), ("endless", FAILED)]


def test_it_is_another_process_with_data_of_its_own(ways: Ways) -> None:
    data, process = apart.run("group", _own, ways)
    assert data.detail.startswith(str(ways.folder))
    assert process.detail != str(os.getpid())
