"""Worker: a lane of work beside the window. Tasks are iterators of events, and all they tell comes as Qt signals."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal

from desktop.engine.api import Event, Failed
from desktop.errors import UserError

Task = Callable[[], Iterator[Any]]


@dataclass(frozen=True)
class Done:
    """An errand has brought `value`."""

    value: Any


class Worker(QThread):
    """Runs tasks one after the other. `told(task's id, event)` carries each event to whichever thread listens."""

    told = Signal(str, object)

    def __init__(self, name: str, parent: QObject | None = None):
        super().__init__(parent)
        self.setObjectName(name)
        self._tasks: queue.SimpleQueue[tuple[str, Task] | None] = queue.SimpleQueue()
        self.start()

    def give(self, task_id: str, task: Task) -> None:
        """From any thread."""
        self._tasks.put((task_id, task))

    def finish(self) -> None:
        """Returns once all that was given is done."""
        self._tasks.put(None)
        self.wait()

    def run(self) -> None:
        while (item := self._tasks.get()) is not None:
            task_id, task = item
            try:
                for event in task():
                    self.told.emit(task_id, event)
            except UserError as error:
                self.told.emit(task_id, Failed(error.message, error.hint, lasting=True))
            except Exception as error:  # the lane goes on, and the user is told
                import traceback  # here, as the rest that the first frame does not need

                message = f"Something went wrong: {type(error).__name__}: {error}"
                hint = "This is a bug; please report the details."
                self.told.emit(task_id, Failed(message, hint, traceback.format_exc()))


class Errands(QObject):
    """Small pieces of work in a lane, and what to do here with what they bring."""

    failed = Signal(object)  # Failed, of an errand that has nobody else to tell

    def __init__(self, name: str, parent: QObject | None = None):
        super().__init__(parent)
        self.worker = Worker(name, self)
        self.worker.told.connect(self._hear)
        self._ids = count()
        self._waiting: dict[str, tuple[Callable[[Any], object], Callable[[Failed], object]]] = {}

    def send(
        self,
        work: Callable[[], Any],
        then: Callable[[Any], object] = lambda _: None,
        otherwise: Callable[[Failed], object] | None = None,
    ) -> None:
        """`work` runs in the lane; `then` gets its value, or `otherwise` its failure, in this object's thread."""
        task_id = str(next(self._ids))
        self._waiting[task_id] = (then, otherwise or self.failed.emit)
        self.worker.give(task_id, lambda: iter([Done(work())]))

    def finish(self) -> None:
        self.worker.finish()

    def _hear(self, task_id: str, event: Done | Event) -> None:
        then, otherwise = self._waiting.pop(task_id)
        if isinstance(event, Done):
            then(event.value)
        elif isinstance(event, Failed):
            otherwise(event)
