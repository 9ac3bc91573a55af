"""Discovery: where other programs keep their models, to be read there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject

from desktop.engine.api import Progress
from desktop.models.entry import SUFFIXES
from desktop.studio.chores import Chore, Chores
from desktop.studio.memory import Memory
from desktop.studio.observable import Observable, Observed


@dataclass(frozen=True)
class Find:
    """A folder of a program, and the models in it."""

    tool: str
    folder: Path
    count: int
    bytes: int


class Discovery(Observable):
    """Looks in the usual places as a chore; what people choose of what it finds goes into the settings."""

    finds = Observed[tuple[Find, ...]](())
    chore = Observed[Chore | None](None)  # while it looks

    def __init__(self, chores: Chores, memory: Memory, parent: QObject | None = None):
        super().__init__(parent)
        self._chores, self._memory = chores, memory

    def look(self) -> None:
        if self.chore is None:
            self.finds = ()
            self.chore = Chore("Finding models", _steps, self._found, self._ended)
            self._chores.begin(self.chore)

    def stop(self) -> None:
        """At the next folder; what has been found by then is shown."""
        if self.chore:
            self.chore.stop.set()

    def add(self, folders: Iterable[Path]) -> None:
        """They are looked through from now on; nothing in them is touched."""
        before = self._memory.settings.model_folders
        self._memory.change_settings(model_folders=tuple(dict.fromkeys((*before, *map(str, folders)))))

    def is_known(self, folder: Path) -> bool:
        """It is looked through already, by itself or within another."""
        here = folder.resolve()
        return any(here.is_relative_to(other.resolve()) for other in self._memory.settings.models_folders)

    def _found(self, finds: tuple[Find, ...]) -> None:
        self.finds = finds

    def _ended(self) -> None:
        self.chore = None


def _steps(stopped: Callable[[], bool]) -> Iterator[Any]:
    from desktop.models.places import usual  # here: the first frame comes sooner

    return discover([(place.tool, place.folder) for place in usual()], stopped)


def discover(places: list[tuple[str, Path]], stopped: Callable[[], bool]) -> Iterator[Progress | tuple[Find, ...]]:
    """`places`: a program's name and its folder. At last what holds any models comes.

    What lies in several of them, one being within the other, is counted in the outermost.
    """
    finds: dict[Path, Find] = {}
    counted: set[Path] = set()
    for number, (tool, folder) in enumerate(sorted(places, key=lambda place: len(place[1].resolve().parts))):
        if stopped():
            break
        yield Progress(number, len(places), tool)
        sizes = list(_sizes(folder, counted, stopped))
        if sizes:
            finds[folder] = Find(tool, folder, len(sizes), sum(sizes))
    yield tuple(finds[folder] for _, folder in places if folder in finds)


def _sizes(folder: Path, counted: set[Path], stopped: Callable[[], bool]) -> Iterator[int]:
    """Of the models in it that are not counted yet, a folder of diffusers being one."""
    from desktop.models.scanning import scan

    for found in scan([folder]):
        if stopped():
            return
        with suppress(OSError):  # gone in the meantime
            if (place := found.path.resolve()) in counted:
                continue
            counted.add(place)
            files = found.path.rglob("*") if found.path.is_dir() else [found.path]
            if size := sum(file.stat().st_size for file in files if file.suffix.lower() in SUFFIXES):
                yield size
