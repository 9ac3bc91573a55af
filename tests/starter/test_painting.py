"""Pictures show what their scene says, where it says it, and always the same."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from desktop.starter.painting import render, sheet
from desktop.starter.scenes import KINDS, POSITIONS, TERRAINS, TIMES, Scene, Thing, random_scene

EMPTY = Scene("noon", "hills", seed=1)


def test_same_scene_same_pixels() -> None:
    scene = random_scene(random.Random(1))
    picture = render(scene, 96)
    assert picture.shape == (96, 96, 3)
    assert picture.dtype == np.uint8
    assert np.array_equal(picture, render(scene, 96))


def test_seeds_draw_other_hills() -> None:
    assert not np.array_equal(render(EMPTY, 64), render(replace(EMPTY, seed=2), 64))


@pytest.mark.parametrize("terrain", TERRAINS)
def test_every_terrain_and_time_looks_different(terrain: str) -> None:
    pictures = [render(Scene(time, terrain, seed=1), 32) for time in TIMES]
    assert len({picture.tobytes() for picture in pictures}) == len(TIMES)
    assert all(picture.std() > 10 for picture in pictures)


@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_things_are_drawn_in_their_column(kind: str, position: str) -> None:
    color = next(iter(KINDS[kind].colors), None)
    with_thing = render(replace(EMPTY, things=(Thing(kind, color, position),)), 96)
    changed = (with_thing != render(EMPTY, 96)).any(2)
    assert changed.sum() > 150
    assert POSITIONS[int(np.nonzero(changed)[1].mean() / 96 * 3)] == position


@pytest.mark.parametrize("kind", [kind for kind, row in KINDS.items() if row.colors])
def test_colors_of_things_differ(kind: str) -> None:
    colors = KINDS[kind].colors
    pictures = {render(replace(EMPTY, things=(Thing(kind, color, "center"),)), 32).tobytes() for color in colors}
    assert len(pictures) == len(colors)


@pytest.mark.parametrize(
    ("scene", "column"),
    [(Scene("noon", "sea", "red", "left"), 0.21), (Scene("night", "sea", "full", "right"), 0.79)],
)
def test_sun_and_moon_shine_in_their_column(scene: Scene, column: float) -> None:
    sky = slice(0, 50)
    plain = replace(scene, light=None, light_position=None)
    changed = np.abs(render(scene)[sky].astype(int) - render(plain)[sky]).sum(2) > 150
    assert abs(np.nonzero(changed)[1].mean() / 128 - column) < 0.1


@pytest.mark.parametrize("change", [{"clouds": True}, {"rainbow": True}, {"light": "red", "light_position": "left"}])
def test_the_sky_shows_what_is_asked(change: dict[str, object]) -> None:
    assert not np.array_equal(render(replace(EMPTY, **change)), render(EMPTY))


@pytest.mark.parametrize("scene", [Scene(None, "sea"), Scene("noon", None), Scene("noon", "sea", "red")])
def test_what_is_open_cannot_be_painted(scene: Scene) -> None:
    with pytest.raises(ValueError, match="leaves nothing open"):
        render(scene)


def test_sheet() -> None:
    images = [np.full((2, 3, 3), value, np.uint8) for value in (1, 2, 3)]
    made = sheet(images, columns=2, gap=1)
    assert made[:, :, 0].tolist() == [
        [245, 245, 245, 245, 245, 245, 245, 245, 245],
        [245, 1, 1, 1, 245, 2, 2, 2, 245],
        [245, 1, 1, 1, 245, 2, 2, 2, 245],
        [245, 245, 245, 245, 245, 245, 245, 245, 245],
        [245, 3, 3, 3, 245, 245, 245, 245, 245],
        [245, 3, 3, 3, 245, 245, 245, 245, 245],
        [245, 245, 245, 245, 245, 245, 245, 245, 245],
    ]
