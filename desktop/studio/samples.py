"""Samples: the pictures that models are shown by, fetched when they are seen, and forgotten at the end."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.errors import UserError
from desktop.models.getting.client import Client
from desktop.models.getting.offer import Sample
from desktop.models.getting.stop import Stop, Stopped
from desktop.studio.previews import small
from desktop.studio.worker import Errands

if TYPE_CHECKING:
    from desktop.raster import Raster

BLURRED = 7  # pixels a side that are left of a blurred one


class Samples(QObject):
    """One after the other, by a lane of their own. Adult ones come blurred unless `shows_adult`."""

    came = Signal(str, int, object)  # its address, the side that was wished for, and a Raster or None

    def __init__(
        self,
        client: Callable[[], Client],
        shows_adult: Callable[[], bool] = lambda: False,
        parent: QObject | None = None,
    ):
        super().__init__(parent)
        self.lane = Errands("samples", self)
        self._client, self._shows_adult = client, shows_adult
        self._stop = Stop()
        self._wish: list[tuple[Sample, int]] = []
        self._reading = False
        self._folder = tempfile.TemporaryDirectory(prefix="sfumato-samples-")

    def wish(self, samples: Sequence[Sample], side: int) -> None:
        """They come soon, just large enough to fill a square of that side; earlier wishes of that side end."""
        self._wish = [each for each in self._wish if each[1] != side] + [(sample, side) for sample in samples]
        self._read_on()

    def close(self) -> None:
        self._wish = []
        self._stop.set()
        self.lane.finish()
        self._folder.cleanup()

    def _read_on(self) -> None:
        if self._wish and not self._reading:
            self._reading = True
            sample, side = self._wish.pop(0)
            came = partial(self._came, sample.url, side)
            self.lane.send(partial(self._read, sample, side), came, lambda _: came(None))

    def _read(self, sample: Sample, side: int) -> Raster | None:
        """In the lane."""
        file = Path(self._folder.name) / hashlib.sha256(sample.url.encode()).hexdigest()
        try:
            if not file.exists():
                file.write_bytes(self._client().picture(sample.url, "picture of a model", self._stop))
        except (UserError, Stopped):
            return None
        picture = small(file, side)
        return _blurred(picture) if picture and sample.adult and not self._shows_adult() else picture

    def _came(self, url: str, side: int, raster: Raster | None) -> None:
        self._reading = False
        self.came.emit(url, side, raster)
        self._read_on()


def _blurred(picture: Raster) -> Raster:
    """Colours are left, and no shapes."""
    from desktop.raster import Raster

    image = picture.rgb().image()
    return Raster.of(image.reduce(max(1, min(image.size) // BLURRED)).resize(image.size))
