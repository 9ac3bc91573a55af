"""Trials: whatever one of them comes to, the next has its turn."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from desktop.errors import UserError

OK, MISSING, FAILED = "ok", "missing", "failed"
LONGEST = 200  # characters of a reason


class Missing(Exception):
    """What is tried is not there, and the program can do without."""


@dataclass(frozen=True)
class Trial:
    """`run` says what it has found; it raises Missing, or whatever breaks."""

    what: str
    run: Callable[[], str]


@dataclass(frozen=True)
class Outcome:
    """What became of a trial."""

    what: str
    state: str  # OK, MISSING or FAILED
    detail: str = ""  # what was found, or why not
    seconds: float = 0.0
    trace: str = ""


@dataclass(frozen=True)
class Ways:
    """How it is tried: `engine` is one of app.ENGINES, as device and precision are; `folder` takes what is written."""

    engine: str
    device: str | None
    precision: str | None
    folder: Path


def tried(group: str, trials: Callable[[], Iterable[Trial]]) -> Iterator[str | Outcome]:
    """Each trial's name, then what became of it; what keeps them from being made is a failure of the group."""
    yield group
    try:
        for trial in trials():
            yield trial.what
            yield _outcome(trial)
    except Exception as error:
        yield Outcome(group, FAILED, _reason(error), trace=traceback.format_exc())


def _outcome(trial: Trial) -> Outcome:
    began = time.perf_counter()
    state, trace = OK, ""
    try:
        detail = trial.run()
    except Missing as lack:
        state, detail = MISSING, str(lack)
    except UserError as error:
        state, detail = FAILED, f"{error.message} {error.hint}".strip()
    except Exception as error:  # whatever it is, it is what people want to know
        state, detail, trace = FAILED, _reason(error), traceback.format_exc()
    return Outcome(trial.what, state, detail, time.perf_counter() - began, trace)


def _reason(error: Exception) -> str:
    line = next(iter(str(error).strip().splitlines()), "")
    return f"{type(error).__name__}: {line}"[:LONGEST]
