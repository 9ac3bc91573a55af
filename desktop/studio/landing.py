"""Landing: from a picture over the canvas to a layer of it."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.library.inputs import Inputs
from desktop.studio.easel import Easel
from desktop.studio.notice import Kind, Notice
from desktop.studio.scene import Scene, Spot
from desktop.studio.stage import Stage
from desktop.studio.worker import Errands

if TYPE_CHECKING:
    from desktop.canvas.layer import Layer
    from desktop.raster import Raster

IN_MEMORY = 4  # scenes; those of earlier jobs are among the inputs


class Landing(QObject):
    """The stage's candidate is taken or set aside."""

    noticed = Signal(object)  # Notice

    def __init__(self, stage: Stage, easel: Easel, inputs: Inputs, errands: Errands, parent: QObject | None = None):
        super().__init__(parent)
        self._stage, self._easel, self._inputs, self._errands = stage, easel, inputs, errands
        self._befores: OrderedDict[str, Raster] = OrderedDict()

    def spot(self, scene: Scene, starts_from_it: bool) -> Spot:
        """Where a picture of that scene belongs; clipped to what changes, if it starts from what is there."""
        if not starts_from_it:
            return Spot(scene.place)
        before = scene.picture.sha256
        self._befores[before] = scene.picture
        self._befores.move_to_end(before)
        while len(self._befores) > IN_MEMORY:
            self._befores.popitem(last=False)
        return Spot(scene.place, before)

    def take(self) -> None:
        """The candidate becomes a layer above the active one, there where the frame was when it was asked for."""
        stage, snapshot = self._stage, self._easel.snapshot
        if snapshot is None or not stage.is_candidate or stage.picture is None:
            return
        if not stage.is_whole:
            hint = "Wait for it, or set it aside with Escape."
            self.noticed.emit(Notice(Kind.INFO, "This picture is not finished yet.", hint))
            return
        spot = stage.spot or Spot(snapshot.frame.topLeft())
        before = self._befores.get(spot.before)
        self._errands.send(partial(_layer, stage.picture, spot, before, self._inputs), self._add)

    def _add(self, layer: Layer) -> None:
        self._stage.is_candidate = False  # and no other comes meanwhile
        self._easel.do("Result", lambda snapshot: snapshot.add(layer, snapshot.active_id))


def _layer(picture: Raster, spot: Spot, before: Raster | None, inputs: Inputs) -> Layer:
    from desktop.canvas import edits

    if before is None and spot.before:
        before = inputs.find(spot.before)
    clipped = edits.difference(picture, before) if before else picture
    return edits.layer_of(clipped, spot.place.x(), spot.place.y(), "Result")
