"""Previews: small versions of the pictures beside model files, read when they are seen."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.models.entry import SAFE
from desktop.studio.worker import Errands

if TYPE_CHECKING:
    from PIL import Image

    from desktop.raster import Raster

MOST_PIXELS = 50_000_000  # whatever has more is no preview
WIDEST = 3  # of its sides; a wider one is made smaller, and fills no square
GAP = 2  # how much larger a picture is when it is scaled at last, with care


class Previews(QObject):
    """By a lane of their own, one after the other, so that another wish is soon heard."""

    came = Signal(object, int, object)  # the picture's file, the side that was wished for, and a Raster or None

    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        self.lane = Errands("previews", self)
        self._wish: list[tuple[Path, int]] = []
        self._reading = False

    def wish(self, files: Sequence[Path], side: int) -> None:
        """They come soon, none larger than `side` pixels square needs; earlier wishes of that side end."""
        self._wish = [each for each in self._wish if each[1] != side] + [(file, side) for file in files]
        self._read_on()

    def _read_on(self) -> None:
        if self._wish and not self._reading:
            self._reading = True
            file, side = self._wish.pop(0)
            self.lane.send(
                partial(small, file, side), partial(self._came, file, side), lambda _: self._came(file, side)
            )

    def _came(self, file: Path, side: int, raster: Raster | None = None) -> None:
        self._reading = False
        self.came.emit(file, side, raster)
        self._read_on()


def small(file: Path, side: int) -> Raster | None:
    """In a lane. Of a picture, or of a model file that carries one; just large enough to fill a square of that side.

    None where there is none, or none that can be read.
    """
    from PIL import Image

    from desktop.models.sidecars import picture
    from desktop.raster import BROKEN

    source = file if file.suffix.lower() not in SAFE else picture(file)
    if source is None:
        return None
    try:
        with Image.open(BytesIO(source) if isinstance(source, bytes) else source) as image:
            return _reduced(image, side) if image.width * image.height <= MOST_PIXELS else None
    except (*BROKEN, Image.DecompressionBombError):
        return None


def _reduced(image: Image.Image, side: int) -> Raster:
    from PIL import Image

    from desktop.raster import Raster, upright

    image.draft("RGB", (WIDEST * side, WIDEST * side))
    picture = Raster.of(upright(image)).rgb().image()
    share = min(side / min(picture.size), WIDEST * side / max(picture.size))
    picture.thumbnail((share * picture.width, share * picture.height), Image.Resampling.BICUBIC, reducing_gap=GAP)
    return Raster.of(picture)
