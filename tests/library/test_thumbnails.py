"""Thumbnails: small, alike, and never those of another picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from desktop.library.thumbnails import SIDES, Made, Thumbnails, made_of, opened, stamp_of
from desktop.raster import Raster
from tests.library.things import picture


def _smooth(width: int, height: int, channels: int = 3) -> Raster:
    x, y = np.linspace(0, 255, width), np.linspace(0, 255, height)
    pixels = np.stack(np.broadcast_arrays(x[None], y[:, None], *[np.float64(255)] * (channels - 2)), axis=2)
    return Raster(pixels.astype(np.uint8))


@pytest.mark.parametrize("size", [(2000, 1000), (300, 900), (40, 30), (5000, 3), (1, 1)])
@pytest.mark.parametrize("channels", [3, 4])
def test_they_look_like_the_picture(size: tuple[int, int], channels: int) -> None:
    raster = _smooth(*size, channels)
    for side, jpeg in zip(SIDES, made_of(raster.image()), strict=True):
        small = opened(jpeg)
        assert small
        scale = min(1, side / max(size))
        assert abs(small.width - size[0] * scale) <= 1
        assert abs(small.height - size[1] * scale) <= 1
        again = raster.rgb().resize(small.width, small.height)
        assert np.abs(small.pixels.astype(int) - again.pixels).mean() < 8


def test_they_are_found_by_the_stamp_of_their_file(thumbnails: Thumbnails, tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(picture(1).png())
    stamp, jpegs = stamp_of(file), made_of(picture(1).image())
    thumbnails.put([Made(7, stamp, jpegs)])
    assert thumbnails.find({7: stamp, 8: stamp}, SIDES[0]) == {7: jpegs[0]}
    assert thumbnails.find({7: stamp}, SIDES[2]) == {7: jpegs[2]}
    file.write_bytes(picture(2, 80, 80).png())
    assert stamp_of(file) != stamp
    assert thumbnails.find({7: stamp_of(file)}, SIDES[0]) == {}
    thumbnails.put([Made(7, stamp_of(file), made_of(picture(2).image()))])
    assert thumbnails.find({7: stamp}, SIDES[0]) == {}


def test_they_go_with_their_picture(thumbnails: Thumbnails) -> None:
    jpegs = made_of(picture(1).image())
    thumbnails.put(Made(id, "a", jpegs) for id in range(4))
    thumbnails.remove([1, 2, 9])
    assert set(thumbnails.find(dict.fromkeys(range(4), "a"), SIDES[0])) == {0, 3}


def test_a_damaged_file_costs_only_the_thumbnails(tmp_path: Path) -> None:
    file = tmp_path / "thumbnails.db"
    file.write_bytes(b"no database at all, but long enough to be one" * 100)
    thumbnails = Thumbnails(file)
    assert thumbnails.find({1: "a"}, SIDES[0]) == {}
    thumbnails.close()
