"""What the canvas gives to a picture that is made on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect

from desktop.canvas.composite import flatten
from desktop.canvas.layer import Layer, Role
from desktop.canvas.snapshot import Snapshot
from desktop.canvas.tiles import Plane
from desktop.errors import UserError
from desktop.studio.scene import Facts, facts_of, scene_of

FRAME = QRect(-20, 40, 96, 64)


def canvas(painted: QRect | None = None, masked: QRect | None = None, selected: QRect | None = None) -> Snapshot:
    snapshot = Snapshot.new(FRAME)
    paint, mask = snapshot.layers
    if painted:
        pixels = np.full((painted.height(), painted.width(), 4), (200, 40, 30, 255), np.uint8)
        snapshot = snapshot.put(paint.write(painted, pixels))
    if masked:
        snapshot = snapshot.put(mask.write(masked, _white(masked)))
    if selected:
        snapshot = snapshot.select(Plane(1).write(selected, _white(selected)))
    return snapshot


def _white(area: QRect) -> np.ndarray:
    return np.full((area.height(), area.width(), 1), 255, np.uint8)


INSIDE, BEYOND = QRect(0, 50, 20, 20), QRect(400, 400, 50, 50)

CASES = {
    "nothing": (canvas(), Facts(False, True, False)),
    "paint everywhere": (canvas(FRAME), Facts(True, False, False)),
    "paint somewhere": (canvas(INSIDE), Facts(True, True, False)),
    "paint elsewhere": (canvas(BEYOND), Facts(False, True, False)),
    "a mask": (canvas(FRAME, INSIDE), Facts(True, False, True)),
    "a mask elsewhere": (canvas(FRAME, BEYOND), Facts(True, False, False)),
    "a selection": (canvas(FRAME, selected=INSIDE), Facts(True, False, True)),
    "a mask and gaps": (canvas(INSIDE, INSIDE), Facts(True, True, True)),
}


@pytest.mark.parametrize("name", CASES)
def test_facts_are_what_is_in_the_frame(name: str) -> None:
    snapshot, facts = CASES[name]
    assert facts_of(snapshot) == scene_of(snapshot).facts == facts


def test_a_hidden_mask_masks_nothing() -> None:
    snapshot = canvas(FRAME, INSIDE)
    hidden = snapshot.change(snapshot.layers[1].id, visible=False)
    assert not scene_of(hidden).facts.masked


def test_the_picture_is_what_is_seen_in_the_frame() -> None:
    snapshot = canvas(INSIDE)
    scene = scene_of(snapshot)
    assert (scene.place, scene.picture.width, scene.picture.height) == (QPoint(-20, 40), 96, 64)
    assert np.array_equal(scene.picture.pixels, flatten(snapshot, FRAME))
    assert scene_of(canvas(FRAME)).picture.pixels.shape == (64, 96, 3)


def test_the_mask_is_what_is_masked_or_selected_and_stays_soft() -> None:
    snapshot = canvas(FRAME, INSIDE, QRect(30, 60, 10, 10))
    mask = snapshot.layers[1]
    soft = mask.write(QRect(0, 50, 5, 20), np.full((20, 5, 1), 90, np.uint8))
    found = scene_of(snapshot.put(soft)).mask.pixels[..., 0]
    assert found[15, 22] == 90
    assert found[15, 30] == 255
    assert found[25, 55] == 255
    assert found[0, 0] == 0
    inverted = scene_of(snapshot.put(soft), keeps_masked=True).mask.pixels[..., 0]
    assert np.array_equal(inverted, 255 - found)


def test_without_a_mask_everything_changes() -> None:
    for keeps in (False, True):
        assert (scene_of(canvas(FRAME), keeps).mask.pixels == 255).all()


def test_when_all_is_kept_there_is_nothing_to_make() -> None:
    with pytest.raises(UserError, match="All of the frame is masked"):
        scene_of(canvas(FRAME, FRAME), keeps_masked=True)
    assert scene_of(canvas(FRAME, FRAME)).facts.masked


@given(st.integers(-300, 300), st.integers(-300, 300))
def test_a_scene_moves_with_its_frame(dx: int, dy: int) -> None:
    """Coordinates: what lies under the frame is the same wherever both are."""
    snapshot = canvas(INSIDE, QRect(-10, 60, 15, 12))
    moved = replace(
        snapshot,
        layers=tuple(layer.moved(dx, dy) for layer in snapshot.layers),
        frame=FRAME.translated(dx, dy),
    )
    there, here = scene_of(moved), scene_of(snapshot)
    assert there.place == here.place + QPoint(dx, dy)
    assert there.picture == here.picture
    assert there.mask == here.mask


def test_control_layers_are_no_part_of_it() -> None:
    control = Layer.empty("Edges", Role.CONTROL).write(FRAME, np.full((64, 96, 4), 255, np.uint8))
    assert not scene_of(Snapshot.new(FRAME).add(control)).facts.painted
