"""Planes of pixels without edges, in tiles that never change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from math import ceil, floor

import numpy as np
from PySide6.QtCore import QRect

SIDE = 256  # pixels

Key = tuple[int, int]  # column and row of a tile; tile (0, 0) begins at pixel (0, 0)


class Tile:
    """SIDE x SIDE pixels of uint8 that never change. They may be on disk only: then they are read when asked for."""

    __slots__ = ("__weakref__", "_digest", "_load", "_pixels")

    def __init__(self, pixels: np.ndarray | None = None):
        self._pixels = pixels
        self._load: Callable[[], np.ndarray] | None = None
        self._digest: bytes | None = None
        if pixels is not None:
            pixels.flags.writeable = False

    @property
    def pixels(self) -> np.ndarray:
        """SIDE x SIDE x channels, read-only. Raises UserError where they cannot be read back."""
        pixels = self._pixels
        if pixels is None:
            assert self._load
            pixels = self._load()
            pixels.flags.writeable = False
            self._pixels = pixels
        return pixels

    @property
    def digest(self) -> bytes:
        """Of the pixels, by SHA-256: the name under which they are kept."""
        if self._digest is None:
            self._digest = sha256(self.pixels.data).digest()
        return self._digest

    @property
    def bytes_in_memory(self) -> int:
        return 0 if self._pixels is None else self._pixels.nbytes

    def kept_as(self, digest: bytes, load: Callable[[], np.ndarray]) -> Tile:
        """The same: its pixels are on disk now."""
        self._digest, self._load = digest, load
        return self

    def let_go(self) -> None:
        """Out of memory, if they are on disk."""
        if self._load:
            self._pixels = None


@dataclass(frozen=True, eq=False)
class Plane:
    """Pixels from minus to plus infinity, of which those outside its tiles are 0. A change makes another plane.

    Four channels are straight RGBA, one is coverage: 0 none, 255 full.
    """

    channels: int
    tiles: Mapping[Key, Tile] = field(default_factory=dict)

    @property
    def bounds(self) -> QRect:
        """Around all tiles; what is not 0 may be less."""
        return bounds_of(self.tiles)

    def read(self, area: QRect) -> np.ndarray:
        """height x width x channels, to do with as you like."""
        pixels = np.zeros((area.height(), area.width(), self.channels), np.uint8)
        for key in keys_in(area):
            if tile := self.tiles.get(key):
                inside, outside = _overlap(key, area)
                pixels[outside] = tile.pixels[inside]
        return pixels

    def write(self, area: QRect, pixels: np.ndarray) -> Plane:
        """With these pixels there; height x width x channels."""
        tiles = dict(self.tiles)
        for key in keys_in(area):
            inside, outside = _overlap(key, area)
            patch = pixels[outside]
            if patch.shape[:2] == (SIDE, SIDE):
                whole = np.array(patch, np.uint8, order="C")
            else:
                whole = self._copy(key)
                whole[inside] = patch
            if whole.any():
                tiles[key] = Tile(whole)
            else:
                tiles.pop(key, None)
        return replace(self, tiles=tiles)

    def cut(self, area: QRect) -> Plane:
        """Nothing but what is in there."""
        wanted = keys_in(area)
        whole = {key: tile for key, tile in self.tiles.items() if area.contains(area_of(key))}
        plane = replace(self, tiles=whole)
        for key in self.tiles.keys() - whole.keys():
            if key in wanted:
                part = area & area_of(key)
                plane = plane.write(part, self.read(part))
        return plane

    def moved(self, dx: int, dy: int) -> Plane:
        if dx % SIDE == dy % SIDE == 0:
            columns, rows = dx // SIDE, dy // SIDE
            return replace(self, tiles={(c + columns, r + rows): tile for (c, r), tile in self.tiles.items()})
        touched = {key for old in self.tiles for key in keys_in(area_of(old).translated(dx, dy))}
        parts = {key: self.read(area_of(key).translated(-dx, -dy)) for key in touched}
        return replace(self, tiles={key: Tile(part) for key, part in parts.items() if part.any()})

    def changed_since(self, before: Plane) -> set[Key]:
        """The tiles that are others than in that plane."""
        if self.tiles is before.tiles:
            return set()
        keys = self.tiles.keys() | before.tiles.keys()
        return {key for key in keys if self.tiles.get(key) is not before.tiles.get(key)}

    def _copy(self, key: Key) -> np.ndarray:
        tile = self.tiles.get(key)
        return np.array(tile.pixels) if tile else np.zeros((SIDE, SIDE, self.channels), np.uint8)


def area_of(key: Key) -> QRect:
    """The pixels of that tile."""
    return QRect(key[0] * SIDE, key[1] * SIDE, SIDE, SIDE)


def bounds_of(keys: Mapping[Key, object] | set[Key]) -> QRect:
    """Around all these tiles."""
    if not keys:
        return QRect()
    columns, rows = zip(*keys, strict=True)
    first = area_of((min(columns), min(rows)))
    return first.united(area_of((max(columns), max(rows))))


@dataclass(frozen=True)
class _Keys:
    """The tiles that an area touches, row by row."""

    columns: range
    rows: range

    def __contains__(self, key: Key) -> bool:
        return key[0] in self.columns and key[1] in self.rows

    def __iter__(self) -> Iterator[Key]:
        return ((column, row) for row in self.rows for column in self.columns)


def keys_in(area: QRect) -> _Keys:
    """The tiles that it touches."""
    if area.isEmpty():
        return _Keys(range(0), range(0))
    right, bottom = area.x() + area.width(), area.y() + area.height()
    columns = range(floor(area.x() / SIDE), ceil(right / SIDE))
    return _Keys(columns, range(floor(area.y() / SIDE), ceil(bottom / SIDE)))


Slices = tuple[slice, slice]


def _overlap(key: Key, area: QRect) -> tuple[Slices, Slices]:
    """What they share, as slices of the tile's pixels and of the area's."""
    tile = area_of(key)
    shared = tile & area
    return slices(shared, tile), slices(shared, area)


def slices(part: QRect, whole: QRect) -> Slices:
    """Rows and columns of a part in the pixels of the whole."""
    top, left = part.y() - whole.y(), part.x() - whole.x()
    return slice(top, top + part.height()), slice(left, left + part.width())
