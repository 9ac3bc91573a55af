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
        settings = self._memory.settings
        return str(folder) in (*settings.model_folders, settings.models)

    def _found(self, finds: tuple[Find, ...]) -> None:
        self.finds = finds

    def _ended(self) -> None:
        self.chore = None


def _steps(stopped: Callable[[], bool]) -> Iterator[Any]:
    from desktop.models.places import usual  # here: the first frame comes sooner

    return discover([(place.tool, place.folder) for place in usual()], stopped)


def discover(places: list[tuple[str, Path]], stopped: Callable[[], bool]) -> Iterator[Progress | tuple[Find, ...]]:
    """`places`: a program's name and its folder. At last what holds any models comes."""
    finds: list[Find] = []
    for number, (tool, folder) in enumerate(places):
        if stopped():
            break
        yield Progress(number, len(places), tool)
        sizes = list(_sizes(folder, stopped))
        if sizes:
            finds.append(Find(tool, folder, len(sizes), sum(sizes)))
    yield tuple(finds)


def _sizes(folder: Path, stopped: Callable[[], bool]) -> Iterator[int]:
    """Of the models in it, a folder of diffusers being one."""
    from desktop.models.scanning import scan

    for found in scan([folder]):
        if stopped():
            return
        files = found.path.rglob("*") if found.path.is_dir() else [found.path]
        with suppress(OSError):  # gone in the meantime
            if size := sum(file.stat().st_size for file in files if file.suffix.lower() in SUFFIXES):
                yield size
