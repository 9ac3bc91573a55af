"""Discovery: where other programs keep their models, to be read there."""

from __future__ import annotations

import os
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

SMALLEST = 10_000  # bytes; what is smaller is no model: a tokenizer's state, a training's notes
DEEPEST = 12  # folders within each other


@dataclass(frozen=True)
class Find:
    """A folder of a program, and the model files in it."""

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

    return discover([(place.name, place.folder) for place in usual()], stopped)


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


def _sizes(folder: Path, stopped: Callable[[], bool], depth: int = 0) -> Iterator[int]:
    """Of the model files in it and below; links to folders are not followed, which could go round in circles."""
    if stopped() or depth > DEEPEST:
        return
    with suppress(OSError), os.scandir(folder) as rows:
        for row in rows:
            if row.is_dir(follow_symlinks=False):
                yield from _sizes(Path(row.path), stopped, depth + 1)
            elif row.name.lower().endswith(SUFFIXES):
                with suppress(OSError):  # a link to nothing
                    if (size := row.stat().st_size) >= SMALLEST:
                        yield size
