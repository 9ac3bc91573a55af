"""Logs: what has happened, without words or places of the user's; and the traces that crashes leave behind."""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

from desktop.paths import data_folder
from desktop.redaction import Redaction

LOG = logging.getLogger("sfumato")
LOG.addHandler(logging.NullHandler())  # where no log is kept, Python would print what it says
NAME, CRASH, LAST_CRASH = "sfumato.log", "crash.txt", "last-crash.txt"
ENGINE, LAST_ENGINE = "engine.log", "last-engine.log"
MOST_BYTES, OLDER = 1 << 20, 2  # of a log; how many older ones are kept beside it
FORM = "%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"
TAIL = 64 << 10  # bytes, of what is read again
LOOK = 5.0  # seconds between two looks how much the engine has said


def folder() -> Path:
    return data_folder() / "logs"


def give_streams() -> None:
    """A windowed program has none on Windows, and whatever library writes there would fail."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - as long as the process


@contextmanager
def kept() -> Iterator[None]:
    """The log of this process, and its trace if it crashes. Where nothing can be written, there is none of it."""
    with ExitStack() as resources:
        with suppress(OSError):
            folder().mkdir(parents=True, exist_ok=True)
            resources.enter_context(_logging(folder() / NAME))
            resources.enter_context(_crash_traced(folder() / CRASH, folder() / LAST_CRASH))
        yield


def take_crash() -> str:
    """The trace of the crash that ended the program the last time, once; empty where there was none. Raises OSError."""
    file = folder() / LAST_CRASH
    if not file.exists():
        return ""
    trace = tail(file)
    file.unlink()
    return trace


def keep_last_words(file: Path) -> None:
    """Whatever this process and its libraries say on standard error goes there, and its trace if it crashes."""
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        with suppress(OSError):  # there is none, or Windows will not rename what somebody has open
            file.replace(file.with_name(LAST_ENGINE))
        stream = file.open("ab", buffering=0)  # whoever writes, it goes to the end
        os.dup2(stream.fileno(), 2)
        sys.stderr = open(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
        faulthandler.enable(stream)  # it keeps the stream
        threading.Thread(target=_keep_small, args=(file, stream), name="log", daemon=True).start()


def tail(file: Path) -> str:
    """The newest lines of it; empty where there is no such file."""
    try:
        with file.open("rb") as stream:
            start = max(0, stream.seek(0, os.SEEK_END) - TAIL)
            stream.seek(start)
            lines = stream.read(TAIL).decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return "\n".join(lines[1:] if start else lines)


def _keep_small(file: Path, stream: IO[bytes]) -> None:
    """For as long as the process lives: what has grown too large goes, but for its newest lines."""
    while True:
        time.sleep(LOOK)
        with suppress(OSError):
            if os.fstat(stream.fileno()).st_size > MOST_BYTES:
                file.with_name(LAST_ENGINE).write_text(tail(file), encoding="utf-8")
                stream.truncate(0)


@contextmanager
def _logging(file: Path) -> Iterator[None]:
    handler = _Handler(file, maxBytes=MOST_BYTES, backupCount=OLDER, encoding="utf-8", errors="backslashreplace")
    handler.setFormatter(_Formatter(FORM))
    LOG.setLevel(logging.INFO)  # of libraries only warnings
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        with suppress(OSError):  # what found no room before finds none now
            handler.close()


@contextmanager
def _crash_traced(file: Path, last: Path) -> Iterator[None]:
    """What it holds when the program has ended well is nothing."""
    if file.exists() and file.stat().st_size:
        file.replace(last)
    with file.open("wb") as stream:
        faulthandler.enable(stream)
        try:
            yield
        finally:  # whatever the number of this file is given to next, no trace may be written there
            faulthandler.disable()
    with suppress(OSError):
        file.unlink()


class _Handler(RotatingFileHandler):
    """A full disk takes away the log and nothing more."""

    def handleError(self, record: logging.LogRecord) -> None:
        pass


class _Formatter(logging.Formatter):
    """Without places and names, whoever has written the line."""

    def format(self, record: logging.LogRecord) -> str:
        return Redaction()(super().format(record))
