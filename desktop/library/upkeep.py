"""Upkeep of the library: what it takes of the disk, its move to another one, and a backup of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from desktop.engine.api import Progress
from desktop.errors import UserError
from desktop.library.inputs import Inputs
from desktop.library.library import NO_ROOM, Library
from desktop.library.picture import Picture
from desktop.library.query import Query
from desktop.paths import copy_atomically, is_there, make_folder, remove_leftovers, sync_folder

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


@dataclass
class Upkept:
    """What has come of a move or a backup. `left`: so many were imported, and stay where they are."""

    place: Path
    count: int = 0
    left: int = 0
    failed: list[tuple[Path, str]] = field(default_factory=list)
    complete: bool = False


def move_all(library: Library, old: Path, new: Path, stopped: Callable[[], bool]) -> Iterator[Progress | Upkept]:
    """What was made here goes below `new`, to the same place there as below `old`; then an Upkept. Raises UserError.

    Imported pictures stay. Done again, it goes on with what is left.
    """
    home, goal = old.resolve(), new.resolve()
    if goal != home and goal.is_relative_to(home):
        raise UserError(f"{new} lies within the present folder.", "Choose a folder outside it.")
    pictures = list(_all(library))
    moved = Upkept(new, left=sum(not picture.made_here for picture in pictures))
    ours = [picture for picture in pictures if picture.made_here and not _is_moved(picture.file, home, goal)]
    for number, picture in enumerate(ours):
        if stopped():
            break
        yield Progress(number, len(ours), "moving pictures")
        if _can_be_read(picture.file, moved):
            library.move(picture, new / _inside(picture.file, old))
            moved.count += 1
    else:
        moved.complete = True
    yield moved


def _is_moved(file: Path, home: Path, goal: Path) -> bool:
    """Whether it is where it shall be; the old folder may be the new one, or lie within it."""
    try:
        folder = file.parent.resolve()
    except (OSError, RuntimeError, ValueError):  # no file can have that name
        return False
    return folder.is_relative_to(goal) and (goal == home or not folder.is_relative_to(home))


def _inside(file: Path, root: Path) -> Path:
    """Its place below that folder; of a file from elsewhere its own folder and name."""
    return file.relative_to(root) if file.is_relative_to(root) else Path(file.parent.name, file.name)


def back_up(library: Library, inputs: Inputs, target: Path, stopped: Callable[[], bool]) -> Iterator[Progress | Upkept]:
    """Database, inputs and what was made here into a folder there; what it has already is not copied again.

    Ends with an Upkept. Raises UserError.
    """
    folder = target / BACKUP
    database = folder / library.database.file.name
    now = database.with_name(f".{database.name}.now")  # taken first, so that whatever it names is copied
    try:
        make_folder(folder)
        remove_leftovers(folder)
        library.database.copy(now)
        pictures = list(_all(library))
        done = Upkept(folder, left=sum(not picture.made_here for picture in pictures))
        pairs = _pairs(library, pictures, inputs, folder)
        for place, (file, copy) in enumerate(pairs):
            if stopped():
                break
            yield Progress(place, len(pairs), "backing up")
            _copy(file, copy, done)
        else:
            now.replace(database)
            sync_folder(folder)
            done.complete = True
        yield done
    except OSError as error:
        hint = "Make room" if error.errno in NO_ROOM else "Check that its disk is connected and you may write there"
        raise UserError(
            f"The backup in {folder} is not complete: {error.strerror}.", f"{hint}, then do it again."
        ) from error
    finally:
        with suppress(OSError):
            now.unlink()


def _copy(file: Path, copy: Path, done: Upkept) -> None:
    """Raises OSError where the copy cannot be written."""
    if _can_be_read(file, done):
        if not _is_same(file, copy):
            make_folder(copy.parent)
            copy_atomically(file, copy)
        done.count += 1


def _can_be_read(file: Path, done: Upkept) -> bool:
    """One that cannot is told, and holds nothing else up."""
    there = is_there(file)
    if readable := there and os.access(file, os.R_OK):
        return readable
    done.failed.append((file, "It cannot be read." if there else "It is not there any more."))
    return False


def _pairs(library: Library, pictures: list[Picture], inputs: Inputs, folder: Path) -> list[tuple[Path, Path]]:
    """What is copied, and where to: pictures from other folders than the present one by their ids."""
    home = library.folder
    ours = [picture for picture in pictures if picture.made_here]
    pairs = [
        (each.file, folder / "pictures" / _inside(each.file, home))
        if each.file.is_relative_to(home)
        else (each.file, folder / "pictures" / "elsewhere" / str(each.id) / each.file.name)
        for each in ours
    ]
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
