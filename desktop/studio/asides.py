"""Asides: work of the engine beside pictures: a close look at a LoRA, a conversion, memory given back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject

from desktop.engine.api import Checkup, Conversion, Event, Job, Last, Release
from desktop.studio.worker import Worker

Aside = Checkup | Conversion | Release
Hear = Callable[[Event], object]


class Asides(QObject):
    """Gives these to the engine's lane, behind whatever it is at; each has its own listener."""

    def __init__(self, lane: Worker, run: Callable[[Job[Aside]], Iterator[Event]], parent: QObject | None = None):
        super().__init__(parent)
        self._lane, self._run = lane, run
        self._listeners: dict[str, Hear] = {}

    def do(self, work: Aside, hear: Hear) -> None:
        """`hear` gets all events, the last one included."""
        job = Job(work, {})
        self._listeners[job.id] = hear
        self._lane.give(job.id, lambda: self._run(job))

    def hear(self, job_id: str, event: Event) -> bool:
        """What the lane tells; whether it was of such work."""
        hear = self._listeners.pop(job_id, None) if isinstance(event, Last) else self._listeners.get(job_id)
        if hear:
            hear(event)
        return hear is not None
