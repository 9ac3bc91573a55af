"""Profiles of colour in picture files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from desktop.canvas.files import color, picture
from desktop.canvas.files.picture import Picture
from desktop.raster import Raster
from tests.canvas.pictures.files import ONE_EACH, off, plain, saved, smooth, stored
from tests.canvas.profiles import grey_ink, linear_grey, swapped
from tests.canvas.things import noise

GREEN, RED = (0, 255, 0), (255, 0, 0)


@pytest.mark.parametrize("suffix", ONE_EACH)
def test_a_picture_comes_in_as_srgb_and_its_profile_is_remembered(tmp_path: Path, suffix: str) -> None:
    file = saved(tmp_path / f"a{suffix}", plain(RED).image(), icc_profile=swapped(), quality=95)
    found = picture.read(file)
    assert off(found.raster.pixels, plain(GREEN).pixels) <= 4
    assert found.profile == swapped()


@pytest.mark.parametrize("suffix", ONE_EACH)
def test_a_picture_goes_out_in_its_profile(tmp_path: Path, suffix: str) -> None:
    picture.write(tmp_path / f"a{suffix}", Picture(plain(GREEN), swapped()))
    pixels, profile = stored(tmp_path / f"a{suffix}")
    assert profile == swapped()
    assert off(pixels, plain(RED).pixels) <= 4


@pytest.mark.parametrize("suffix", ONE_EACH)
def test_srgb_goes_out_without_a_profile(tmp_path: Path, suffix: str) -> None:
    picture.write(tmp_path / f"a{suffix}", Picture(smooth()))
    assert not stored(tmp_path / f"a{suffix}")[1]


def test_transparency_goes_through_profiles_untouched(tmp_path: Path) -> None:
    raster = Raster(np.dstack([plain(GREEN).pixels, noise(16, 16, 1)]))
    picture.write(tmp_path / "a.png", Picture(raster, swapped()))
    assert (stored(tmp_path / "a.png")[0][..., 3] == raster.pixels[..., 3]).all()
    found = picture.read(tmp_path / "a.png").raster.pixels
    assert (found[..., 3] == raster.pixels[..., 3]).all()
    assert off(found[..., :3], raster.pixels[..., :3]) <= 2


def test_the_profile_of_srgb_itself_changes_nothing(tmp_path: Path) -> None:
    pixels = noise(16, 16, 3)
    file = saved(tmp_path / "a.png", Image.fromarray(pixels), icc_profile=color.srgb())
    assert (picture.read(file).raster.pixels == pixels).all()


@pytest.mark.parametrize("mode", ["L", "LA", "I;16"])
def test_grey_comes_in_by_its_profile(tmp_path: Path, mode: str) -> None:
    image = Image.fromarray(np.full((4, 4), 128 << 8, np.uint16)) if mode == "I;16" else Image.new("L", (4, 4), 128)
    if mode == "LA":
        image.putalpha(100)
    found = picture.read(saved(tmp_path / "a.png", image, icc_profile=linear_grey()))
    assert off(found.raster.pixels[..., :3], np.full((4, 4, 3), 188)) <= 1  # half of the light
    assert found.raster.pixels.shape[2] == 3 or (found.raster.pixels[..., 3] == 100).all()
    assert found.profile is None  # nothing in colour can go out in it


def test_a_palette_comes_in_by_its_profile_and_keeps_its_transparency(tmp_path: Path) -> None:
    image = Image.fromarray(np.array([[0, 1]], np.uint8)).convert("P")
    image.putpalette([*RED, *GREEN])
    found = picture.read(saved(tmp_path / "a.png", image, icc_profile=swapped(), transparency=1))
    assert off(found.raster.pixels, np.array([[[*GREEN, 255], [*RED, 0]]])) <= 4


@pytest.mark.parametrize("suffix", [".jpg", ".tif"])
def test_ink_comes_in_by_its_profile(tmp_path: Path, suffix: str) -> None:
    image = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    found = picture.read(saved(tmp_path / f"a{suffix}", image, icc_profile=grey_ink()))
    assert off(found.raster.pixels, plain((119, 119, 119), 8).pixels) <= 2
    assert found.profile is None
    bare = picture.read(saved(tmp_path / f"b{suffix}", image)).raster.pixels
    assert off(bare, plain(RED, 8).pixels) <= 4


@pytest.mark.parametrize(
    "profile", [b"no profile", linear_grey(), swapped()[:200], b"\0" * 128], ids=["text", "grey", "cut", "zeros"]
)
def test_a_profile_that_does_not_fit_does_not_hide_the_picture(tmp_path: Path, profile: bytes) -> None:
    found = picture.read(saved(tmp_path / "a.png", smooth().image(), icc_profile=profile))
    assert found.raster == smooth()
    assert found.profile is None


def test_a_profile_that_nothing_can_be_turned_into_is_left_out(tmp_path: Path) -> None:
    picture.write(tmp_path / "a.png", Picture(smooth(), grey_ink()))
    pixels, profile = stored(tmp_path / "a.png")
    assert profile is None
    assert (pixels == smooth().pixels).all()


def test_a_profile_that_is_no_bytes_is_none() -> None:
    image = smooth().image()
    image.info["icc_profile"] = (1, 2, 3)
    assert color.of_image(image) == (smooth(), None)
