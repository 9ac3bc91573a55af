"""A job's engine, and its events on the terminal: a bar where somebody watches, plain lines where not."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

from desktop import app
from desktop.engine.api import Cancelled, Engine, Failed, Finished, Job, Produced, Progress, Warned, Work
from desktop.errors import UserError
from desktop.models.entry import PICKLES

T = TypeVar("T")


def engine_for(options: argparse.Namespace, files: Iterable[Path]) -> Engine:
    """The one that is asked for; where one of the files is a pickle, one in a process of its own in any case."""
    kind = "process" if any(file.suffix.lower() in PICKLES for file in files) else options.engine
    return app.make_engine(kind, options.device, options.precision)


def follow(engine: Engine, job: Job) -> tuple[Produced, Finished]:
    """To its picture. Raises UserError if it fails, KeyboardInterrupt if cancelled."""
    return follow_to(Produced, engine, job)


def follow_to(kind: type[T], engine: Engine, job: Job[Work]) -> tuple[T, Finished]:
    """Runs the job to its event of that kind and shows on stderr how far it is. Raises as `follow` does."""
    result: T | None = None
    with closing(Display()) as display:
        for event in engine.run(job):
            match event:
                case Progress():
                    display.show(event)
                case Warned(message):
                    display.say(message)
                case Failed(message, hint, trace):
                    raise UserError(message, f"{hint}\n{trace}".rstrip())
                case Cancelled():
                    raise KeyboardInterrupt
                case Finished() if result:
                    return result, event
                case _ if isinstance(event, kind):
                    result = event
    raise RuntimeError("the engine ended a job without its last event")


class Display:
    """Progress on stderr, so that stdout holds the result alone."""

    def __init__(self) -> None:
        shape = "{desc} |{bar:30}| {n_fmt}/{total_fmt} {remaining}"
        self._bar = tqdm(total=1, bar_format=shape, leave=False) if sys.stderr.isatty() else None
        self._note = ""

    def show(self, progress: Progress) -> None:
        if progress.note != self._note:
            self._begin(progress)
        self._note = progress.note
        if self._bar is not None:
            self._bar.n = progress.step
            self._bar.refresh()

    def _begin(self, progress: Progress) -> None:
        if self._bar is None:
            print(f"{progress.note} ...", file=sys.stderr)
        else:
            self._bar.set_description_str(progress.note, refresh=False)
            self._bar.reset(progress.steps)  # what remains is estimated from here on

    def say(self, message: str) -> None:
        tqdm.write(message, file=sys.stderr)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
