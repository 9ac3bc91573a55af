"""Hashing: works out what other programs call the model files, in the background and once for each."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.engine.api import Failed
from desktop.studio.worker import Errands

if TYPE_CHECKING:
    from desktop.models.catalog import Catalog

BREATH = 0.25  # of the time that a piece of a file took, before the next: whoever else reads the disk comes first


class Hashing(QObject):
    """In a lane of its own, since gigabytes are read; what is left at the end is gone on with the next time."""

    failed = Signal(object)  # Failed

    def __init__(self, catalog: Callable[[], Catalog], parent: QObject | None = None):
        super().__init__(parent)
        self._catalog = catalog
        self._lane = Errands("hashing", self)
        self._closing = threading.Event()
        self._running = False

    def begin(self, then: Callable[[], object]) -> bool:
        """`then` once all are known. False while it runs already: that may have passed by what is new."""

        def done(_: None) -> None:
            self._running = False
            then()

        def fail(failed: Failed) -> None:
            self._running = False
            self.failed.emit(failed)

        if self._running:
            return False
        self._running = True
        self._lane.send(self._learn, done, fail)
        return True

    def close(self) -> None:
        self._closing.set()
        self._lane.finish()

    def _learn(self) -> None:
        """In the lane."""
        began = time.monotonic()
        for _ in self._catalog().learn_hashes():
            if self._closing.wait(BREATH * (time.monotonic() - began)):
                break
            began = time.monotonic()
