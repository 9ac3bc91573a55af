"""Landing: from a picture over the canvas to a layer of it."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.library.inputs import Inputs
from desktop.studio.easel import Easel
from desktop.studio.notice import Kind, Notice
from desktop.studio.results import Result
from desktop.studio.scene import Scene, Spot
from desktop.studio.stage import Stage

if TYPE_CHECKING:
    from desktop.canvas.layer import Layer
    from desktop.raster import Raster

IN_MEMORY = 4  # scenes; those of earlier jobs are among the inputs


class Landing(QObject):
    """The stage's candidate is taken. `spot` is where it lies, while there is one."""

    noticed = Signal(object)  # Notice

    def __init__(self, stage: Stage, easel: Easel, inputs: Inputs, parent: QObject | None = None):
        super().__init__(parent)
        self._stage, self._easel, self._inputs = stage, easel, inputs
        self._befores: OrderedDict[str, Raster] = OrderedDict()
        self.spot: Spot | None = None
        self._taken: Raster | None = None  # what becomes a layer just now: not twice
        stage.changed.connect(self._stage_changed)
        easel.changed.connect(lambda name: self._befores.clear() if name == "document" else None)

    def spot_for(self, scene: Scene, starts_from_it: bool) -> Spot:
        """Where a picture of that scene belongs; clipped to what changes, if it starts from what is there."""
        if not starts_from_it:
            return Spot(scene.place, scene.sheet)
        before = scene.picture.sha256
        self._befores[before] = scene.picture
        self._befores.move_to_end(before)
        while len(self._befores) > IN_MEMORY:
            self._befores.popitem(last=False)
        return Spot(scene.place, scene.sheet, before)

    def take(self) -> None:
        """The candidate becomes a layer above the active one, there where the frame was when it was asked for."""
        stage = self._stage
        if not stage.is_candidate or stage.picture is None or self.spot is None:
            return
        if stage.is_whole:
            self._land(stage.picture, self.spot)
        else:
            hint = "Wait for it, or set it aside with Escape."
            self.noticed.emit(Notice(Kind.INFO, "This picture is not finished yet.", hint))

    def take_result(self, result: Result) -> None:
        """The same of any result."""
        if spot := self._here(result.spot):
            self._stage.with_raster(result, lambda raster: self._land(raster, spot))

    def _land(self, picture: Raster, spot: Spot) -> None:
        if picture is not self._taken:
            self._taken = picture
            work = partial(_layer, picture, spot, self._befores.get(spot.before), self._inputs)
            self._easel.apart(work, partial(self._add, picture))

    def _add(self, picture: Raster, layer: Layer) -> None:
        self._easel.do("Result", lambda snapshot: snapshot.add(layer, snapshot.active_id))
        self._taken = None
        if self._stage.picture is picture:
            self._stage.is_candidate = False  # not before, or it would be away for a moment

    def _here(self, spot: Spot | None) -> Spot | None:
        """That one, or what is of another canvas or none where the frame is."""
        if self._easel.has(spot):
            return spot
        snapshot = self._easel.snapshot
        return Spot(snapshot.frame.topLeft(), self._easel.sheet) if snapshot else None

    def _stage_changed(self, name: str) -> None:
        if name in ("picture", "is_candidate"):
            self.spot = self._here(self._stage.spot) if self._stage.is_candidate else None
            self._taken = self._taken if self.spot else None


def _layer(picture: Raster, spot: Spot, before: Raster | None, inputs: Inputs) -> Layer:
    from desktop.canvas import edits

    if before is None and spot.before:
        before = inputs.find(spot.before)
    clipped = edits.difference(picture, before) if before else picture
    return edits.layer_of(clipped, spot.place.x(), spot.place.y(), "Result")
