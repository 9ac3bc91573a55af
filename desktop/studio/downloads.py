"""Downloads: one comes, the others wait; what was interrupted goes on at another launch, if people wish."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop.engine.api import Failed, Progress
from desktop.models.getting.client import Client
from desktop.models.getting.download import Order, discard, fetch
from desktop.models.getting.stop import Stop
from desktop.studio.memory import Memory
from desktop.studio.notice import Kind, Notice
from desktop.studio.observable import Observable, Observed
from desktop.studio.pace import Pace
from desktop.studio.worker import Done, Worker

KEPT = "downloads"  # the name of its state
REMOVAL = "removal"  # in place of a download's id


class State(StrEnum):
    """What is going on with a download."""

    WAITING = "waiting"
    COMING = "coming"
    PAUSED = "paused"
    FAILED = "failed"
    DONE = "done"


UNFINISHED = (State.WAITING, State.COMING, State.PAUSED, State.FAILED)


class Download(Observable):
    """An order on its way, to a place below `models`: whatever becomes of the setting, its half stays where it is."""

    state = Observed(State.WAITING)
    progress = Observed[Progress | None](None)  # in bytes
    failure = Observed[Failed | None](None)

    def __init__(self, order: Order, models: Path, parent: QObject | None = None):
        super().__init__(parent)
        self.id = os.urandom(8).hex()
        self.order, self.models = order, models
        self.pace = Pace()
        self.stop = Stop()
        self.path: Path | None = None  # once it is there

    @property
    def seconds_left(self) -> float | None:
        return self.pace.seconds_left(time.monotonic())

    def to_json(self) -> dict[str, Any]:
        return {**self.order.to_json(), "models": str(self.models)}


class Downloads(Observable):
    """`models`: the folder that new ones go to. In a lane of their own: a download keeps nobody else waiting."""

    all = Observed[tuple[Download, ...]](())
    arrived = Signal(object)  # Path of a model
    noticed = Signal(object)  # Notice

    def __init__(
        self, client: Callable[[], Client], models: Callable[[], Path], memory: Memory, parent: QObject | None = None
    ):
        super().__init__(parent)
        self._client, self._models, self._memory = client, models, memory
        self._closing = threading.Event()
        self._lane = Worker("downloads", self)
        self._lane.told.connect(self._hear)

    def restore(self) -> None:
        """What an earlier Sfumato has left; nothing goes out before people say so."""
        kept = self._memory.recall(KEPT)
        for data in kept if isinstance(kept, list) else []:
            try:
                self._add(*self._known(data)).state = State.PAUSED
            except (TypeError, KeyError, AttributeError):
                continue  # of another version
        if self.all:
            count = "One download is" if len(self.all) == 1 else f"{len(self.all)} downloads are"
            go_on = ("Go on", partial(self.resume, *self.all))
            self.noticed.emit(Notice(Kind.INFO, f"{count} not complete yet.", actions=(go_on,)))

    def begin(self, order: Order) -> Download:
        """At once, or after those before; the same one again where it is there already."""
        known = next((each for each in self.all if each.order == order and each.state is not State.DONE), None)
        download = known or self._add(order, self._models())
        if known:
            self.resume(known)
        self._keep()
        self._next()
        return download

    def pause(self, download: Download) -> None:
        """What has come stays."""
        if download.state in (State.WAITING, State.COMING):
            download.stop.set()
            download.state = State.PAUSED

    def resume(self, *downloads: Download) -> None:
        """Where it was; also one that has failed."""
        for each in downloads:
            if each.state in (State.PAUSED, State.FAILED):
                each.stop, each.failure, each.pace = Stop(), None, Pace()
                each.state = State.WAITING
        self._next()

    def remove(self, *downloads: Download) -> None:
        """And what has come of those that are not complete."""
        for each in downloads:
            each.stop.set()
            if each.state is not State.DONE:
                self._lane.give(REMOVAL, partial(_discarded, each.order, each.models))
        self.all = tuple(each for each in self.all if each not in downloads)
        self._keep()
        self._next()

    def clear(self) -> None:
        """Those that are done leave the list."""
        self.all = tuple(each for each in self.all if each.state is not State.DONE)

    def close(self) -> None:
        self._closing.set()
        for each in self.all:
            each.stop.set()
        self._lane.finish()

    # ------------------------------------------------------------ inside

    def _known(self, kept: Any) -> tuple[Order, Path]:
        """Raises what Order.from_json does. Earlier versions kept no folder."""
        rest = {**kept}
        models = rest.pop("models", None)
        return Order.from_json(rest), self._models() if models is None else Path(models)

    def _add(self, order: Order, models: Path) -> Download:
        download = Download(order, models, self)
        self.all = (*self.all, download)
        return download

    def _next(self) -> None:
        if any(each.state is State.COMING for each in self.all):
            return
        if waiting := next((each for each in self.all if each.state is State.WAITING), None):
            waiting.state = State.COMING
            self._lane.give(waiting.id, partial(self._steps, waiting.order, waiting.models, waiting.stop))

    def _steps(self, order: Order, models: Path, stop: Stop) -> Iterator[Any]:
        """In the lane."""
        if self._closing.is_set():
            return
        from desktop.models.getting import sites  # here: the first frame comes sooner

        client = self._client()
        explained = partial(sites.refusal, order.site, client, order.page)
        for event in fetch(order, models, client, stop, explained):
            yield Done(event) if isinstance(event, Path) else event
        yield None

    def _hear(self, id: str, event: Any) -> None:
        download = next((each for each in self.all if each.id == id), None)
        if id == REMOVAL and isinstance(event, Failed):
            self.noticed.emit(Notice.of(event))
        if download is None:
            return self._next()  # it was removed
        match event:
            case Progress():
                download.pace.take(event, time.monotonic())
                download.progress = event
                return None
            case Done(path):
                download.path, download.state = path, State.DONE
                self.noticed.emit(Notice(Kind.DONE, f"{download.order.title} is here.", str(path)))
                self.arrived.emit(path)
            case Failed() if download.state is State.COMING:
                download.failure, download.state = event, State.FAILED
                again = ("Try again", partial(self.resume, download))
                self.noticed.emit(Notice.of(event, again))
        self._keep()
        return self._next()

    def _keep(self) -> None:
        self._memory.keep(KEPT, lambda: [each.to_json() for each in self.all if each.state in UNFINISHED])


def _discarded(order: Order, models: Path) -> Iterator[Any]:
    discard(order, models)
    return iter(())
