"""What all tests share: the network is shut, nothing may be left running, and nobody's own data is touched."""

from __future__ import annotations

import multiprocessing
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before Qt is imported
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # the engine's child shares the processor with this process

from tests import tiny

settings.register_profile("sfumato", deadline=None, derandomize=True, database=None)
settings.load_profile("sfumato")
LOOPBACK = ("127.", "::1", "localhost")


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Connecting anywhere but to this machine is an error."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != getattr(socket, "AF_UNIX", None) and not str(address[0]).startswith(LOOPBACK):
            raise AssertionError(f"a test reached for the network: {address}")
        connect(self, address)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", guarded)
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SFUMATO_DATA", str(tmp_path / "sfumato-data"))


@pytest.fixture(autouse=True)
def _nothing_left_running() -> Iterator[None]:
    """Threads and processes that a test starts must be gone when it ends; those of wider fixtures were there before."""
    threads = _threads()
    children = set(multiprocessing.active_children())
    yield
    assert not _threads() - threads
    assert not set(multiprocessing.active_children()) - children


def _threads() -> set[threading.Thread]:
    """Without Python's notes of threads that are Qt's: those outlive them, and tests of lanes look at the lanes."""
    return {thread for thread in threading.enumerate() if not isinstance(thread, threading._DummyThread)}


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A folder of a tiny model for each family, by the family's id. Copy one before changing it."""
    root = tmp_path_factory.mktemp("models")
    return {name: tiny.save(make(), root / name) for name, make in tiny.MAKERS.items()}
