"""A group of trials in a child process, which may die: then the trial that it died of has failed."""

from __future__ import annotations

import contextlib
import faulthandler
import multiprocessing
import os
import signal
from collections.abc import Iterator
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from desktop.check.groups import Group
from desktop.check.trial import FAILED, Outcome, Ways, tried

PATIENCE = 300.0  # seconds that one trial may take
MOST_TRACE = 4000  # characters of what a child has said at last
LEAVING = 15.0  # seconds that a child may take to end once all is tried


def run(group: str, trials: Group, ways: Ways) -> Iterator[Outcome]:
    """The outcomes as they come. Leaving early ends the child."""
    spawn = multiprocessing.get_context("spawn")
    outcomes, theirs = spawn.Pipe(duplex=False)
    process = spawn.Process(target=serve, args=(group, trials, ways, theirs), name=f"sfumato-check-{group}")
    process.start()
    theirs.close()  # only so is its end seen here
    try:
        yield from _heard(group, process, outcomes, _log(group, ways))
    finally:
        process.kill()
        process.join()
        process.close()
        outcomes.close()


def _heard(group: str, process: BaseProcess, outcomes: Connection, log: Path) -> Iterator[Outcome]:
    begun = group
    try:
        while outcomes.poll(PATIENCE):
            message = outcomes.recv()
            if isinstance(message, str):
                begun = message
            else:
                begun = f"after {message.what}"
                yield message
        yield Outcome(begun, FAILED, f"it did not end within {PATIENCE:.0f} seconds")
    except (EOFError, OSError):  # all is said, or it is dead
        process.join(LEAVING)
        if process.exitcode != 0:
            trace = log.read_text(encoding="utf-8", errors="replace")[-MOST_TRACE:] if log.exists() else ""
            yield Outcome(begun, FAILED, f"its process {_end(process.exitcode)}", trace=trace)


def _log(group: str, ways: Ways) -> Path:
    """What libraries have to say in the child."""
    return ways.folder / f"{group}.log"


def _end(code: int | None) -> str:
    if code is None:
        return "did not end"
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


def serve(group: str, trials: Group, ways: Ways, outcomes: Connection) -> None:
    """In the child. Nothing of the user's is touched, and no window is seen."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's business
    os.environ.update(SFUMATO_DATA=str(ways.folder / "data"), QT_QPA_PLATFORM="offscreen")
    log = _log(group, ways).open("wb")
    os.dup2(log.fileno(), 2)
    faulthandler.enable(log)
    with contextlib.suppress(BrokenPipeError):  # nobody listens any more
        for message in tried(group, lambda: trials(ways)):
            outcomes.send(message)
    outcomes.close()
