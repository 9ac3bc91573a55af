"""Trash: model files go to the system's, together with what lies beside them, and come back. Runs in a lane."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QFile, QStandardPaths

from desktop.errors import UserError
from desktop.models.entry import SUFFIXES
from desktop.models.sidecars import ENDINGS
from desktop.models.weights import SHARD
from desktop.paths import STARTER, is_there

MORE = (".cm-info.json", ".metadata.json", ".yaml", ".sha256")  # of other programs, in place of the file's own ending


@dataclass(frozen=True)
class Thrown:
    """Where things were, and where in the trash they are, None where the system does not say."""

    places: tuple[tuple[Path, Path | None], ...]
    refused: tuple[Path, ...] = ()  # for which there is no trash
    reason: str = ""

    @property
    def can_return(self) -> bool:
        return bool(self.places) and all(there for _, there in self.places)


def throw_away(path: Path) -> Thrown:
    """A model's file or folder and what belongs to it. Raises UserError where it must stay."""
    _check(path)
    _make_ready()
    places: list[tuple[Path, Path | None]] = []
    for each in (path, *belongings(path)):
        file = QFile(str(each))
        if file.moveToTrash():
            there = Path(file.fileName())
            places.append((each, there if there != each else None))
        elif each == path:
            return Thrown((), (path, *belongings(path)), file.errorString())
    return Thrown(tuple(places))


def delete(paths: Iterable[Path]) -> None:
    """For good. Raises UserError."""
    for path in paths:
        try:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            hint = "Another program may use it; close that, then try again."
            raise UserError(f"{path.name} cannot be deleted: {error.strerror}.", hint) from None


def bring_back(thrown: Thrown) -> None:
    """Where it was. Raises UserError."""
    for path, there in thrown.places:
        assert there
        try:
            if is_there(path):
                raise UserError(f"{path.name} is there again already.", "The other one stays in the trash.")
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(there, path)
        except OSError as error:
            hint = "Look for it in the system's trash."
            raise UserError(f"{path.name} does not come back: {error.strerror}.", hint) from None
        note = there.parent.parent / "info" / f"{there.name}.trashinfo"  # of Linux's desktops
        with suppress(OSError):
            note.unlink(missing_ok=True)


def belongings(path: Path) -> list[Path]:
    """The rest of a file in shards; notes and pictures beside, but none that it shares with another model."""
    if path.is_dir():
        return []
    endings = () if any(_twins(path)) else (*ENDINGS, *MORE)
    beside = [path.with_name(f"{path.stem}{ending}") for ending in endings]
    return [each for each in (*_shards(path), *beside) if is_there(each)]


def _shards(path: Path) -> Iterator[Path]:
    """The others of its model, and their index."""
    if number := SHARD.search(path.name):
        before, after = path.name[: number.start(1)], path.name[number.end(1) :]
        alike = re.compile(rf"{re.escape(before)}\d{{5}}{re.escape(after)}")
        yield from sorted(each for each in path.parent.iterdir() if alike.fullmatch(each.name) and each != path)
        yield path.with_name(f"{path.name[: number.start()]}{path.suffix}.index.json")


def _twins(path: Path) -> Iterator[Path]:
    """The same model in another format: they go by one name, and share what lies beside them."""
    for ending in SUFFIXES:
        twin = path.with_name(f"{path.stem}{ending}")
        if twin != path and is_there(twin):
            yield twin


def _make_ready() -> None:
    """On Linux the trash is in a folder that a new account may not have yet, and Qt makes none."""
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation)
    with suppress(OSError):  # the file itself tells that it cannot go there
        Path(place).mkdir(parents=True, exist_ok=True)


def _check(path: Path) -> None:
    if path.resolve() == STARTER.resolve():
        raise UserError("The built-in model stays.", "It is a part of Sfumato, and takes next to no room.")
    if any(each.is_symlink() for each in (path, *(path.rglob("*") if path.is_dir() else ()))):
        hint = "Delete it with the program that keeps it: of Hugging Face that is `hf cache`."
        raise UserError(f"{path.name} is only a link to where the file lies.", hint)
