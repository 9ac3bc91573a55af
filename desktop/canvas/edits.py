"""Edits: what is done to whole layers, masks and selections, each a snapshot from a snapshot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QRect

from desktop.canvas.composite import flatten, merged
from desktop.canvas.layer import Layer, Role, new_id
from desktop.canvas.selection import feathered, grown, inverted
from desktop.canvas.snapshot import MASK, Snapshot
from desktop.canvas.tiles import Plane
from desktop.canvas.transform import tight
from desktop.raster import Raster


def add_layer(snapshot: Snapshot) -> Snapshot:
    """An empty one above the active one."""
    return snapshot.add(Layer.empty(_free_name(snapshot, "Layer")), snapshot.active_id)


def add_mask(snapshot: Snapshot) -> Snapshot:
    return snapshot.add(Layer.empty(_free_name(snapshot, MASK), Role.MASK)).activate(snapshot.active_id)


def duplicate(snapshot: Snapshot) -> Snapshot:
    """The active layer once more, above itself; it shares its pixels until one of them changes."""
    layer = snapshot.active
    return snapshot.add(replace(layer, id=new_id(), name=f"{layer.name} copy"), layer.id) if layer else snapshot


def merge_down(snapshot: Snapshot) -> Snapshot:
    """The active layer and the one below it that is no mask or the like become one, unless one is locked."""
    upper = snapshot.active
    below = snapshot.layers[: snapshot.place_of(upper.id)] if upper else ()
    lower = next((layer for layer in reversed(below) if layer.role.seen), None)
    if not upper or not lower or not upper.role.seen or upper.locked or lower.locked:
        return snapshot
    area = lower.bounds.united(upper.bounds)
    plane = Plane(4) if area.isEmpty() else Plane(4).write(area, merged(lower, upper, area))
    joined = replace(lower, plane=plane, offset=(0, 0), opacity=1.0)
    return snapshot.remove(upper.id).put(joined).activate(lower.id)


def flatten_all(snapshot: Snapshot) -> Snapshot:
    """All that is seen becomes one layer; hidden ones go, masks stay."""
    area = snapshot.bounds
    plane = Plane(4) if area.isEmpty() else Plane(4).write(area, flatten(snapshot, area))
    picture = Layer("Picture", Role.PICTURE, plane)
    rest = tuple(layer for layer in snapshot.layers if not layer.role.seen)
    return replace(snapshot, layers=(picture, *rest), active_id=picture.id)


def clear(snapshot: Snapshot) -> Snapshot:
    """The active layer without what is selected of it, or empty; not if it is locked."""
    layer = snapshot.active
    if layer is None or layer.locked:
        return snapshot
    if not snapshot.selection.tiles:
        return snapshot.put(replace(layer, plane=Plane(layer.role.channels)))
    area = layer.bounds.intersected(snapshot.selection.bounds)
    pixels = layer.read(area)
    stays = 255 - snapshot.selection.read(area)[..., 0].astype(np.uint16)
    pixels[..., -1] = (pixels[..., -1] * stays + 127) // 255
    pixels[pixels[..., -1] == 0] = 0
    return snapshot.put(layer.write(area, pixels))


def layer_of(picture: Raster, left: int, top: int, name: str) -> Layer:
    """A picture at that place of the canvas."""
    area = QRect(left, top, picture.width, picture.height)
    return Layer(name, Role.PICTURE, Plane(4).write(area, picture.rgba().pixels))


def difference(picture: Raster, before: Raster) -> Raster:
    """The picture where it looks otherwise than another of its size, elsewhere transparent."""
    now, then = picture.rgba().pixels, before.rgba().pixels
    return Raster(now * (now != then).any(axis=2, keepdims=True))


# ---------------------------------------------------------------- selection and mask


def select_all(snapshot: Snapshot) -> Snapshot:
    """What is painted and the frame."""
    area = snapshot.frame.united(snapshot.bounds)
    return snapshot.select(Plane(1).write(area, np.full((area.height(), area.width(), 1), 255, np.uint8)))


def invert_selection(snapshot: Snapshot) -> Snapshot:
    return snapshot.select(inverted(snapshot.selection, snapshot.frame.united(snapshot.bounds)))


def grow_selection(snapshot: Snapshot, by: int) -> Snapshot:
    return snapshot.select(grown(snapshot.selection, by))


def feather_selection(snapshot: Snapshot, radius: float) -> Snapshot:
    return snapshot.select(feathered(snapshot.selection, radius))


def selection_to_mask(snapshot: Snapshot) -> Snapshot:
    """What is selected is masked, too; nothing is selected any more."""
    return _with_mask(snapshot, lambda mask: _joined(mask, snapshot.selection)).select(Plane(1))


def mask_to_selection(snapshot: Snapshot) -> Snapshot:
    mask = snapshot.mask
    return snapshot.select(mask.settled().plane) if mask else snapshot


def clear_mask(snapshot: Snapshot) -> Snapshot:
    return _with_mask(snapshot, lambda _: Plane(1))


def invert_mask(snapshot: Snapshot) -> Snapshot:
    """Within the frame."""
    return _with_mask(snapshot, lambda mask: mask.write(snapshot.frame, 255 - mask.read(snapshot.frame)))


def _with_mask(snapshot: Snapshot, change: Callable[[Plane], Plane]) -> Snapshot:
    snapshot = snapshot if snapshot.mask else add_mask(snapshot)
    assert snapshot.mask
    mask = snapshot.mask.settled()
    return snapshot.put(replace(mask, plane=change(mask.plane), visible=True))


def _joined(one: Plane, other: Plane) -> Plane:
    area = tight(other)
    return one.write(area, np.maximum(one.read(area), other.read(area))) if not area.isEmpty() else one


def _free_name(snapshot: Snapshot, kind: str) -> str:
    taken = {layer.name for layer in snapshot.layers}
    return next(name for n in range(1, len(taken) + 2) if (name := f"{kind} {n}") not in taken)
