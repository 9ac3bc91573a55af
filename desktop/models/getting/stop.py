"""Stop: what ends work that waits for the network."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator


class Stopped(Exception):
    """Nobody wants it any more."""


class Stop:
    """Set when nobody wants it any more; whatever then waits for the network waits no longer. For any thread."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()

    def set(self) -> None:
        self._event.set()
        with self._lock:
            for connection in self._open:
                _cut(connection)

    def is_set(self) -> bool:
        return self._event.is_set()

    def check(self) -> None:
        """Raises Stopped once it is set."""
        if self.is_set():
            raise Stopped

    def wait(self, seconds: float) -> None:
        """Raises Stopped as soon as it is set."""
        self._event.wait(seconds)
        self.check()

    @contextlib.contextmanager
    def cutting(self, connection: socket.socket) -> Iterator[None]:
        """While it is open; by another handle, as encryption takes the first one for itself."""
        handle = connection.dup()
        with self._lock:
            self._open.add(handle)
        try:
            if self.is_set():
                _cut(handle)
            yield
        finally:
            with self._lock:
                self._open.discard(handle)
            handle.close()


def _cut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it is cut already
        connection.shutdown(socket.SHUT_RDWR)
