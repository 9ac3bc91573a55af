"""Watching: tells when something in the folders of models has changed and has come to rest."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from desktop.paths import is_there

QUIET = 1000  # milliseconds without a change, after which one is told
MOST = 2000  # folders: systems allow some thousands, for all programs together


class Watching(QObject):
    """Folders that are on networks or beyond the system's limit are not watched, and are looked at by hand."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None, quiet: int = QUIET):
        super().__init__(parent)
        self._watcher = QFileSystemWatcher(self)
        self._timer = QTimer(self, interval=quiet, singleShot=True)
        self._timer.timeout.connect(self.changed)
        self._watcher.directoryChanged.connect(self._seen)
        self._watcher.fileChanged.connect(lambda _: self._timer.start())

    def watch(self, folders: Iterable[Path], growing: Iterable[Path] = ()) -> None:
        """These and no others: `scanning.folders` lists them, in a lane. Those that are gone are passed over.

        `growing`: files that are not complete yet; a folder does not change when one in it grows.
        """
        wanted = {str(path) for path in (*folders, *growing)}
        watched = {*self._watcher.directories(), *self._watcher.files()}
        if gone := watched - wanted:
            self._watcher.removePaths(sorted(gone))
        room = MOST - len(watched & wanted)
        if fresh := sorted(path for path in wanted - watched if is_there(Path(path)))[:room]:
            self._watcher.addPaths(fresh)

    @property
    def folders(self) -> list[Path]:
        return [Path(folder) for folder in self._watcher.directories()]

    def _seen(self, folder: str) -> None:
        """A new folder is watched at once: files may come into it before anybody has looked through all of them."""
        if len(self._watcher.directories()) < MOST:
            self._add_inner(folder)
        self._timer.start()

    def _add_inner(self, folder: str) -> None:
        try:
            with os.scandir(folder) as rows:
                inner = [row.path for row in rows if row.is_dir() and not row.name.startswith(".")]
        except OSError:  # it is gone, and no longer watched
            return
        if fresh := sorted(set(inner) - set(self._watcher.directories())):
            self._watcher.addPaths(fresh[: MOST - len(self._watcher.directories())])
