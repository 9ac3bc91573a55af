"""Live: while it is on, the picture follows the hand: each step on the canvas asks for a quick one."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Signal

from desktop.studio.easel import Easel
from desktop.studio.observable import Observable, Observed, watch
from desktop.studio.session import Session

LATE = 0.5  # of the usual time: a pass that is further on than that comes to its end before the next begins
WORDS = ("prompt", "negative", "style")
MATTERS = (*WORDS, "model", "steps", "guidance", "sampler", "seed", "intent", "change", "feather")


class Live(Observable):
    """`wanted` asks for a picture of how all is now. One at a time; what has changed meanwhile is asked for after it.

    How long a pass takes is measured. One that has just begun gives way to a newer one, but only once, and not if it is
    nearly done, so that there is something to see however fast the hand is.
    """

    on = Observed(False)
    wanted = Signal()

    def __init__(self, easel: Easel, session: Session, parent: QObject | None = None):
        super().__init__(parent)
        self._easel = easel
        self.usual = 0.0  # seconds that a pass takes
        self._busy = False  # a pass is being prepared or under way
        self._began: float | None = None  # when it has; None while it is prepared
        self._gave_way = False  # the one before it
        self._stale = False  # the canvas has changed since
        easel.stepped.connect(self._changed)
        easel.changed.connect(self._easel_changed)
        session.changed.connect(lambda name: self._changed() if name in MATTERS else None)
        watch(self, "on", self._switched, self)

    def begun(self) -> None:
        """The pass that was wanted is in the queue."""
        self._began = time.monotonic()
        if self._stale and not self._gave_way:
            self._give_way()

    def ended(self) -> None:
        """The pass that was wanted last is over, or cannot be."""
        self._busy, self._began, self._gave_way = False, None, False
        if self._stale:
            self._ask()

    def _changed(self) -> None:
        if not self.on or not self._easel.document:
            return
        if not self._busy:
            self._ask()
        elif self._began is None or self._gave_way or time.monotonic() - self._began > LATE * self.usual:
            self._stale = True
        else:
            self._give_way()

    def _give_way(self) -> None:
        self._gave_way = True
        self._ask()

    def _ask(self) -> None:
        self._stale, self._began = False, None
        if self.on:
            self._busy = True
            self.wanted.emit()

    def _switched(self, on: bool) -> None:
        self._busy, self._began, self._gave_way, self._stale = False, None, False, False
        if on:
            self._changed()

    def _easel_changed(self, name: str) -> None:
        match name:
            case "active":
                self.on = self.on and self._easel.active
            case "document":
                self._changed()
            case "at_work" if not self._easel.at_work and not self._busy:
                self._changed()  # what was hidden from the hand is seen again
