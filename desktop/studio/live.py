"""Live: while it is on, the picture follows the hand: each step on the canvas asks for a quick one."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Signal

from desktop.studio.easel import Easel
from desktop.studio.observable import Observable, Observed, watch
from desktop.studio.session import Session

LATE = 0.5  # of the usual time: a pass that is further on than that comes to its end before the next begins
MATTERS = (
    "prompt",
    "negative",
    "style",
    "model",
    "steps",
    "guidance",
    "sampler",
    "seed",
    "intent",
    "change",
    "feather",
)


class Live(Observable):
    """`wanted` asks for a picture of how all is now. One at a time; what has changed meanwhile is asked for after it.

    How long a pass takes is measured: one that has just begun gives way to a newer one, one that is nearly done does
    not, so that there is something to see however fast the hand is.
    """

    on = Observed(False)
    wanted = Signal()

    def __init__(self, easel: Easel, session: Session, parent: QObject | None = None):
        super().__init__(parent)
        self._easel = easel
        self._usual = 0.0  # seconds that a pass takes
        self._began: float | None = None  # when the one that is under way has; None: there is none
        self._stale = False  # the canvas has changed since
        easel.stepped.connect(self._changed)
        session.changed.connect(lambda name: self._changed() if name in MATTERS else None)
        watch(easel, "active", lambda active: setattr(self, "on", False) if not active else None, self)
        watch(self, "on", lambda on: self._changed(), self)

    def ended(self, well: bool) -> None:
        """The pass that was wanted is over."""
        if self._began is not None and well:
            self._usual = time.monotonic() - self._began
        self._began = None
        if self._stale:
            self._ask()

    def _changed(self) -> None:
        if not self.on or not self._easel.document:
            return
        self._stale = True
        if self._began is None or time.monotonic() - self._began < LATE * self._usual:
            self._ask()

    def _ask(self) -> None:
        if self.on:
            self._stale, self._began = False, time.monotonic()
            self.wanted.emit()
