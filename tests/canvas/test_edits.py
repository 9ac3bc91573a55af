"""What is done to whole layers, masks and selections; and layers in small."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect

from desktop.canvas import edits
from desktop.canvas.composite import flatten
from desktop.canvas.layer import Blend, Layer, Role
from desktop.canvas.snapshot import Snapshot
from desktop.canvas.thumbnail import thumbnail
from desktop.canvas.tiles import Plane
from desktop.canvas.transform import tight
from desktop.raster import Raster
from tests.canvas.things import content, filled, noise, noisy, pixel, print_of

AREA = QRect(-100, -100, 500, 500)


def stack() -> Snapshot:
    """Paint, a picture over it, a hidden layer and a mask; the picture is active."""
    layers = (
        Layer("Paint", plane=noisy(QRect(0, 0, 300, 300), seed=1), id="paint"),
        Layer("Picture", Role.PICTURE, noisy(QRect(0, 0, 200, 300), seed=2), 0.6, offset=(50, -20), id="picture"),
        Layer("Hidden", plane=noisy(AREA, seed=3), visible=False, id="hidden"),
        Layer("Mask", Role.MASK, noisy(QRect(0, 0, 90, 90), 1), offset=(5, 5), id="mask"),
    )
    return Snapshot(layers, "picture", filled(QRect(20, 20, 60, 200), 255), QRect(0, 0, 256, 256))


def names(snapshot: Snapshot) -> list[str]:
    return [layer.name for layer in snapshot.layers]


def seen(snapshot: Snapshot) -> np.ndarray:
    return flatten(snapshot, AREA)


# ---------------------------------------------------------------- layers


def test_a_new_layer_is_above_the_active_one_and_has_a_free_name() -> None:
    one = edits.add_layer(stack())
    two = edits.add_layer(one)
    assert names(two) == ["Paint", "Picture", "Layer 1", "Layer 2", "Hidden", "Mask"]
    assert two.active
    assert two.active.name == "Layer 2"
    assert edits.add_layer(two.remove(one.active_id)).active.name == "Layer 1"  # type: ignore[union-attr]
    assert names(edits.add_layer(Snapshot())) == ["Layer 1"]


def test_a_new_mask_is_at_the_top_and_the_active_layer_stays() -> None:
    after = edits.add_mask(stack())
    assert names(after)[-2:] == ["Mask", "Mask 1"]
    assert after.active_id == "picture"
    assert after.mask is after.layers[-1]
    assert after.layers[-1].plane.channels == 1


def test_a_duplicate_shares_its_pixels_until_one_is_changed() -> None:
    before = stack()
    after = edits.duplicate(before)
    copy = after.active
    assert copy
    assert copy.id not in {layer.id for layer in before.layers}
    assert after.place_of(copy.id) == 2
    assert copy.plane is before.layers[1].plane
    assert (copy.offset, copy.opacity, copy.role) == ((50, -20), 0.6, Role.PICTURE)


def test_layers_are_moved_and_removed() -> None:
    before = stack()
    assert names(before.move("paint", 2)) == ["Picture", "Hidden", "Paint", "Mask"]
    assert names(before.move("mask", 0)) == ["Mask", "Paint", "Picture", "Hidden"]
    assert before.remove("picture").active_id == "paint"
    assert before.activate("paint").remove("paint").active_id == "picture"
    assert before.remove("mask").active_id == "picture"
    assert before.remove("nobody") is before
    alone = Snapshot((before.layers[0],), "paint").remove("paint")
    assert (alone.layers, alone.active_id, alone.active) == ((), "", None)
    assert Snapshot().remove("").layers == ()


@pytest.mark.parametrize("blend", [Blend.NORMAL, Blend.MULTIPLY, Blend.ADD])
def test_merged_down_it_looks_the_same(blend: Blend) -> None:
    before = stack().change("picture", blend=blend).change("paint", opacity=0.5, offset=(-30, 7))
    after = edits.merge_down(before)
    assert names(after) == ["Paint", "Hidden", "Mask"]
    assert after.active_id == "paint"
    joined = after.layers[0]
    assert (joined.opacity, joined.offset) == (1.0, (0, 0))
    assert (seen(after) == seen(before)).all()


@pytest.mark.parametrize(
    "before",
    [
        stack().activate("paint"),  # nothing is below
        stack().activate("mask"),
        stack().activate(""),
        stack().change("picture", locked=True),
        stack().change("paint", locked=True),
        Snapshot(),
    ],
    ids=range(6),
)
def test_what_cannot_be_merged_stays(before: Snapshot) -> None:
    assert edits.merge_down(before) is before


def test_masks_between_are_skipped_by_merging() -> None:
    before = stack().move("mask", 1)
    assert names(edits.merge_down(before)) == ["Paint", "Mask", "Hidden"]
    empty = Snapshot((Layer("One", id="one"), Layer("Two", id="two")), "two")
    assert names(edits.merge_down(empty)) == ["One"]


def test_flattened_it_looks_the_same() -> None:
    before = stack()
    after = edits.flatten_all(before)
    assert names(after) == ["Picture", "Mask"]
    assert after.active is after.layers[0]
    assert after.layers[0].role is Role.PICTURE
    assert (seen(after) == seen(before)).all()
    assert after.layers[1] is before.layers[3]
    assert after.selection is before.selection
    assert edits.flatten_all(Snapshot()).layers[0].plane.tiles == {}


def test_clear_empties_what_is_selected_or_all() -> None:
    before = stack()
    half = before.select(before.selection.write(QRect(20, 20, 60, 9), np.full((9, 60, 1), 128, np.uint8)))
    one, other = before.layers[1], edits.clear(half).layers[1]
    was, found = one.read(AREA).astype(int), other.read(AREA).astype(int)
    share = half.selection.read(AREA)[..., 0].astype(int)
    assert (np.abs(found[..., 3] - was[..., 3] * (255 - share) / 255) <= 0.5).all()
    left = found[..., 3] > 0
    assert (found[left][:, :3] == was[left][:, :3]).all()
    assert (found[~left] == 0).all()
    assert edits.clear(before.select(Plane(1))).layers[1].plane.tiles == {}
    masked = edits.clear(before.activate("mask")).layers[3]
    assert pixel(masked, 30, 30) == [0]
    assert pixel(masked, 10, 10) == pixel(before.layers[3], 10, 10)


def test_a_locked_layer_is_not_cleared() -> None:
    before = stack().change("picture", locked=True)
    assert edits.clear(before) is before
    apart = stack().select(filled(QRect(3000, 3000, 5, 5), 255))
    assert content(edits.clear(apart).layers[1].plane) == content(apart.layers[1].plane)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_picture_becomes_a_layer_at_its_place(channels: int) -> None:
    pixels = noise(30, 20)[..., :channels]
    given = pixels.copy()
    layer = edits.layer_of(Raster(pixels), -10, 280, "Mountains")
    assert (layer.name, layer.role) == ("Mountains", Role.PICTURE)
    found = layer.read(QRect(-10, 280, 30, 20))
    assert (found[..., :channels] == pixels).all()
    assert channels == 4 or (found[..., 3] == 255).all()
    assert tight(layer.plane).width() <= 30
    assert (pixels == given).all()


def test_a_picture_has_no_color_where_it_is_transparent() -> None:
    ghost = np.full((9, 9, 4), 200, np.uint8)
    ghost[:, 4:, 3] = 0
    after = edits.layer_of(Raster(ghost), 0, 0, "Ghost")
    assert pixel(after, 2, 2) == [200] * 4
    assert pixel(after, 6, 2) == [0] * 4
    assert (ghost[..., :3] == 200).all()


def test_a_difference_is_only_what_looks_otherwise() -> None:
    before = np.zeros((50, 50, 4), np.uint8)
    before[:40, :40] = 10, 20, 30, 255
    pixels = np.full((50, 50, 3), (10, 20, 30), np.uint8)
    pixels[5, 7] = 10, 20, 31
    pixels[45, 45] = 0  # black, where nothing is
    found = edits.difference(Raster(pixels), Raster(before)).pixels
    expected = np.zeros((50, 50), np.uint8)
    expected[40:], expected[:, 40:], expected[5, 7] = 255, 255, 255
    assert (found[..., 3] == expected).all()
    assert (found[expected > 0, :3] == pixels[expected > 0]).all()


# ---------------------------------------------------------------- selection and mask


def test_all_is_what_is_painted_and_the_frame() -> None:
    snapshot = replace(stack(), frame=QRect(400, 0, 100, 100))
    assert tight(edits.select_all(snapshot).selection) == snapshot.frame.united(snapshot.bounds)
    inverse = edits.invert_selection(snapshot)
    within = snapshot.frame.united(snapshot.bounds)
    assert (inverse.selection.read(within) == 255 - snapshot.selection.read(within)).all()
    assert content(edits.invert_selection(inverse).selection) == content(snapshot.selection)
    assert edits.invert_selection(edits.select_all(snapshot)).selection.tiles == {}


@pytest.mark.parametrize("edit", [lambda s: edits.grow_selection(s, 8), lambda s: edits.feather_selection(s, 8)])
def test_without_a_selection_there_is_nothing_to_grow(edit) -> None:
    before = stack().select(Plane(1))
    assert edit(before) is before
    assert content(edit(stack()).selection) != content(stack().selection)


def test_a_selection_becomes_a_mask_and_a_mask_a_selection() -> None:
    before = stack().change("mask", visible=False)
    assert before.mask
    after = edits.selection_to_mask(before)
    assert after.mask
    assert after.mask.visible
    assert after.selection.tiles == {}
    assert (after.mask.read(AREA) == np.maximum(before.mask.read(AREA), before.selection.read(AREA))).all()
    again = edits.mask_to_selection(after)
    assert (again.selection.read(AREA) == after.mask.read(AREA)).all()
    assert print_of(edits.selection_to_mask(after))["selected"] == {}
    bare = before.remove("mask")
    assert edits.mask_to_selection(bare) is bare
    made = edits.selection_to_mask(bare)
    assert made.mask
    assert (made.mask.read(AREA) == bare.selection.read(AREA)).all()
    assert made.active_id == "picture"


def test_a_mask_is_cleared_and_inverted_within_the_frame() -> None:
    before = stack()
    assert before.mask
    cleared, turned = edits.clear_mask(before), edits.invert_mask(before)
    assert cleared.mask
    assert turned.mask
    assert cleared.mask.plane.tiles == {}
    assert (turned.mask.read(before.frame) == 255 - before.mask.read(before.frame)).all()
    assert content(edits.invert_mask(turned).mask.plane) == content(before.mask.settled().plane)  # type: ignore[union-attr]


def test_wanted_is_what_is_masked_or_selected() -> None:
    before = stack()
    assert before.mask
    expected = np.maximum(before.mask.read(AREA), before.selection.read(AREA))[..., 0]
    assert (before.wanted(AREA) == expected).all()
    assert (before.change("mask", visible=False).wanted(AREA) == before.selection.read(AREA)[..., 0]).all()


# ---------------------------------------------------------------- in small

areas = st.builds(QRect, st.integers(-300, 300), st.integers(-300, 300), st.integers(1, 700), st.integers(1, 700))


@given(areas, st.integers(1, 200), st.sampled_from([(0, 0), (-33, 300)]), st.sampled_from([Role.PAINT, Role.MASK]))
def test_a_thumbnail_is_every_nth_pixel(area: QRect, side: int, offset: tuple[int, int], role: Role) -> None:
    layer = Layer("Layer", role, noisy(QRect(-200, -100, 500, 400), role.channels), offset=offset)
    small = thumbnail(layer, area, side)
    every = max(1, -(-max(area.width(), area.height()) // side))
    assert max(small.shape[:2]) <= side
    assert (small == layer.read(area)[::every, ::every]).all()
