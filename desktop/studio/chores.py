"""Chores: long work on many files, one after the other, each with its progress, until it is done or stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop.engine.api import Failed, Progress
from desktop.models.getting.stop import Stop
from desktop.studio.observable import Observable, Observed
from desktop.studio.pace import Pace
from desktop.studio.worker import Done, Worker

Steps = Callable[[Callable[[], bool]], Iterator[Any]]  # of a function that says whether to stop


@dataclass(eq=False)
class Chore:
    """`steps` yields Progress and at most one other value, which `then` gets; `ended` comes in any case."""

    title: str
    steps: Steps
    then: Callable[[Any], object] = lambda _: None
    ended: Callable[[], object] = lambda: None
    progress: Progress | None = None
    pace: Pace = field(default_factory=Pace)
    stop: threading.Event | Stop = field(default_factory=threading.Event)

    def run(self) -> Iterator[Any]:
        """In the lane. A last event comes unless the work has failed, which the lane tells."""
        for event in self.steps(self.stop.is_set):
            yield event if isinstance(event, Progress) else Done(event)
        yield None


class Chores(Observable):
    """The lane for them. `present` is the one that is being done."""

    present = Observed[Chore | None](None)
    progress = Observed[Progress | None](None)
    failed = Signal(object)  # Failed

    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        self._lane = Worker("chores", self)
        self._lane.told.connect(self._hear)
        self._given: list[Chore] = []

    def begin(self, chore: Chore) -> None:
        """At once, or after those that were given before."""
        self._given.append(chore)
        self._lane.give("", chore.run)
        self._show()

    def stop(self) -> None:
        """The present one, at its next step."""
        if self.present:
            self.present.stop.set()

    def close(self) -> None:
        for chore in self._given:
            chore.stop.set()
        self._lane.finish()

    def _hear(self, _: str, event: Any) -> None:
        chore = self._given[0]
        match event:
            case Progress():
                chore.progress = self.progress = event
            case Done(value):
                chore.then(value)
            case _:
                self._end(chore, event)

    def _end(self, chore: Chore, event: Failed | None) -> None:
        self._given.pop(0)
        self._show()
        chore.ended()
        if event:
            self.failed.emit(event)

    def _show(self) -> None:
        self.present = self._given[0] if self._given else None
        self.progress = self.present.progress if self.present else None
