"""Results: the newest pictures, as the strip shows them."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.engine.api import Produced
from desktop.library.metadata.description import OURS, Description
from desktop.library.picture import Picture
from desktop.recipe import Recipe
from desktop.studio.scene import Spot

if TYPE_CHECKING:
    from desktop.raster import Raster

MOST = 64  # in the strip: older ones are in the folder
IN_MEMORY = 4  # whole pictures, so that flipping between a few is instant


@dataclass(frozen=True, eq=False)
class Result:
    """A picture that was made, here or by another program. `raster` only where it is in memory; else there is a file.

    `said`: how it was made, as far as that is known; `spot`: where on the canvas it belongs, if it was asked for there
    since the program was started; `is_homeless`: it could not be written where it belongs.
    """

    said: Description
    seconds: float
    thumbnail: Raster | None
    file: Path | None
    raster: Raster | None = None
    spot: Spot | None = None
    is_homeless: bool = False

    @cached_property
    def recipe(self) -> Recipe:
        """Raises UserError where it is not whole, as in most pictures of other programs."""
        return Recipe.from_json(self.said.recipe)

    @staticmethod
    def of(picture: Picture, thumbnail: Raster | None, spot: Spot | None = None) -> Result:
        return Result(picture.said, picture.seconds, thumbnail, picture.file, spot=spot)

    @staticmethod
    def of_unkept(produced: Produced, thumbnail: Raster, spot: Spot | None = None, is_homeless: bool = False) -> Result:
        said = Description(OURS, produced.recipe.to_json(), ai_generated=True, made=produced.made)
        return Result(said, 0.0, thumbnail, None, produced.picture, spot, is_homeless)

    def kept_as(self, file: Path) -> Result:
        """The same, once it is on disk."""
        return replace(self, file=file, raster=None, is_homeless=False)


class Results(QObject):
    """The newest first. Those that are in memory only are never dropped."""

    changed = Signal()
    added = Signal(object)  # Result

    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        self.all: list[Result] = []
        self._rasters: OrderedDict[Result, Raster] = OrderedDict()

    def add(self, result: Result, raster: Raster) -> None:
        self.all.insert(0, result)
        self._let_go()
        self.hold(result, raster)
        self.changed.emit()
        self.added.emit(result)

    def restore(self, results: list[Result]) -> None:
        """Those of the last time, behind those that have come since."""
        there = {result.file for result in self.all}
        self.all += [result for result in results if result.file not in there]
        self._let_go()
        self.changed.emit()

    def replace(self, old: Result, new: Result) -> None:
        """After one that was in memory only has been written."""
        self.all = [new if each is old else each for each in self.all]
        self.changed.emit()

    def neighbour(self, of: Result | None, by: int) -> Result | None:
        """The one `by` places further on; the first where there is none to start from."""
        if not self.all:
            return None
        if of not in self.all:
            return self.all[0]
        return self.all[min(max(self.all.index(of) + by, 0), len(self.all) - 1)]

    def hold(self, result: Result, raster: Raster) -> None:
        """Keeps the whole picture at hand for a while."""
        self._rasters[result] = raster
        self._rasters.move_to_end(result)
        while len(self._rasters) > IN_MEMORY:
            self._rasters.popitem(last=False)

    def held(self, result: Result) -> Raster | None:
        return result.raster or self._rasters.get(result)

    def _let_go(self) -> None:
        """Of the oldest, where there are too many."""
        self.all = [each for place, each in enumerate(self.all) if place < MOST or not each.file]
