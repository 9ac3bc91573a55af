"""Importing: the pictures of a folder get rows, each where it lies, with all that it says of itself."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TypeVar

from desktop.engine.api import Progress
from desktop.errors import UserError
from desktop.library.arriving import Look, look_at
from desktop.library.library import Library
from desktop.library.thumbnails import Made, Thumbnails

ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".avif", ".tif", ".tiff", ".bmp", ".gif")
BATCH = 32  # pictures a transaction
AHEAD = 2  # looks per processor that wait for their row
WORD = "importing"
T = TypeVar("T")


@dataclass
class Imported:
    """What has come of it. `failed`: files that are no pictures after all, or cannot be read, and why."""

    added: int = 0
    known: int = 0
    failed: list[tuple[Path, str]] = field(default_factory=list)


def import_folder(
    folder: Path, library: Library, thumbnails: Thumbnails, stopped: Callable[[], bool]
) -> Iterator[Progress | Imported]:
    """Progress, then an Imported, also when it was stopped. Done again, it goes on with what is left.

    Raises UserError.
    """
    files = _pictures_in(folder)
    imported = Imported(
        failed=[(_shown(file), "Its name is no text: rename it.") for file in files if not _is_text(file)]
    )
    new: list[Path] = []
    for some in _batches(filter(_is_text, files), 1000):
        known = library.known(some)
        new += [file for file in some if file not in known]
    imported.known = len(files) - len(new) - len(imported.failed)
    yield Progress(imported.known, len(files), WORD)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for looks in _batches(_looks(new, pool, imported, stopped), BATCH):
            pictures = library.adopt([look.arrival for look in looks])
            thumbnails.put(
                Made(picture.id, look.stamp, look.thumbnails) for picture, look in zip(pictures, looks, strict=True)
            )
            imported.added += len(looks)
            yield Progress(imported.known + imported.added + len(imported.failed), len(files), WORD)
    yield imported


def _looks(
    files: list[Path], pool: ThreadPoolExecutor, imported: Imported, stopped: Callable[[], bool]
) -> Iterator[Look]:
    """In order, some of them ahead of time."""
    waiting: deque[tuple[Path, Future[Look]]] = deque()
    rest = iter(files)
    while not stopped():
        most = AHEAD * (os.cpu_count() or 1)
        waiting += [(file, pool.submit(look_at, file)) for file in islice(rest, most - len(waiting))]
        if not waiting:
            return
        file, future = waiting.popleft()
        try:
            yield future.result()
        except UserError as error:
            imported.failed.append((file, error.message))
    for _, future in waiting:
        future.cancel()


def _pictures_in(folder: Path) -> list[Path]:
    """Also in the folders within. Raises UserError."""
    try:
        next(folder.iterdir(), None)
    except OSError as error:
        raise UserError(f"{folder} cannot be read: {error.strerror}.", "Choose another folder.") from error
    found = (Path(place, name) for place, _, names in os.walk(folder.resolve()) for name in names)
    return sorted(file for file in found if file.suffix.lower() in ENDINGS and not file.name.startswith("."))


def _is_text(file: Path) -> bool:
    """Names of files may hold bytes that are none, which no database keeps."""
    return not any("\ud800" <= character <= "\udfff" for character in str(file))


def _shown(file: Path) -> Path:
    return Path(str(file).encode("utf-8", "replace").decode())


def _batches(things: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(things)
    while batch := list(islice(rest, size)):
        yield batch
