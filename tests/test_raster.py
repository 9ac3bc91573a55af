"""Pictures in memory: in and out of files without loss, and nothing but UserError for files that are no picture."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from desktop.errors import UserError
from desktop.raster import Raster

NOISE = np.random.default_rng(0)

sides = st.integers(1, 40)
rasters = st.builds(
    Raster,
    st.tuples(sides, sides, st.sampled_from([1, 3, 4])).flatmap(lambda shape: arrays(np.uint8, shape)),
)


def noise(*shape: int) -> np.ndarray:
    return NOISE.integers(0, 256, shape, dtype=np.uint8)


def save(image: Image.Image, file: Path, **options: Any) -> Path:
    image.save(file, **options)
    return file


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def hand_made_png(width: int, height: int, depth: int, color: int, rows: bytes, *extra: bytes) -> bytes:
    """What Pillow cannot write: `color` is 0 grey, 2 RGB; each row of `rows` begins with its filter."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(extra) + data + chunk(b"IEND", b"")


# ---------------------------------------------------------------- values


@given(rasters)
def test_a_picture_comes_back_from_png_as_it_was(raster: Raster) -> None:
    back = Raster.of(Image.open(io.BytesIO(raster.png())))
    assert back == raster
    assert (back.sha256, hash(back)) == (raster.sha256, hash(raster))


@given(rasters, st.data())
def test_one_changed_value_is_another_picture(raster: Raster, data: st.DataObject) -> None:
    pixels = raster.pixels.copy()
    at = data.draw(st.integers(0, pixels.size - 1))
    pixels.flat[at] = pixels.flat[at] ^ data.draw(st.integers(1, 255))
    assert Raster(pixels) != raster
    assert Raster(pixels).sha256 != raster.sha256


def test_the_shape_counts_where_the_bytes_are_the_same() -> None:
    shapes = [(2, 6, 1), (6, 2, 1), (12, 1, 1), (2, 2, 3), (4, 1, 3), (1, 3, 4)]
    pictures = [Raster(np.zeros(shape, np.uint8)) for shape in shapes]
    assert len({picture.sha256 for picture in pictures}) == len(set(pictures)) == len(shapes)


def test_the_hash_sees_pixels_and_not_their_order_in_memory() -> None:
    pixels = noise(6, 4, 3)
    assert Raster(np.asfortranarray(pixels)).sha256 == Raster(pixels).sha256


@pytest.mark.parametrize(
    "pixels",
    [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 2), np.uint8), np.zeros((4, 4, 3), np.float32)],
    ids=["no channels", "two channels", "floats"],
)
def test_what_is_no_picture_is_refused(pixels: np.ndarray) -> None:
    with pytest.raises(ValueError, match="not a picture"):
        Raster(pixels)


# ---------------------------------------------------------------- geometry


@given(rasters, st.integers(0, 10), st.integers(0, 10), sides, sides)
def test_a_crop_is_that_part_of_the_picture(raster: Raster, left: int, top: int, width: int, height: int) -> None:
    left, top = min(left, raster.width - 1), min(top, raster.height - 1)
    part = raster.crop(left, top, width, height)
    assert (part.width, part.height) == (min(width, raster.width - left), min(height, raster.height - top))
    assert (part.pixels[-1, -1] == raster.pixels[top + part.height - 1, left + part.width - 1]).all()
    assert (part.pixels[0, 0] == raster.pixels[top, left]).all()


@given(rasters, sides, sides)
def test_scaling_gives_the_size_asked_for_and_keeps_the_channels(raster: Raster, width: int, height: int) -> None:
    for scaled in (raster.resize(width, height), raster.cover(width, height)):
        assert scaled.pixels.shape == (height, width, raster.pixels.shape[2])


@given(rasters)
def test_scaling_to_the_same_size_changes_nothing(raster: Raster) -> None:
    assert raster.resize(raster.width, raster.height) == raster.cover(raster.width, raster.height) == raster


@given(sides, sides, sides, sides, st.integers(0, 255))
def test_scaling_keeps_a_plain_colour(wide: int, high: int, width: int, height: int, value: int) -> None:
    plain = Raster(np.full((high, wide, 3), value, np.uint8))
    assert (plain.cover(width, height).pixels == value).all()
    assert (plain.resize(width, height).pixels == value).all()


@pytest.mark.parametrize(("shape", "axis"), [((20, 60, 1), 1), ((60, 20, 1), 0)], ids=["wide", "high"])
def test_cover_cuts_both_ends_evenly(shape: tuple[int, int, int], axis: int) -> None:
    ends = np.full(shape, 128, np.uint8)
    ends.swapaxes(0, axis)[:20], ends.swapaxes(0, axis)[40:] = 0, 255
    assert (Raster(ends).cover(20, 20).pixels == 128).all()


# ---------------------------------------------------------------- colour


def test_what_is_transparent_becomes_white() -> None:
    pixels = np.array([[[10, 20, 30, 255], [10, 20, 30, 0], [0, 0, 0, 51]]], np.uint8)
    assert Raster(pixels).rgb().pixels.tolist() == [[[10, 20, 30], [255, 255, 255], [204, 204, 204]]]


def test_grey_becomes_three_equal_channels_and_rgb_stays() -> None:
    grey = Raster(noise(5, 6, 1))
    assert (grey.rgb().pixels == grey.pixels).all()
    assert grey.rgb().pixels.shape == (5, 6, 3)
    assert grey.rgb().rgb() == grey.rgb()


# ---------------------------------------------------------------- files


def test_grey_of_sixteen_bits_keeps_its_upper_eight(tmp_path: Path) -> None:
    deep = NOISE.integers(0, 2**16, (9, 7), dtype=np.uint16)
    for file in (
        save(Image.fromarray(deep), tmp_path / "deep.png"),
        save(Image.fromarray(deep), tmp_path / "deep.tif"),
    ):
        assert (Raster.read(file).pixels[..., 0] == deep >> 8).all()


def test_colour_of_sixteen_bits_keeps_its_upper_eight(tmp_path: Path) -> None:
    deep = NOISE.integers(0, 2**16, (4, 5, 3), dtype=np.uint16)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in deep)
    (tmp_path / "deep.png").write_bytes(hand_made_png(5, 4, 16, 2, rows))
    assert (Raster.read(tmp_path / "deep.png").pixels == deep >> 8).all()


def test_a_palette_becomes_its_colours_and_keeps_its_transparency(tmp_path: Path) -> None:
    image = Image.fromarray(np.array([[0, 1, 2]], np.uint8)).convert("P")
    image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    opaque, clear = save(image, tmp_path / "a.png"), save(image, tmp_path / "b.png", transparency=1)
    assert Raster.read(opaque).pixels.tolist() == [[[255, 0, 0], [0, 255, 0], [0, 0, 255]]]
    assert Raster.read(clear).pixels[..., 3].tolist() == [[255, 0, 255]]


@pytest.mark.parametrize(
    ("color", "row", "clear"),
    [(0, bytes([0, 10, 20]), struct.pack(">H", 20)), (2, bytes([0, 9, 9, 9, 1, 2, 3]), struct.pack(">HHH", 1, 2, 3))],
    ids=["grey", "rgb"],
)
def test_a_colour_that_stands_for_transparency_is_transparent(
    tmp_path: Path, color: int, row: bytes, clear: bytes
) -> None:
    (tmp_path / "clear.png").write_bytes(hand_made_png(2, 1, 8, color, row, chunk(b"tRNS", clear)))
    assert Raster.read(tmp_path / "clear.png").rgb().pixels[0, 1].tolist() == [255, 255, 255]


@pytest.mark.parametrize(("mode", "channels"), [("1", 3), ("LA", 4), ("CMYK", 3), ("YCbCr", 3), ("F", 3), ("I", 1)])
def test_other_modes_become_ones_we_know(mode: str, channels: int) -> None:
    image = Image.new("RGB", (3, 2), (255, 255, 255)).convert("L" if mode in "FI" else "RGB").convert(mode)
    raster = Raster.of(image)
    assert raster.pixels.shape == (2, 3, channels)


def test_cmyk_keeps_its_colours(tmp_path: Path) -> None:
    file = save(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), tmp_path / "red.tif")
    assert Raster.read(file).pixels[0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_turned_the_right_way_up(tmp_path: Path, orientation: int) -> None:
    seen = noise(4, 6, 3)  # what the photographer saw, and how a camera that was turned stores it
    undo = {
        1: lambda a: a,
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: lambda a: a.swapaxes(0, 1),
        6: lambda a: np.rot90(a, 1),
        7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
        8: lambda a: np.rot90(a, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(np.ascontiguousarray(undo(seen)))
    assert (Raster.read(save(stored, tmp_path / "photo.png", exif=exif)).pixels == seen).all()


# ---------------------------------------------------------------- bad files

FORMATS: dict[str, dict[str, Any]] = {
    "png": {},
    "jpg": {},
    "webp": {"lossless": True},
    "tif": {"compression": "tiff_lzw"},
    "gif": {},
    "avif": {},
}


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow has more to say about a TIFF
@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("ending", FORMATS)
def test_a_picture_cut_short_is_a_user_error(tmp_path: Path, ending: str, share: float) -> None:
    file = save(Image.fromarray(noise(40, 40, 3)), tmp_path / f"cut.{ending}", **FORMATS[ending])
    assert Raster.read(file).width == 40
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(UserError) as caught:
        Raster.read(file)
    assert "cut" in caught.value.message
    assert caught.value.hint


def _damaged_photo() -> bytes:
    """Its EXIF says that the width, a number, is text: Pillow reads that all the same, but will not write it again."""
    exif = b"Exif\0\0II*\0\x08\0\0\0\x02\0" + struct.pack("<HHI4s", 0x0112, 3, 1, b"\6\0\0\0")
    exif += struct.pack("<HHII", 0x0100, 2, 4, 0x61626300) + bytes(4)
    stream = io.BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "JPEG", exif=exif)
    return stream.getvalue()


def _damaged_avif() -> bytes:
    """Its head is whole, its pixels are zeros."""
    stream = io.BytesIO()
    Image.fromarray(noise(40, 40, 3)).save(stream, "AVIF")
    head, mark, pixels = stream.getvalue().partition(b"mdat")
    return head + mark + bytes(len(pixels))


BROKEN: dict[str, bytes] = {
    "empty": b"",
    "text": b"This is no picture but a letter.\n",
    "web page": b"<!DOCTYPE html><html>not found</html>",
    "only a beginning": b"\x89PNG\r\n\x1a\n",
    "broken pixels": hand_made_png(8, 8, 8, 0, bytes(10)),
    "no pixels": hand_made_png(0, 0, 8, 0, b""),
    "a bomb": hand_made_png(100_000, 100_000, 8, 0, bytes(100)),
    "random": noise(500).tobytes(),
    "a damaged AVIF": _damaged_avif(),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_is_no_picture_is_a_user_error(tmp_path: Path, name: str) -> None:
    file = tmp_path / "strange.png"
    file.write_bytes(BROKEN[name])
    with pytest.raises(UserError) as caught:
        Raster.read(file)
    assert caught.value.hint


def test_a_bomb_is_told_from_damage(tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(BROKEN["a bomb"])
    with pytest.raises(UserError, match="too large"):
        Raster.read(tmp_path / "bomb.png")


@pytest.mark.parametrize("name", ["missing.png", "missing/deep.png", "."], ids=["file", "folder", "a folder itself"])
def test_what_is_not_there_or_no_file_is_a_user_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError) as caught:
        Raster.read(tmp_path / name)
    assert caught.value.hint


def test_damaged_notes_in_a_photo_do_not_hide_it(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(_damaged_photo())
    assert Raster.read(tmp_path / "photo.jpg").width == 8
