"""Tools that follow the hand: brush, eraser, mask brush."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QRect

from desktop.canvas.brush import Stroke, erased, painted
from desktop.canvas.layer import Layer, Role
from desktop.canvas.snapshot import MASK, Snapshot
from desktop.canvas.tiles import Plane
from desktop.canvas.tools.kit import Keys, Kit, Pointer


def brush(kit: Kit) -> Generator[None, Pointer, None]:
    """Paints on the active layer."""
    yield from _stroke(kit, "Brush stroke", kit.document.snapshot, kit.document.snapshot.active, erases=False)


def eraser(kit: Kit) -> Generator[None, Pointer, None]:
    """Takes away from the active layer."""
    yield from _stroke(kit, "Eraser stroke", kit.document.snapshot, kit.document.snapshot.active, erases=True)


def mask_brush(kit: Kit) -> Generator[None, Pointer, None]:
    """Paints the mask, whichever layer is active; with Ctrl it takes away from it."""
    snapshot = with_mask(kit.document.snapshot)
    yield from _stroke(kit, "Mask stroke", snapshot, snapshot.mask, erases=False)


def with_mask(snapshot: Snapshot) -> Snapshot:
    """With a mask that can be seen, at the top; the active layer stays."""
    mask = snapshot.mask
    if mask is None:
        return snapshot.add(Layer.empty(MASK, Role.MASK)).activate(snapshot.active_id)
    return snapshot.change(mask.id, visible=True) if not mask.visible else snapshot


def _stroke(
    kit: Kit, name: str, snapshot: Snapshot, layer: Layer | None, erases: bool
) -> Generator[None, Pointer, None]:
    pointer = yield
    if layer is None or not may_paint(kit, layer):
        return
    turned = layer.role is Role.MASK and pointer.holds(Keys.ControlModifier)
    work = _Work(kit, snapshot, layer, erases or turned or pointer.eraser)
    if pointer.holds(Keys.ShiftModifier) and kit.last:
        work.follow(replace(pointer, at=kit.last))
    last = pointer.at
    while pointer.down:
        work.follow(pointer)
        last = pointer.at
        pointer = yield
    kit.document.do(name, work.end())
    kit.last = last


def may_paint(kit: Kit, layer: Layer) -> bool:
    """Or it is said why not."""
    if layer.locked:
        kit.refuse(f"“{layer.name}” is locked.", "Unlock it in the list of layers, or choose another one.")
    elif not layer.visible:
        kit.refuse(f"“{layer.name}” is hidden.", "Show it in the list of layers, or choose another one.")
    return layer.visible and not layer.locked


@dataclass
class _Work:
    """A stroke under way: the layer as it was, and as it is so far."""

    kit: Kit
    snapshot: Snapshot
    layer: Layer
    erases: bool

    def __post_init__(self) -> None:
        self._before = self.layer
        self._stroke = Stroke(self.kit.brush)

    def follow(self, pointer: Pointer) -> None:
        changed = self._stroke.go_to(pointer.at.x(), pointer.at.y(), pointer.pressure, pointer.tilt)
        self._apply(changed)
        self.kit.document.show(self.snapshot.put(self.layer))

    def end(self) -> Snapshot:
        self._apply(self._stroke.end())
        return self.snapshot.put(self.layer)

    def _apply(self, area: QRect) -> None:
        if area.isEmpty():
            return
        coverage = self._stroke.coverage.read(area)[..., 0] / np.float32(255) * np.float32(self.kit.brush.opacity)
        coverage *= selected(self.snapshot.selection, area)
        before = self._before.read(area)
        if self.erases:
            pixels = erased(before, coverage, self.layer.alpha_locked)
        else:
            pixels = painted(before, coverage, self.kit.color, self.layer.alpha_locked)
        self.layer = self.layer.write(area, pixels)


def selected(selection: Plane, area: QRect) -> np.ndarray | float:
    """Where tools may work, height x width, 0 to 1; everywhere while nothing is selected."""
    return selection.read(area)[..., 0] / np.float32(255) if selection.tiles else 1.0
