"""What is moved, scaled and turned: exactly where that is possible."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect
from PySide6.QtGui import QTransform

from desktop.canvas.layer import Layer, Role
from desktop.canvas.snapshot import Snapshot
from desktop.canvas.tiles import SIDE, Plane
from desktop.canvas.transform import Lifted, tight
from tests.canvas.things import content, filled, noise, noisy, pixel, print_of

WORLD = QRect(-700, -700, 1400, 1400)
ways = st.tuples(st.integers(-400, 400), st.integers(-400, 400))


def lifted(layer: Layer, selection: Plane | None = None) -> Lifted:
    return Lifted(_snapshot(layer, selection), layer)


def _snapshot(layer: Layer, selection: Plane | None = None) -> Snapshot:
    return Snapshot((Layer("Other", plane=noisy(QRect(0, 0, 9, 9))), layer), layer.id, selection or Plane(1))


def _layer(snapshot: Snapshot) -> Layer:
    assert snapshot.active
    return snapshot.active


def _area(layer: Layer) -> float:
    """In pixels, by alpha."""
    return float(layer.read(WORLD)[..., -1].sum(dtype=int)) / 255


# ---------------------------------------------------------------- tight


@given(st.lists(ways, max_size=4), st.sampled_from([1, 4]))
def test_tight_is_around_what_is_not_transparent(places: list[tuple[int, int]], channels: int) -> None:
    plane, box = Plane(channels), QRect()
    for x, y in places:
        spot = QRect(x, y, 3, 300)
        plane = plane.write(spot, np.full((300, 3, channels), 9, np.uint8))
        box = box.united(spot)
    assert tight(plane) == box


def test_tight_looks_at_alpha_only() -> None:
    plane = filled(QRect(10, 20, 5, 5), 9, 9, 9, 1).write(QRect(100, 100, 1, 1), np.array([[[9, 9, 9, 0]]], np.uint8))
    assert tight(plane) == QRect(10, 20, 5, 5)
    assert tight(Plane(4)) == QRect()


# ---------------------------------------------------------------- moved


@given(ways, ways)
def test_a_layer_is_moved_by_whole_pixels_exactly(way: tuple[int, int], offset: tuple[int, int]) -> None:
    layer = replace(Layer("Layer"), plane=noisy(QRect(-100, -100, 200, 200)), offset=offset)
    hold = lifted(layer)
    assert hold.box == tight(layer.plane).translated(*offset)
    moved = _layer(hold.put(QTransform.fromTranslate(*way)))
    assert moved.plane is layer.plane
    assert moved.offset == (offset[0] + way[0], offset[1] + way[1])
    assert (moved.read(WORLD.translated(*way)) == layer.read(WORLD)).all()
    assert moved.id == layer.id


@given(ways, ways)
def test_the_selected_part_is_moved_over_what_stays(way: tuple[int, int], offset: tuple[int, int]) -> None:
    layer = replace(Layer("Layer"), plane=noisy(QRect(-200, -200, 300, 300)), offset=offset)
    chosen = QRect(-50, -60, 120, 90)
    after = lifted(layer, filled(chosen, 255)).put(QTransform.fromTranslate(*way))
    stays = layer.read(WORLD)
    hole = chosen.translated(-WORLD.topLeft())
    piece = np.array(stays[hole.y() : hole.y() + 90, hole.x() : hole.x() + 120])
    stays[hole.y() : hole.y() + 90, hole.x() : hole.x() + 120] = 0
    target = stays[hole.y() + way[1] :][:90, hole.x() + way[0] :][:, :120]
    opaque, clear = piece[..., 3] == 255, piece[..., 3] == 0
    found = _layer(after).read(chosen.translated(*way))
    assert (found[opaque] == piece[opaque]).all()
    assert (found[clear] == target[clear]).all()
    empty = target[..., 3] == 0
    assert (found[empty] == piece[empty]).all()
    target[:] = found
    assert (_layer(after).read(WORLD) == stays).all()
    assert content(after.selection) == content(filled(chosen.translated(*way), 255))
    assert after.layers[0].plane.tiles[0, 0]


def test_a_selected_part_over_nothing_comes_back_as_it_was() -> None:
    layer = Layer("Layer", plane=noisy(QRect(-200, -200, 300, 300)))
    there = lifted(layer, filled(QRect(-20, -20, 90, 90), 255)).put(QTransform.fromTranslate(500, 3))
    back = Lifted(there, _layer(there)).put(QTransform.fromTranslate(-500, -3))
    assert content(_layer(back).plane) == content(layer.plane)
    assert print_of(back)["selected"] == content(filled(QRect(-20, -20, 90, 90), 255))


def test_what_stays_and_what_moves_are_the_whole_where_half_is_selected() -> None:
    layer = Layer("Layer", plane=noisy(QRect(0, 0, 100, 100)))
    after = _layer(lifted(layer, noisy(QRect(0, 0, 100, 100), 1, seed=5)).put(QTransform.fromTranslate(200, 0)))
    stays, moved = after.read(QRect(0, 0, 100, 100)).astype(int), after.read(QRect(200, 0, 100, 100)).astype(int)
    before = layer.read(QRect(0, 0, 100, 100)).astype(int)
    assert (stays[..., 3] + moved[..., 3] == before[..., 3]).all()
    for part in (stays, moved):
        assert ((part[..., :3] == before[..., :3]).all(2) | (part[..., 3] == 0)).all()
    assert 0 < (stays[..., 3] > 0).mean() < 1


def test_a_mask_is_moved_as_paint_is() -> None:
    mask = Layer("Mask", Role.MASK, noisy(QRect(0, 0, 100, 100), 1))
    moved = _layer(lifted(mask).put(QTransform.fromTranslate(5, 300)))
    assert (moved.read(QRect(5, 300, 100, 100)) == mask.read(QRect(0, 0, 100, 100))).all()
    chosen = lifted(mask, filled(QRect(0, 0, 50, 100), 255)).put(QTransform.fromTranslate(50, 0))
    both = np.maximum(mask.read(QRect(0, 0, 50, 100)), mask.read(QRect(50, 0, 50, 100)))
    assert (_layer(chosen).read(QRect(50, 0, 50, 100)) == both).all()


def test_nothing_to_lift_is_no_trouble() -> None:
    for selection in (None, filled(QRect(900, 900, 20, 20), 255)):
        for matrix in (QTransform.fromTranslate(9, 9), QTransform.fromScale(2, 2), QTransform().rotate(30)):
            after = lifted(Layer("Layer"), selection).put(matrix)
            assert _layer(after).plane.tiles == {}
    far = lifted(Layer("Layer", plane=noisy(QRect(0, 0, 9, 9))), filled(QRect(900, 900, 20, 20), 255))
    after = far.put(QTransform.fromTranslate(3, 0))
    assert content(_layer(after).plane) == content(noisy(QRect(0, 0, 9, 9)))
    assert tight(after.selection) == QRect(903, 900, 20, 20)


# ---------------------------------------------------------------- drawn anew

CARD = QRect(-40, 210, 120, 80)  # over several tiles


@pytest.mark.parametrize("channels", [1, 4])
@pytest.mark.parametrize(("across", "along"), [(2, 2), (0.5, 0.5), (3, 0.25), (-1, 1), (0.01, 0.01)])
def test_scaled(across: float, along: float, channels: int) -> None:
    role, value = (Role.MASK, (255,)) if channels == 1 else (Role.PAINT, (200, 100, 50, 255))
    hold = lifted(Layer("Layer", role, filled(CARD, *value)))
    after = _layer(hold.put(QTransform.fromScale(across, along)))
    assert _area(after) == pytest.approx(120 * 80 * abs(across * along), rel=0.02, abs=1)
    box = tight(after.plane)
    expected = QTransform.fromScale(across, along).mapRect(hold.box.toRectF()).toAlignedRect()
    assert expected.adjusted(-1, -1, 1, 1).contains(box)
    assert pixel(after, *expected.center().toTuple()) == list(value) or min(abs(across), abs(along)) < 0.1


@pytest.mark.parametrize("angle", [30, 45, 90, 180, 271.5])
def test_turned(angle: float) -> None:
    matrix = QTransform().rotate(angle)
    hold = lifted(Layer("Layer", plane=filled(CARD, 200, 100, 50, 255), offset=(3, -200)))
    after = _layer(hold.put(matrix))
    assert after.offset == (0, 0)
    assert _area(after) == pytest.approx(120 * 80, rel=0.01)
    middle = matrix.map(hold.box.toRectF().center()).toPoint()
    assert pixel(after, middle.x(), middle.y()) == [200, 100, 50, 255]
    corner = matrix.map(hold.box.toRectF().topLeft()).toPoint()
    assert pixel(after, corner.x(), corner.y())[3] < 255 or angle % 90 == 0


def test_quarter_turns_bring_each_pixel_to_its_place() -> None:
    pixels = noise(50, 30)
    layer = Layer("Layer", plane=Plane(4).write(QRect(0, 0, 50, 30), pixels))
    after = _layer(lifted(layer).put(QTransform().rotate(90)))
    found = after.read(QRect(-30, 0, 30, 50)).astype(int)
    turned = np.rot90(pixels, -1).astype(int)
    assert np.abs(found[..., 3] - turned[..., 3]).max() <= 2
    solid = turned[..., 3] > 200
    assert np.abs(found - turned)[solid].max() <= 3


@pytest.mark.parametrize("matrix", [QTransform.fromScale(2, 2), QTransform().rotate(33)])
def test_drawn_anew_it_is_the_same_each_time(matrix: QTransform) -> None:
    """What Qt drew is copied before Qt gives up its memory."""
    hold = lifted(Layer("Layer", plane=noisy(QRect(0, 0, SIDE, SIDE))))
    first = content(_layer(hold.put(matrix)).plane)
    for n in range(20):
        again = hold.put(matrix)
        junk = [np.full(2**k, n, np.uint8) for k in range(10, 21)]
        assert content(_layer(again).plane) == first
        del junk


def test_selected_pixels_are_scaled_over_what_stays_and_the_selection_with_them() -> None:
    layer = Layer("Layer", plane=filled(QRect(0, 0, 300, 100), 200, 100, 50, 255))
    after = lifted(layer, filled(QRect(0, 0, 50, 50), 255)).put(QTransform.fromScale(0.5, 0.5))
    found = _layer(after)
    assert pixel(found, 10, 10) == [200, 100, 50, 255]
    assert pixel(found, 40, 40) == [0, 0, 0, 0]
    assert pixel(found, 60, 60) == [200, 100, 50, 255]
    assert _area(found) == pytest.approx(300 * 100 - 50 * 50 + 25 * 25, rel=0.001)
    assert after.selection.channels == after.selection.tiles[0, 0].pixels.shape[2] == 1
    assert after.selection.read(WORLD).sum(dtype=int) / 255 == pytest.approx(25 * 25, rel=0.05)


def test_a_mere_move_goes_to_whole_pixels_and_stays_sharp() -> None:
    layer = Layer("Layer", plane=noisy(QRect(0, 0, 20, 20)))
    after = _layer(lifted(layer).put(QTransform.fromTranslate(2.6, -0.4)))
    assert after.plane is layer.plane
    assert after.offset == (3, 0)
