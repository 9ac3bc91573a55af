"""Connections: which there were, for people to see. Neither addresses below the host nor tokens are in it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

MOST = 1000  # that are remembered


@dataclass(frozen=True)
class Connection:
    """Its number, when (seconds since 1970), to which host, what for, the bytes that came, and what became of it."""

    number: int
    when: float
    host: str
    purpose: str
    bytes: int = 0
    outcome: str = "under way"


class Connections:
    """Those since the program has started. For any thread."""

    def __init__(self, now: Callable[[], float] = time.time):
        self._now = now
        self._lock = threading.Lock()
        self._count = 0
        self._kept: dict[int, Connection] = {}

    def all(self) -> list[Connection]:
        """The newest first."""
        with self._lock:
            return [*reversed(self._kept.values())]

    def begin(self, host: str, purpose: str) -> int:
        """Its number, for `end`."""
        with self._lock:
            self._count += 1
            self._kept[self._count] = Connection(self._count, self._now(), host, purpose)
            if len(self._kept) > MOST:
                del self._kept[min(self._kept)]
            return self._count

    def end(self, number: int, bytes: int, outcome: str) -> None:
        with self._lock:
            if number in self._kept:
                self._kept[number] = replace(self._kept[number], bytes=bytes, outcome=outcome)
