"""What all tests share: the network is shut, nothing may be left running, and nobody's own data is touched."""

from __future__ import annotations

import multiprocessing
import os
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from importlib.util import find_spec
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before Qt is imported
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # the engine's child shares the processor with this process

settings.register_profile("sfumato", deadline=None, derandomize=True, database=None)
settings.load_profile("sfumato")
LOOPBACK = ("127.", "::1", "localhost")
ENDING = 20.0  # seconds that a thread may take which nobody waits for: transformers' loaders, where loading fails


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Generator[None, Any, Any]:
    return (yield from _skipped_without_torchvision())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, Any, Any]:
    return (yield from _skipped_without_torchvision())


def _skipped_without_torchvision() -> Generator[None, Any, Any]:
    """Some builds of torch have none, and a few models cannot be made then."""
    try:
        return (yield)
    except ImportError as error:
        if find_spec("torchvision") is None and "torchvision" in str(error).lower():
            pytest.skip("torchvision is not here")
        raise


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


@pytest.fixture(autouse=True, scope="session")
def _lean_children() -> Iterator[None]:
    """Programs that tests start are without what only tests need."""
    patch = pytest.MonkeyPatch()
    patch.setenv("PYTHONPATH", str(Path(__file__).parent / "children"), prepend=os.pathsep)
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SFUMATO_DATA", str(tmp_path / "sfumato-data"))


@pytest.fixture
def staying() -> Callable[[], set[BaseProcess]]:
    """Processes that tests share, and which any of them may start anew."""
    return set


@pytest.fixture(autouse=True)
def _nothing_left_running(staying: Callable[[], set[BaseProcess]]) -> Iterator[None]:
    """Threads and processes that a test starts must be gone when it ends; those of wider fixtures were there before."""
    threads = _threads()
    children = set(multiprocessing.active_children())
    yield
    end = time.monotonic() + ENDING
    while _threads() - threads and time.monotonic() < end:
        time.sleep(0.01)
    assert not _threads() - threads
    assert not set(multiprocessing.active_children()) - children - staying()


def _threads() -> set[threading.Thread]:
    """Without Python's notes of threads that are Qt's: those outlive them, and tests of lanes look at the lanes."""
    return {thread for thread in threading.enumerate() if not isinstance(thread, threading._DummyThread)}


class Models(Mapping[str, Path]):
    """Folders of tiny models by the names that `tiny.make` knows, each made when it is first asked for."""

    def __init__(self, root: Path):
        self._root = root

    def __getitem__(self, name: str) -> Path:
        from desktop.engine import tiny  # torch: not for the tests that need no models

        folder = self._root / name
        return folder if folder.exists() else tiny.save(tiny.make(name), folder)

    def __iter__(self) -> Iterator[str]:
        from desktop.engine import tiny

        return iter(tiny.MAKERS)

    def __len__(self) -> int:
        return len(list(iter(self)))


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """A folder of a tiny model for each family and variant. Copy one before changing it."""
    return Models(tmp_path_factory.mktemp("models"))
