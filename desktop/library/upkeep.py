"""Upkeep of the library: what it takes of the disk, its move to another one, and a backup of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from desktop.engine.api import Progress
from desktop.errors import UserError
from desktop.library.inputs import Inputs
from desktop.library.library import NO_ROOM, Library
from desktop.library.picture import Picture
from desktop.library.query import Query
from desktop.library.thumbnails import missing
from desktop.paths import copy_atomically, make_folder, remove_leftovers, sync_folder

BACKUP = "Sfumato backup"
PAGE = 500  # rows that are read at once
TICK = 2.0  # seconds: of the clock of FAT, which memory sticks have


@dataclass(frozen=True)
class Share:
    """So many pictures, of so many bytes, under one name: a month ("2026-11") or a model."""

    name: str
    count: int
    bytes: int


@dataclass(frozen=True)
class Usage:
    """The largest first; months the newest first. Pictures in the trash count, since their files are there."""

    months: tuple[Share, ...]
    models: tuple[Share, ...]

    @property
    def bytes(self) -> int:
        return sum(share.bytes for share in self.months)


def usage(library: Library) -> Usage:
    """By what the rows say. Raises UserError."""
    with library.database.read() as connection:
        months, models = (
            tuple(
                Share(*row) for row in connection.execute(f"SELECT {name}, count(*), sum(bytes) FROM pictures {rest}")
            )
            for name, rest in (
                ("strftime('%Y-%m', created, 'unixepoch', 'localtime')", "GROUP BY 1 ORDER BY 1 DESC"),
                ("model", "GROUP BY 1 ORDER BY 3 DESC"),
            )
        )
    return Usage(months, models)


def move_all(library: Library, old: Path, new: Path, stopped: Callable[[], bool]) -> Iterator[Progress]:
    """The pictures below `old` go to the same places below `new`; imported ones elsewhere stay. Raises UserError.

    Done again, it goes on with what is left.
    """
    if new.resolve() == old.resolve():
        return
    if new.resolve().is_relative_to(old.resolve()):
        raise UserError(f"{new} lies within the present folder.", "Choose a folder outside it.")
    ours = [picture for picture in _all(library) if picture.file.is_relative_to(old) and not missing(picture)]
    for place, picture in enumerate(ours):
        if stopped():
            return
        yield Progress(place, len(ours), "moving pictures")
        library.move(picture, new / picture.file.relative_to(old))


def back_up(library: Library, inputs: Inputs, target: Path, stopped: Callable[[], bool]) -> Iterator[Progress]:
    """Database, inputs and pictures into a folder there; what it has already is not copied again. Raises UserError."""
    folder = target / BACKUP
    database = folder / library.database.file.name
    now = database.with_name(f".{database.name}.now")  # taken first, so that whatever it names is copied
    try:
        make_folder(folder)
        remove_leftovers(folder)
        library.database.copy(now)
        pairs = _pairs(library, inputs, folder)
        for place, (file, copy) in enumerate(pairs):
            if stopped():
                return
            yield Progress(place, len(pairs), "backing up")
            if file.is_file() and not _is_same(file, copy):  # it may have been deleted meanwhile
                make_folder(copy.parent)
                copy_atomically(file, copy)
        now.replace(database)
        sync_folder(folder)
    except OSError as error:
        hint = "Make room" if error.errno in NO_ROOM else "Check that its disk is connected and you may write there"
        raise UserError(
            f"The backup in {folder} is not complete: {error.strerror}.", f"{hint}, then do it again."
        ) from error
    finally:
        with suppress(OSError):
            now.unlink()


def _pairs(library: Library, inputs: Inputs, folder: Path) -> list[tuple[Path, Path]]:
    """What is copied, and where to."""
    home = library.folder
    ours = [picture.file for picture in _all(library) if picture.file.is_relative_to(home)]
    pairs = [(file, folder / "pictures" / file.relative_to(home)) for file in ours]
    return pairs + [(file, folder / "inputs" / file.name) for file in inputs.folder.glob("*.png")]


def _all(library: Library) -> Iterator[Picture]:
    ids = [*library.ids(Query()), *library.ids(Query(trashed=True))]
    for begin in range(0, len(ids), PAGE):
        yield from library.pictures(ids[begin : begin + PAGE])


def _is_same(file: Path, copy: Path) -> bool:
    if not copy.is_file():
        return False
    one, other = file.stat(), copy.stat()
    return one.st_size == other.st_size and abs(one.st_mtime - other.st_mtime) <= TICK
