"""Binder: keeps the pictures of X/Y/Z sheets until all are there, and puts them together."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QObject

from desktop.engine.api import Event, Job, Produced
from desktop.errors import UserError
from desktop.library.jobs import Cell
from desktop.library.sheets import Sheet, Sheets
from desktop.studio.making import Keeping, Kept, Maker, Unkept
from desktop.studio.queue import Entry, Later, Queue, State
from desktop.studio.sheets import PlannedSheet
from desktop.studio.worker import Task, Worker


@dataclass(frozen=True)
class Bound:
    """A sheet is put together and safe, or there was nothing to put together."""

    sheet: str


class Binder(QObject):
    """Its work is done in the engine's lane, what it must remember in another: `later`, the queue's own."""

    def __init__(
        self, queue: Queue, sheets: Sheets, maker: Maker, lane: Worker, later: Later, parent: QObject | None = None
    ):
        super().__init__(parent)
        self._queue, self._sheets, self._maker = queue, sheets, maker
        self._lane, self._later = lane, later
        self._open: dict[str, tuple[Sheet, Keeping]] = {}  # some of their pictures are still to be made
        self._private: dict[str, dict[int, Produced]] = {}  # what disks do not see, by sheet and cell; the lane's own
        queue.changed.connect(self._look)
        lane.told.connect(self._hear)

    def restore(self) -> None:
        """The sheets of the last time."""
        for sheet in self._sheets.all():
            self._open[sheet.id] = (sheet, Keeping.DISK)
        self._look()

    def add(self, planned: PlannedSheet, private: bool) -> None:
        """All its pictures are to be made. Those of a private one are in memory only, until they are put together."""
        sheet = planned.sheet
        self._open[sheet.id] = (sheet, Keeping.MEMORY if private else Keeping.DISK)
        if not private:
            self._later(partial(self._sheets.put, sheet))
        self._queue.submit(planned.jobs, stored=not private, cells=planned.cells)

    def task(self, entry: Entry) -> Task | None:
        """How the picture of that job is made, if it belongs on a sheet."""
        if entry.cell is None or entry.cell.sheet not in self._open:
            return None
        sheet, keeping = self._open[entry.cell.sheet]
        return partial(self._make, entry.cell, entry.job, keeping, sheet.singles)

    # ------------------------------------------------------------ in the engine's lane

    def _make(self, cell: Cell, job: Job, keeping: Keeping, singles: bool) -> Iterator[Event | Kept | Unkept]:
        began = time.perf_counter()
        for event in self._maker.make(job, Keeping.NOWHERE):
            if isinstance(event, Produced):
                self._put_by(cell, event, keeping)
                seconds = time.perf_counter() - began
                yield from self._maker.keep(event, seconds, keeping if singles else Keeping.NOWHERE)
            else:
                yield event

    def _put_by(self, cell: Cell, produced: Produced, keeping: Keeping) -> None:
        if keeping is Keeping.MEMORY:
            self._private.setdefault(cell.sheet, {})[cell.number] = produced
        else:
            self._sheets.keep(cell, produced)

    def _bind(self, sheet: Sheet, keeping: Keeping) -> Iterator[Event | Kept | Unkept | Bound]:
        from desktop.library.contact import contact_sheet  # here: numpy and Pillow come later than the window

        safe = True
        if pictures := self._private.pop(sheet.id, {}) or self._sheets.files(sheet.id):
            try:
                made = contact_sheet(sheet, pictures)
            except UserError:
                yield Bound(sheet.id)  # the next time would be no better
                raise
            for event in self._maker.keep(made, 0.0, keeping):
                safe = not (isinstance(event, Unkept) and event.message)
                yield event
        if safe:
            yield Bound(sheet.id)

    # ------------------------------------------------------------ in the window's thread

    def _look(self) -> None:
        """Which sheets nothing is to be made for any more. What has failed, and is tried again, is a single picture."""
        if not self._open:
            return
        ahead = (State.WAITING, State.RUNNING)
        wanted = {entry.cell.sheet for entry in self._queue.entries if entry.cell and entry.state in ahead}
        for id in self._open.keys() - wanted:
            sheet, keeping = self._open.pop(id)
            for entry in self._queue.failed:
                if entry.cell and entry.cell.sheet == id:
                    entry.cell = None
            self._lane.give(f"sheet {id}", partial(self._bind, sheet, keeping))

    def _hear(self, _: str, event: Any) -> None:
        if isinstance(event, Bound):
            self._later(partial(self._sheets.remove, event.sheet))
