"""Picture files: what is painted goes out as it looks and comes in as it was meant, whatever profile it is in."""

from __future__ import annotations

import errno
import io
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image
from PySide6.QtCore import QRect

from desktop.canvas.files import color, limits, picture
from desktop.canvas.files.extent import frame_for
from desktop.canvas.files.formats import OPENS, SAVES, open_file, save_file
from desktop.canvas.files.picture import KINDS, Picture
from desktop.canvas.layer import Blend, Layer, Role
from desktop.canvas.snapshot import Snapshot
from desktop.errors import UserError
from desktop.raster import Raster
from desktop.recipe import SIZES
from tests.canvas.profiles import grey_ink, linear_grey, swapped
from tests.canvas.things import filled, noise
from tests.canvas.things import picture as layer_of
from tests.test_raster import hand_made_png

EXACT = [".png", ".tif", ".tiff"]
CLEAR = [".png", ".tif", ".webp", ".avif"]
ONE_EACH = [".png", ".jpg", ".webp", ".tif", ".avif"]

sizes = st.tuples(st.integers(1, 24), st.integers(1, 24))


def plain(value: tuple[int, ...], side: int = 16) -> Raster:
    return Raster(np.full((side, side, len(value)), value, np.uint8))


def smooth(channels: int = 3) -> Raster:
    """What compression that loses something changes little."""
    ramp = np.linspace(0, 255, 64).astype(np.uint8)
    return Raster(
        np.dstack([np.tile(ramp, (48, 1)), np.tile(ramp[:48, None], (1, 64)), *[np.tile(ramp, (48, 1))] * 2])[
            ..., :channels
        ].copy()
    )


def off(one: np.ndarray, other: np.ndarray) -> int:
    assert one.shape == other.shape
    return int(np.abs(one.astype(int) - other).max())


def saved(file: Path, image: Image.Image, **options: Any) -> Path:
    image.save(file, **options)
    return file


def kind_of(file: Path) -> tuple[str | None, str]:
    with Image.open(file) as image:
        return image.format, image.mode


def stored(file: Path) -> tuple[np.ndarray, bytes | None]:
    """What is in the file, as another program without colour management sees it."""
    with Image.open(file) as image:
        return np.asarray(image), image.info.get("icc_profile")


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


# ---------------------------------------------------------------- profiles

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


# ---------------------------------------------------------------- what can go wrong


@pytest.mark.parametrize("name", ["a.xcf", "a.psd", "a", "a.png.zip"])
def test_what_cannot_be_opened_is_told_with_what_can(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"anything")
    with pytest.raises(UserError) as caught:
        open_file(tmp_path / name)
    assert all(suffix in caught.value.hint for suffix in OPENS)


@pytest.mark.parametrize("name", ["a.xcf", "a", "a.gif"])
def test_what_cannot_be_saved_is_told_with_what_can(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError) as caught:
        save_file(tmp_path / name, Snapshot.new())
    assert all(suffix in caught.value.hint for suffix in SAVES)
    assert not [*tmp_path.glob("a*")]


@pytest.mark.parametrize("name", ["A.PNG", "A.Ora", "A.JPEG"])
def test_endings_may_be_in_capitals(tmp_path: Path, name: str) -> None:
    save_file(tmp_path / name, Snapshot.new())
    assert open_file(tmp_path / name).snapshot.frame == QRect(0, 0, 512, 512)


@pytest.mark.parametrize("suffix", [".ora", *ONE_EACH])
def test_the_profile_goes_with_the_document(tmp_path: Path, suffix: str) -> None:
    save_file(tmp_path / f"a{suffix}", Snapshot.new(), swapped())
    assert open_file(tmp_path / f"a{suffix}").profile == swapped()


BAD = {
    "a bomb": (hand_made_png(100_000, 100_000, 8, 0, bytes(100)), "too large"),
    "a letter": (b"Dear Sir or Madam", "no picture"),
    "cut short": (Raster(noise(40, 40, 3)).png()[:2000], "cannot be read"),
    "nothing": (b"", "no picture"),
}


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".avif"])
@pytest.mark.parametrize("name", BAD)
def test_a_bad_picture_is_a_user_error(tmp_path: Path, name: str, suffix: str) -> None:
    content, message = BAD[name]
    (tmp_path / f"a{suffix}").write_bytes(content)
    with pytest.raises(UserError, match=message) as caught:
        open_file(tmp_path / f"a{suffix}")
    assert caught.value.hint


def test_a_picture_that_spans_too_much_is_not_even_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dots = [Layer("dot", plane=filled(QRect(x, x, 2, 2), 0, 0, 0, 255)) for x in (0, 10**6)]
    with pytest.raises(UserError, match="1000002 × 1000002"):
        save_file(tmp_path / "a.png", Snapshot(tuple(dots)))
    monkeypatch.setattr(limits, "MOST_PIXELS", 100)
    save_file(tmp_path / "b.png", Snapshot(frame=QRect(0, 0, 10, 10)))
    with pytest.raises(UserError, match="11 × 10"):
        save_file(tmp_path / "c.png", Snapshot(frame=QRect(0, 0, 11, 10)))


@pytest.mark.parametrize("suffix", SAVES)
def test_a_full_disk_is_told_and_leaves_what_was_there(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / f"a{suffix}"
    file.write_bytes(b"before")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match="No space left") as caught:
        save_file(file, Snapshot.new(QRect(0, 0, 64, 64)))
    assert caught.value.hint
    assert file.read_bytes() == b"before"
    assert [each for each in tmp_path.iterdir() if each.is_file()] == [file]


@pytest.mark.parametrize("suffix", SAVES)
def test_a_folder_that_is_not_there_is_a_user_error(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(UserError, match="Cannot save"):
        save_file(tmp_path / "missing" / f"a{suffix}", Snapshot.new(QRect(0, 0, 64, 64)))
