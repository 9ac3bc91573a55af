"""Selections: joined, grown, softened, found by likeness, drawn by paths."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QPainterPath

from desktop.canvas.selection import POINTS, Join, alike, feathered, grown, inverted, joined, of_path, outline
from desktop.canvas.tiles import Plane
from tests.canvas.things import content, filled, noise, noisy, pixel

AREA = QRect(-300, -300, 800, 800)
planes = st.lists(
    st.tuples(st.integers(-290, 200), st.integers(-290, 200), st.integers(1, 280), st.integers(1, 280)), max_size=2
)


def _plane(rects: list[tuple[int, int, int, int]]) -> Plane:
    plane = Plane(1)
    for x, y, width, height in rects:
        plane = plane.write(QRect(x, y, width, height), noise(width, height, 1, seed=x % 50))
    return plane


def _all(plane: Plane) -> np.ndarray:
    return plane.read(AREA)[..., 0].astype(int)


JOINED = {
    Join.REPLACE: lambda before, new: new,
    Join.ADD: np.maximum,
    Join.SUBTRACT: lambda before, new: np.minimum(before, 255 - new),
    Join.INTERSECT: np.minimum,
}


@given(planes, planes, st.sampled_from(list(Join)))
def test_joins(before: list[tuple[int, int, int, int]], new: list[tuple[int, int, int, int]], how: Join) -> None:
    one, other = _plane(before), _plane(new)
    result = joined(one, other, how)
    assert (_all(result) == JOINED[how](_all(one), _all(other))).all()
    assert all(tile.pixels.any() for tile in result.tiles.values())


def test_inverted_is_what_is_not_selected_and_twice_what_was() -> None:
    within = QRect(-20, -20, 300, 300)
    before = noisy(QRect(0, 0, 100, 270), 1)
    turned = inverted(before, within)
    assert (turned.read(within) == 255 - before.read(within)).all()
    assert not Plane(1).write(within, np.zeros((300, 300, 1), np.uint8)).tiles
    outside = turned.write(within, np.zeros((300, 300, 1), np.uint8))
    assert outside.tiles == {}
    assert content(inverted(turned, within)) == content(before)


# ---------------------------------------------------------------- grown and feathered


def _disk(plane: Plane, by: int) -> np.ndarray:
    """The most within so many pixels, slowly."""
    wide = np.pad(_all(plane), by)
    height, width = _all(plane).shape
    best = np.zeros((height, width), int)
    for dy, dx in product(range(-by, by + 1), repeat=2):
        if round((by**2 - dy**2) ** 0.5) >= abs(dx):
            best = np.maximum(best, wide[by + dy : by + dy + height, by + dx : by + dx + width])
    return best


@pytest.mark.parametrize("by", [1, 2, 5])
def test_grown_by_so_many_pixels_all_around(by: int) -> None:
    before = filled(QRect(250, 100, 20, 9), 255).write(QRect(0, 0, 1, 1), np.full((1, 1, 1), 90, np.uint8))
    assert (_all(grown(before, by)) == _disk(before, by)).all()


def test_growing_shrinks_again_what_has_no_corners_to_lose() -> None:
    before = filled(QRect(-50, -50, 300, 100), 255)
    assert content(grown(grown(before, 8), -8)) == content(before)
    smaller = grown(before, -8)
    assert (_all(smaller) == _all(filled(QRect(-42, -42, 284, 84), 255))).all()
    assert grown(filled(QRect(0, 0, 9, 9), 255), -8).tiles == {}
    assert grown(before, 0) is before
    assert grown(Plane(1), 8).tiles == {}


def test_feathered_is_soft_over_about_its_radius_and_as_much_on_the_whole() -> None:
    before = filled(QRect(0, 0, 200, 200), 255)
    after = feathered(before, 10)
    row = after.read(QRect(-40, 100, 80, 1))[0, :, 0].astype(int)  # across the edge at 0
    assert (np.diff(row) >= 0).all()
    assert row[40] - row[39] < 40
    assert abs(row[39] + row[40] - 255) <= 2
    assert row[40 - 16] == 0
    assert row[40 + 15] >= 254
    assert _all(after).sum() == pytest.approx(_all(before).sum(), rel=0.01)
    assert pixel(after, 100, 100) == [255]
    assert feathered(before, 0) is before


# ---------------------------------------------------------------- likeness


def _flood(same: np.ndarray, x: int, y: int) -> np.ndarray:
    """Slowly: from neighbour to neighbour."""
    found, waiting = np.zeros_like(same), [(x, y)]
    while waiting:
        x, y = waiting.pop()
        if 0 <= y < same.shape[0] and 0 <= x < same.shape[1] and same[y, x] and not found[y, x]:
            found[y, x] = True
            waiting += [(x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)]
    return found


@given(st.integers(0, 11), st.integers(0, 9), st.sampled_from([0, 1, 40, 100, 255]), st.booleans(), st.integers(0, 20))
def test_alike_is_what_no_channel_of_differs_much(x: int, y: int, tolerance: int, contiguous: bool, seed: int) -> None:
    pixels = noise(12, 10, seed=seed)
    pixels[:, 6:] = 200 + pixels[:, 6:] // 30  # much of a kind
    seen = pixels.astype(int)
    seen[..., :3] = seen[..., :3] * seen[..., 3:] // 255
    same = (np.abs(seen - seen[y, x]) <= tolerance).all(2)
    expected = _flood(same, x, y) if contiguous else same
    found = alike(pixels, QPointF(x, y), tolerance, contiguous)
    assert found.shape == (10, 12, 1)
    assert (found[..., 0] == expected * 255).all()


def test_light_and_middle_greys_are_as_near_as_they_look() -> None:
    """128 and 129, between which 16 bits would overflow."""
    ramp = np.zeros((1, 256, 4), np.uint8)
    ramp[0, :, :3], ramp[..., 3] = np.arange(256)[:, None], 255
    found = alike(ramp, QPointF(128, 0), 5, contiguous=True)[0, :, 0]
    assert np.flatnonzero(found).tolist() == list(range(123, 134))


def test_what_is_transparent_is_alike_whatever_its_color_was() -> None:
    pixels = np.zeros((4, 4, 4), np.uint8)
    pixels[:2, :, :3] = 255
    assert (alike(pixels, QPointF(0, 0), 0, contiguous=True) == 255).all()

    # ---------------------------------------------------------------- paths
    assert of_path(QPainterPath()).tiles == {}


def test_a_path_between_pixels_is_smooth() -> None:
    path = QPainterPath()
    path.addRect(10.5, 20.25, 10, 10)
    plane = of_path(path)
    assert [abs(pixel(plane, x, 25)[0] - share * 255) <= 2 for x, share in ((10, 0.5), (15, 1), (20, 0.5), (21, 0))]
    assert abs(pixel(plane, 15, 20)[0] - 0.75 * 255) <= 2
    assert _all(plane).sum() / 255 == pytest.approx(100, rel=0.01)


def test_an_ellipse_has_the_area_of_one() -> None:
    path = QPainterPath()
    path.addEllipse(-100, -50, 200, 100)
    plane = of_path(path)
    assert _all(plane).sum() / 255 == pytest.approx(np.pi * 100 * 50, rel=0.002)
    assert pixel(plane, -99, -49) == [0]


def test_the_outline_is_around_what_is_selected() -> None:
    assert outline(Plane(1)).isEmpty()
    ring = filled(QRect(10, 10, 60, 40), 255).write(QRect(30, 20, 10, 10), np.zeros((10, 10, 1), np.uint8))
    path = outline(ring.write(QRect(300, 10, 5, 5), np.full((5, 5, 1), 100, np.uint8)))  # less than half selected
    assert path.boundingRect().toAlignedRect() == QRect(10, 10, 60, 40)
    inside = [path.contains(QPointF(x + 0.5, 25.5)) for x in (9, 10, 29, 30, 39, 40, 69, 70)]
    assert inside == [False, True, True, False, False, True, True, False]


def test_a_path_along_pixels_is_exact() -> None:
    area, path = QRect(-7, 250, 20, 30), QPainterPath()
    path.addRect(area)
    assert content(of_path(path)) == content(filled(area, 255))
    assert of_path(QPainterPath()).tiles == {}


def test_the_outline_of_what_is_large_or_tattered_is_rough() -> None:
    """Else it would take seconds, and every frame as long."""
    found = outline(filled(QRect(0, 0, 4096, 2048), 255)).boundingRect()
    assert QRectF(0, 0, 4096, 2048).contains(found)
    assert found.contains(QRectF(4, 4, 4088, 2040))
    tattered = (np.random.default_rng(0).random((512, 512, 1)) > 0.5).astype(np.uint8) * 255
    assert outline(Plane(1).write(QRect(0, 0, 512, 512), tattered)).elementCount() <= 2 * POINTS
