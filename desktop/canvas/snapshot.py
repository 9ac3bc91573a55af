"""Snapshot: all of a document at one moment, as a value; a change makes another one that shares what stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from PySide6.QtCore import QRect

from desktop.canvas.layer import Layer, Role, whole
from desktop.canvas.tiles import SIDE, Plane

NATIVE = 512  # pixels a side of the first frame, until a model says better
MASK = "Mask"


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Layers from the bottom up, one of them active; what is selected; and the frame, where pictures are made."""

    layers: tuple[Layer, ...] = ()
    active_id: str = ""
    selection: Plane = field(default_factory=lambda: Plane(1))
    frame: QRect = field(default_factory=lambda: QRect(0, 0, NATIVE, NATIVE))

    @staticmethod
    def new(frame: QRect | None = None) -> Snapshot:
        """One empty layer to paint on, and the mask."""
        layer = Layer.empty("Layer 1")
        base = Snapshot((layer, Layer.empty(MASK, Role.MASK)), layer.id)
        return replace(base, frame=frame) if frame else base

    # ------------------------------------------------------------ what there is

    @property
    def active(self) -> Layer | None:
        return self.find(self.active_id)

    @property
    def mask(self) -> Layer | None:
        """The uppermost one."""
        return next((layer for layer in reversed(self.layers) if layer.role is Role.MASK), None)

    @property
    def pictured(self) -> list[Layer]:
        """The layers that are seen, from the bottom up."""
        return [layer for layer in self.layers if layer.role.seen and layer.visible and layer.opacity > 0]

    @property
    def bounds(self) -> QRect:
        """Around everything that is seen, by whole tiles."""
        bounds = QRect()
        for layer in self.pictured:
            bounds = bounds.united(layer.bounds)
        return bounds

    @property
    def sight(self) -> QRect:
        """What is worth looking at: the frame, and what is painted beyond it, but for tiles that may be empty."""
        full = self.bounds.adjusted(SIDE - 1, SIDE - 1, 1 - SIDE, 1 - SIDE)
        return self.frame.united(full) if full.isValid() else self.frame

    def find(self, layer_id: str) -> Layer | None:
        return next((layer for layer in self.layers if layer.id == layer_id), None)

    def place_of(self, layer_id: str) -> int:
        return next(place for place, layer in enumerate(self.layers) if layer.id == layer_id)

    def wanted(self, area: QRect) -> np.ndarray:
        """Where the model shall work: what is masked or selected; height x width, 0 to 255."""
        coverage = self.selection.read(area)[..., 0]
        for layer in self.layers:
            if layer.role is Role.MASK and layer.visible:
                coverage = np.maximum(coverage, layer.read(area)[..., 0])
        return coverage

    # ------------------------------------------------------------ what makes another one

    def put(self, layer: Layer) -> Snapshot:
        """In place of the one with the same id."""
        return replace(self, layers=tuple(layer if each.id == layer.id else each for each in self.layers))

    def change(self, layer_id: str, **properties: Any) -> Snapshot:
        return replace(
            self, layers=tuple(replace(each, **properties) if each.id == layer_id else each for each in self.layers)
        )

    def activate(self, layer_id: str) -> Snapshot:
        return replace(self, active_id=layer_id)

    def add(self, layer: Layer, above: str = "") -> Snapshot:
        """Above that layer, else at the top; it becomes the active one."""
        place = self.place_of(above) + 1 if self.find(above) else len(self.layers)
        return replace(self, layers=(*self.layers[:place], layer, *self.layers[place:]), active_id=layer.id)

    def remove(self, layer_id: str) -> Snapshot:
        """The one below becomes active, or the one above."""
        if not self.find(layer_id):
            return self
        place = self.place_of(layer_id)
        left = (*self.layers[:place], *self.layers[place + 1 :])
        active = self.active_id
        if active == layer_id:
            active = left[max(place - 1, 0)].id if left else ""
        return replace(self, layers=left, active_id=active)

    def move(self, layer_id: str, to: int) -> Snapshot:
        """To that place, counted from the bottom, among the others."""
        layer = self.layers[self.place_of(layer_id)]
        others = [each for each in self.layers if each.id != layer_id]
        others.insert(to, layer)
        return replace(self, layers=tuple(others))

    def select(self, selection: Plane) -> Snapshot:
        return self if selection is self.selection else replace(self, selection=selection)

    # ------------------------------------------------------------ JSON

    def to_json(self) -> dict[str, Any]:
        """JSON-ready, all but the pixels."""
        frame = [self.frame.x(), self.frame.y(), self.frame.width(), self.frame.height()]
        return {"layers": [layer.to_json() for layer in self.layers], "active": self.active_id, "frame": frame}

    @staticmethod
    def from_json(data: Mapping[str, Any], planes: Mapping[str, Plane], selection: Plane) -> Snapshot:
        """`planes` by the ids of their layers. Raises ValueError, TypeError or KeyError where that is no snapshot."""
        layers = tuple(
            Layer.from_json(each, planes.get(each["id"]) or Plane(Role(each["role"]).channels))
            for each in data["layers"]
        )
        return Snapshot(layers, str(data["active"]), selection, QRect(*map(whole, data["frame"])))
