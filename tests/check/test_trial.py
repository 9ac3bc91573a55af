"""Trials: whatever one of them comes to, the next has its turn."""

from __future__ import annotations

from collections.abc import Iterator

from desktop.check.trial import FAILED, MISSING, OK, Missing, Outcome, Trial, tried
from desktop.errors import UserError


def _raise(error: Exception) -> str:
    raise error


def _outcomes(*trials: Trial) -> list[Outcome]:
    return [each for each in tried("group", lambda: trials) if isinstance(each, Outcome)]


def test_each_is_told_and_none_keeps_the_next_from_its_turn() -> None:
    bug, lack, mendable = ValueError("\n odd\nmore"), Missing("not here"), UserError("No room.", "Make some.")
    outcomes = _outcomes(
        Trial("a", lambda: _raise(bug)),
        Trial("b", lambda: _raise(lack)),
        Trial("c", lambda: _raise(mendable)),
        Trial("d", lambda: "fine"),
    )
    told = [(each.what, each.state, each.detail) for each in outcomes]
    assert told == [
        ("a", FAILED, "ValueError: odd"),
        ("b", MISSING, "not here"),
        ("c", FAILED, "No room. Make some."),
        ("d", OK, "fine"),
    ]
    assert "_raise" in outcomes[0].trace
    assert not outcomes[1].trace


def test_what_runs_is_named_before_its_outcome_comes() -> None:
    told = [each if isinstance(each, str) else each.state for each in tried("group", lambda: [Trial("a", str)])]
    assert told == ["group", "a", OK]


def test_a_group_that_breaks_between_its_trials_has_failed() -> None:
    def trials() -> Iterator[Trial]:
        yield Trial("a", str)
        raise ImportError("no such library")

    *_, last = tried("group", trials)
    assert isinstance(last, Outcome)
    assert (last.what, last.state, last.detail) == ("group", FAILED, "ImportError: no such library")
