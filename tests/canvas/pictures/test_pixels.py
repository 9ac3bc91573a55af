"""Picture files: what is painted goes out as it looks and comes in as it was meant."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image
from PySide6.QtCore import QRect

from desktop.canvas.files import picture
from desktop.canvas.files.extent import frame_for
from desktop.canvas.files.formats import open_file, save_file
from desktop.canvas.files.picture import KINDS, Picture
from desktop.canvas.layer import Blend, Layer, Role
from desktop.canvas.snapshot import Snapshot
from desktop.errors import UserError
from desktop.raster import Raster
from desktop.recipe import SIZES
from tests.canvas.pictures.files import CLEAR, EXACT, ONE_EACH, kind_of, off, plain, saved, sizes, smooth, stored
from tests.canvas.profiles import swapped
from tests.canvas.things import filled, noise
from tests.canvas.things import picture as layer_of

# ---------------------------------------------------------------- out and in


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes.flatmap(lambda size: arrays(np.uint8, (*size, 4))), st.sampled_from(EXACT))
def test_formats_that_lose_nothing_lose_nothing(tmp_path: Path, pixels: np.ndarray, suffix: str) -> None:
    picture.write(tmp_path / f"a{suffix}", Picture(Raster(pixels)))
    assert picture.read(tmp_path / f"a{suffix}").raster.rgba() == Raster(pixels).rgba()


@pytest.mark.parametrize("suffix", KINDS)
def test_every_format_keeps_the_picture_within_what_it_loses(tmp_path: Path, suffix: str) -> None:
    picture.write(tmp_path / f"a{suffix}", Picture(smooth()))
    assert off(picture.read(tmp_path / f"a{suffix}").raster.pixels, smooth().pixels) <= 12
    assert kind_of(tmp_path / f"a{suffix}") == (KINDS[suffix], "RGB")


@pytest.mark.parametrize("suffix", CLEAR)
def test_transparency_is_kept(tmp_path: Path, suffix: str) -> None:
    picture.write(tmp_path / f"a{suffix}", Picture(smooth(4)))
    assert off(picture.read(tmp_path / f"a{suffix}").raster.pixels[..., 3], smooth(4).pixels[..., 3]) <= 6


def test_what_is_transparent_is_white_in_a_jpeg(tmp_path: Path) -> None:
    picture.write(tmp_path / "a.jpg", Picture(plain((255, 0, 0, 0))))
    assert picture.read(tmp_path / "a.jpg").raster.pixels.min() >= 253
    picture.write(tmp_path / "a.jpg", Picture(plain((255, 0, 0, 128))))
    assert off(picture.read(tmp_path / "a.jpg").raster.pixels, plain((255, 127, 127)).pixels) <= 3


@pytest.mark.parametrize("suffix", ONE_EACH)
def test_a_picture_without_transparency_has_no_alpha_in_its_file(tmp_path: Path, suffix: str) -> None:
    picture.write(tmp_path / f"a{suffix}", Picture(plain((10, 20, 30, 255))))
    assert kind_of(tmp_path / f"a{suffix}")[1] == "RGB"


def test_thin_lines_of_colour_stay_sharp_in_a_jpeg(tmp_path: Path) -> None:
    pixels = np.full((16, 16, 3), 255, np.uint8)
    pixels[:, 7] = (255, 0, 0)
    picture.write(tmp_path / "a.jpg", Picture(Raster(pixels)))
    assert off(picture.read(tmp_path / "a.jpg").raster.pixels, pixels) < 40


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".avif"])
def test_a_format_that_cannot_count_so_far_says_so(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture, "MOST_SIDE", dict.fromkeys(picture.MOST_SIDE, 20))
    picture.write(tmp_path / f"a{suffix}", Picture(Raster(noise(20, 3, 3))))
    with pytest.raises(UserError, match=r"21 × 3.*at most 20") as caught:
        picture.write(tmp_path / f"b{suffix}", Picture(Raster(noise(21, 3, 3))))
    assert "PNG" in caught.value.hint
    assert not (tmp_path / f"b{suffix}").exists()


def test_the_side_of_a_webp_is_the_one_that_its_format_has(tmp_path: Path) -> None:
    picture.write(tmp_path / "a.webp", Picture(Raster(np.zeros((1, picture.MOST_SIDE["WEBP"], 3), np.uint8))))
    with pytest.raises(ValueError, match="encod"):
        Image.new("RGB", (picture.MOST_SIDE["WEBP"] + 1, 1)).save(io.BytesIO(), "WEBP")


# ---------------------------------------------------------------- the right way up


TURNS: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, 1),
    7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
    8: lambda a: np.rot90(a, -1),
}


@pytest.mark.parametrize("orientation", TURNS)
@pytest.mark.parametrize("profile", [None, swapped()], ids=["sRGB", "another profile"])
def test_photos_are_turned_as_their_notes_say(tmp_path: Path, orientation: int, profile: bytes | None) -> None:
    seen = noise(7, 5, 3)
    exif = Image.Exif()
    exif[0x0112] = orientation
    camera = Image.fromarray(np.ascontiguousarray(TURNS[orientation](seen)))
    upright = saved(tmp_path / "a.png", Image.fromarray(seen), icc_profile=profile)
    turned = saved(tmp_path / "b.png", camera, exif=exif, icc_profile=profile)
    assert picture.read(turned).raster == picture.read(upright).raster


def test_a_photo_that_was_turned_once_is_not_turned_again(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = picture.read(saved(tmp_path / "a.jpg", Image.new("RGB", (40, 20)), exif=exif))
    assert (photo.raster.width, photo.raster.height) == (20, 40)
    picture.write(tmp_path / "b.jpg", photo)
    assert picture.read(tmp_path / "b.jpg").raster.height == 40


def test_notes_that_cannot_be_read_do_not_hide_a_photo(tmp_path: Path) -> None:
    """They say that the width, a number, is text: Pillow reads that, but will not write it again."""
    exif = b"Exif\0\0II*\0\x08\0\0\0\x02\0" + struct.pack("<HHI4s", 0x0112, 3, 1, b"\6\0\0\0")
    exif += struct.pack("<HHII", 0x0100, 2, 4, 0x61626300) + bytes(4)
    assert picture.read(saved(tmp_path / "a.jpg", Image.new("RGB", (8, 4)), exif=exif)).raster.width == 8


# ---------------------------------------------------------------- documents from pictures


@pytest.mark.parametrize("suffix", [suffix for suffix in KINDS if suffix in EXACT])
def test_a_picture_opens_as_a_layer_and_saves_as_it_was(tmp_path: Path, suffix: str) -> None:
    pixels = noise(300, 77)
    saved(tmp_path / f"Sea{suffix}", Image.fromarray(pixels), icc_profile=swapped())
    found = open_file(tmp_path / f"Sea{suffix}")
    layer = found.snapshot.active
    assert layer
    assert (layer.name, layer.role, layer.bounds.topLeft().toTuple()) == ("Sea", Role.PICTURE, (0, 0))
    assert [each.role for each in found.snapshot.layers] == [Role.PICTURE, Role.MASK]
    save_file(tmp_path / f"again{suffix}", found.snapshot, found.profile)
    again, profile = stored(tmp_path / f"again{suffix}")
    assert off(again[..., 3], pixels[..., 3]) == 0
    seen = again[..., 3] > 0
    assert np.abs(again[seen].astype(int) - pixels[seen]).mean() < 3  # two ways through eight bits
    assert profile == swapped()


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (Image.fromarray(np.full((5, 5), 0x8123, np.uint16)), (129, 129, 129, 255)),
        (Image.new("L", (5, 5), 77), (77, 77, 77, 255)),
        (Image.new("LA", (5, 5), (77, 20)), (77, 77, 77, 20)),
        (Image.new("RGB", (5, 5), (1, 2, 3)), (1, 2, 3, 255)),
        (Image.new("RGBA", (5, 5), (1, 2, 3, 0)), (0, 0, 0, 0)),
    ],
    ids=["sixteen bits", "grey", "grey and alpha", "RGB", "transparent"],
)
def test_all_kinds_of_pixels_become_straight_rgba(
    tmp_path: Path, image: Image.Image, expected: tuple[int, ...]
) -> None:
    snapshot = open_file(saved(tmp_path / "a.png", image)).snapshot
    assert snapshot.active
    assert (snapshot.active.read(QRect(0, 0, 5, 5)) == expected).all()
    assert snapshot.active.read(QRect(5, 5, 9, 9)).max() == 0


@given(st.integers(1, 20_000), st.integers(1, 20_000))
def test_the_frame_of_a_picture_is_one_that_can_be_made(width: int, height: int) -> None:
    frame = frame_for(width, height)
    for side, of in ((frame.width(), width), (frame.height(), height)):
        assert side == min(max(of, SIZES[0]), SIZES[-1])


def test_what_is_saved_is_what_is_seen_with_the_frame(tmp_path: Path) -> None:
    below = Layer("below", plane=filled(QRect(-20, -10, 40, 30), 200, 100, 50, 255))
    above = Layer("above", plane=filled(QRect(0, 0, 5, 5), 128, 128, 128, 255), offset=(3, 2), blend=Blend.MULTIPLY)
    hidden = Layer("hidden", plane=filled(QRect(500, 500, 5, 5), 1, 1, 1, 255), visible=False)
    mask = Layer("mask", Role.MASK, filled(QRect(-400, 0, 10, 10), 255))
    save_file(tmp_path / "a.png", Snapshot((below, above, hidden, mask), frame=QRect(0, 0, 64, 64)))
    pixels, _ = stored(tmp_path / "a.png")
    assert pixels.shape == (74, 84, 4)
    assert pixels[0, 0].tolist() == [200, 100, 50, 255]
    assert pixels[10 + 2, 20 + 3].tolist() == [100, 50, 25, 255]
    assert pixels[10 + 1, 20 + 3].tolist() == pixels[10 + 2, 20 + 8].tolist() == [200, 100, 50, 255]
    assert pixels[40, 40].tolist() == [0, 0, 0, 0]


def test_a_large_picture_is_flattened_in_strips_without_seams(tmp_path: Path) -> None:
    pixels = noise(30, 700)
    save_file(tmp_path / "a.png", Snapshot((layer_of(pixels, 5, -123),), frame=QRect(5, 0, 1, 1)))
    assert (stored(tmp_path / "a.png")[0] == pixels).all()
