"""Changes: where two snapshots look different, by tiles, so that only these are drawn anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields

from desktop.canvas.layer import Layer, Role
from desktop.canvas.snapshot import Snapshot
from desktop.canvas.tiles import Key, area_of, keys_in

LOOKS = [field.name for field in fields(Layer) if field.name not in ("id", "name", "plane", "locked", "alpha_locked")]


def pictured(before: Snapshot, after: Snapshot) -> set[Key]:
    """The tiles of the canvas where what is seen of the picture differs."""
    return _differences(before, after, lambda layer: layer.role.seen)


def masked(before: Snapshot, after: Snapshot) -> set[Key]:
    """The tiles where the masks differ."""
    return _differences(before, after, lambda layer: layer.role is Role.MASK)


def _differences(before: Snapshot, after: Snapshot, wanted: Callable[[Layer], bool]) -> set[Key]:
    old = {layer.id: layer for layer in before.layers if wanted(layer)}
    new = {layer.id: layer for layer in after.layers if wanted(layer)}
    moved = _out_of_order([key for key in old if key in new], [key for key in new if key in old])
    keys: set[Key] = set()
    for key in old.keys() | new.keys():
        one, other = old.get(key), new.get(key)
        if one is other and key not in moved:
            continue
        if one is None or other is None or key in moved or _looks(one) != _looks(other):
            keys |= _covered(one) | _covered(other)
        else:
            keys |= _placed(other, other.plane.changed_since(one.plane))
    return keys


def _out_of_order(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """Those that are at another place among those that stay."""
    return {one for one, other in zip(before, after, strict=True) if one != other}


def _looks(layer: Layer) -> list[object]:
    return [getattr(layer, name) for name in LOOKS]


def _covered(layer: Layer | None) -> set[Key]:
    return _placed(layer, set(layer.plane.tiles)) if layer else set()


def _placed(layer: Layer, keys: set[Key]) -> set[Key]:
    """The tiles of the canvas that these of the layer touch."""
    if layer.offset == (0, 0):
        return keys
    return {touched for key in keys for touched in keys_in(area_of(key).translated(*layer.offset))}
