"""Planes of tiles: read and written anywhere, shared where they do not change."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect

from desktop.canvas.layer import Layer
from desktop.canvas.snapshot import Snapshot
from desktop.canvas.tiles import SIDE, Plane, Tile, area_of, keys_in
from desktop.canvas.tools.places import cropped
from desktop.canvas.transform import tight
from tests.canvas.things import content, filled, noise, noisy

WORLD = QRect(-600, -600, 1200, 1200)  # larger than all that is written here
MB = 2**20

areas = st.builds(QRect, st.integers(-560, 300), st.integers(-560, 300), st.integers(1, 260), st.integers(1, 260))
writes = st.lists(st.tuples(areas, st.sampled_from([0, 1, 7, 255, "noise"])), max_size=5)


def _value(area: QRect, channels: int, what: int | str) -> np.ndarray:
    if what == "noise":
        return noise(area.width(), area.height(), channels, seed=area.x() % 97)
    return np.full((area.height(), area.width(), channels), what, np.uint8)


def _put(world: np.ndarray, area: QRect, pixels: np.ndarray) -> None:
    top, left = area.y() - WORLD.y(), area.x() - WORLD.x()
    world[top : top + area.height(), left : left + area.width()] = pixels


def _part(world: np.ndarray, area: QRect) -> np.ndarray:
    top, left = area.y() - WORLD.y(), area.x() - WORLD.x()
    return world[top : top + area.height(), left : left + area.width()]


def _painted(steps: list[tuple[QRect, int | str]], channels: int = 1) -> tuple[Plane, np.ndarray]:
    """A plane, and a plain array of the same."""
    plane, world = Plane(channels), np.zeros((WORLD.height(), WORLD.width(), channels), np.uint8)
    for area, what in steps:
        pixels = _value(area, channels, what)
        plane = plane.write(area, pixels)
        _put(world, area, pixels)
    return plane, world


@given(st.sampled_from([1, 4]), writes, areas)
def test_a_plane_reads_as_a_plain_array_does(channels: int, steps: list[tuple[QRect, int | str]], area: QRect) -> None:
    plane, world = _painted(steps, channels)
    assert (plane.read(WORLD) == world).all()
    assert (plane.read(area) == _part(world, area)).all()


@given(writes)
def test_only_tiles_with_something_in_them_are_kept(steps: list[tuple[QRect, int | str]]) -> None:
    plane, world = _painted(steps)
    full = {key for key in keys_in(WORLD) if _part(world, area_of(key) & WORLD).any()}
    assert set(plane.tiles) == full


@given(writes, areas, st.sampled_from([0, 9]))
def test_a_write_makes_another_plane_and_shares_what_it_does_not_touch(
    steps: list[tuple[QRect, int | str]], area: QRect, what: int
) -> None:
    before, world = _painted(steps)
    former = dict(before.tiles)
    after = before.write(area, _value(area, 1, what))
    assert dict(before.tiles) == former
    assert (before.read(WORLD) == world).all()
    touched = set(keys_in(area))
    assert all(after.tiles[key] is tile for key, tile in former.items() if key not in touched)
    assert after.changed_since(before) == touched & (former.keys() | after.tiles.keys())
    assert before.changed_since(before) == set()


def test_pixels_of_tiles_cannot_be_changed() -> None:
    mine = noise(SIDE, SIDE)
    plane = Plane(4).write(area_of((0, 0)), mine)
    mine[:] = 3
    read = plane.read(area_of((0, 0)))
    read[:] = 4
    assert (plane.read(area_of((0, 0))) == noise(SIDE, SIDE)).all()
    with pytest.raises(ValueError, match="read-only"):
        plane.tiles[0, 0].pixels[0, 0, 0] = 1


@pytest.mark.parametrize("pixels", [np.asfortranarray(noise(SIDE, SIDE)), noise(SIDE, SIDE).astype(np.int64)])
def test_tiles_are_bytes_in_rows_whatever_was_written(pixels: np.ndarray) -> None:
    tile = Plane(4).write(area_of((0, 0)), pixels).tiles[0, 0]
    assert tile.pixels.dtype == np.uint8
    assert tile.pixels.flags.c_contiguous  # as zlib and QImage take them
    assert tile.pixels.tobytes() == noise(SIDE, SIDE).tobytes()


def test_nothing_is_read_and_written_in_an_empty_area() -> None:
    plane = filled(QRect(0, 0, 5, 5), 9)
    assert plane.read(QRect()).shape == (0, 0, 1)
    assert content(plane.write(QRect(), np.zeros((0, 0, 1), np.uint8))) == content(plane)
    assert Plane(1).bounds.isEmpty()
    assert list(keys_in(QRect(300, 300, 0, 5))) == []


# ---------------------------------------------------------------- cut and moved


@given(writes, areas)
def test_cut_leaves_nothing_but_what_is_inside(steps: list[tuple[QRect, int | str]], area: QRect) -> None:
    before, world = _painted(steps)
    cut = before.cut(area)
    expected = np.zeros_like(world)
    _put(expected, area, _part(world, area))
    assert (cut.read(WORLD) == expected).all()
    assert all(tile.pixels.any() for tile in cut.tiles.values())
    inside = {key: tile for key, tile in before.tiles.items() if area.contains(area_of(key))}
    assert all(cut.tiles[key] is tile for key, tile in inside.items())


def test_cut_shares_all_tiles_that_are_wholly_inside() -> None:
    before = noisy(QRect(0, 0, 4 * SIDE, 4 * SIDE), 1)
    cut = before.cut(QRect(100, 100, 3 * SIDE, 3 * SIDE))
    shared = {key for key, tile in cut.tiles.items() if tile is before.tiles[key]}
    assert shared == {(1, 1), (1, 2), (2, 1), (2, 2)}
    assert before.cut(QRect(0, 0, 4 * SIDE, 4 * SIDE)).changed_since(before) == set()
    assert before.cut(QRect(5000, 0, 9, 9)).tiles == {}


@given(writes, st.integers(-600, 600), st.integers(-600, 600))
def test_moved_brings_all_there_and_back(steps: list[tuple[QRect, int | str]], dx: int, dy: int) -> None:
    before, world = _painted(steps)
    moved = before.moved(dx, dy)
    assert (moved.read(WORLD.translated(dx, dy)) == world).all()
    assert (moved.moved(-dx, -dy).read(WORLD) == world).all()
    assert all(tile.pixels.any() for tile in moved.tiles.values())


def test_moved_by_whole_tiles_shares_them() -> None:
    before = noisy(QRect(-10, -10, 300, 300))
    moved = before.moved(-2 * SIDE, SIDE)
    assert moved.tiles == {(column - 2, row + 1): tile for (column, row), tile in before.tiles.items()}


# ---------------------------------------------------------------- on disk only, and large


def test_a_tile_that_was_let_go_is_read_when_it_is_looked_at() -> None:
    pixels, reads = noise(SIDE, SIDE), []
    tile = Tile(np.array(pixels))
    tile.let_go()
    assert tile.bytes_in_memory == pixels.nbytes  # it is nowhere else
    tile.kept_as(tile.digest, lambda: reads.append(1) or np.array(pixels))
    tile.let_go()
    assert tile.bytes_in_memory == 0
    assert not reads
    assert (tile.pixels == pixels).all()
    assert (tile.pixels == pixels).all()
    assert len(reads) == 1
    assert not tile.pixels.flags.writeable


def test_a_large_plane_costs_memory_only_where_there_is_paint() -> None:
    side, spot = 16_384, noise(40, 40)
    tracemalloc.start()
    try:
        layers = []
        for n in range(10):
            plane = Plane(4)
            for x, y in ((0, 0), (side - 40, 0), (n * 1024, side - 40), (side - 40, side - 40)):
                plane = plane.write(QRect(x, y, 40, 40), spot)
            layers.append(Layer(f"Layer {n}", plane=plane))
        snapshot = Snapshot(tuple(layers), layers[0].id, frame=QRect(0, 0, side, side))
        assert snapshot.bounds == QRect(0, 0, side, side)
        assert {len(layer.plane.tiles) for layer in layers} == {4}
        assert tight(layers[3].plane) == QRect(0, 0, side, side)
        moved = layers[3].plane.moved(5, 5)
        assert (moved.read(QRect(side - 35, side - 35, 40, 40)) == spot).all()
        cut = cropped(snapshot, QRect(10, 10, side - 20, side - 20))
        assert tight(cut.layers[3].plane) == QRect(10, 10, side - 20, side - 20)
        now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert now < 2 * (10 * 4 + 4 + 40) * SIDE * SIDE * 4
    assert most < 100 * MB
