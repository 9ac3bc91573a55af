"""The pictures that recipes start from, kept once each by content, so that a recipe can be run again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from desktop.paths import write_atomically

if TYPE_CHECKING:  # numpy and Pillow come with it, later than the window
    from desktop.raster import Raster


class Inputs:
    """A folder of PNG files named by Raster.sha256."""

    def __init__(self, folder: Path):
        self.folder = folder

    def keep(self, picture: Raster) -> None:
        file = self._file(picture.sha256)
        if not file.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            write_atomically(file, picture.png())

    def find(self, sha256: str) -> Raster | None:
        from desktop.raster import Raster

        file = self._file(sha256)
        return Raster.read(file) if file.exists() else None

    def _file(self, sha256: str) -> Path:
        return self.folder / f"{sha256}.png"
