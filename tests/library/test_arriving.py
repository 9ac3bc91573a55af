"""Looking at files: whatever stands in them, they are pictures or told as none, and cost little memory."""

from __future__ import annotations

import io
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from desktop import raster
from desktop.errors import UserError
from desktop.library import arriving, thumbnails
from desktop.library.arriving import look_at
from desktop.raster import Raster, content_of
from tests.library.things import picture

FORMATS = {
    **{"TIFF": {}, "PNG": {}, "JPEG": {}, "WEBP": {"lossless": True}, "AVIF": {"speed": 10}, "GIF": {}, "BMP": {}},
    "tiled TIFF": {"compression": "tiff_lzw"},
}


def _file(format: str) -> bytes:
    stream = io.BytesIO()
    picture(1, 24, 16).image().save(stream, format.split()[-1], **FORMATS[format])
    return stream.getvalue()


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("format", FORMATS)
def test_files_with_flipped_bytes_are_pictures_or_told(format: str, tmp_path: Path) -> None:
    whole, dice = np.frombuffer(_file(format), np.uint8), np.random.default_rng(0)
    file = tmp_path / "flipped"
    for _ in range(150):
        flipped = whole.copy()
        # heads and tails are where formats keep what leads to the rest
        places = dice.choice([dice.integers(len(whole)), dice.integers(60), -1 - dice.integers(200)], 3)
        flipped[places % len(whole)] = dice.integers(0, 256, 3)
        file.write_bytes(flipped.tobytes())
        with suppress(UserError):
            look_at(file)


def test_a_tag_of_the_wrong_kind_is_told(tmp_path: Path) -> None:
    """It makes a TypeError in Pillow once the pixels are read."""
    content = bytearray(_file("TIFF"))
    strips = content.index(b"\x11\x01\x04\x00")  # where the pixels are
    content[strips + 2] = 2  # a text
    (tmp_path / "a.tif").write_bytes(content)
    with pytest.raises(UserError):
        look_at(tmp_path / "a.tif")


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "1", "I;16", "CMYK", "LA"])
def test_the_content_of_strips_is_that_of_the_whole(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    image = picture(1, 40, 37).image().convert("L" if mode == "I;16" else mode).convert(mode)
    if mode == "P":
        image.info["transparency"] = 3
    monkeypatch.setattr(raster, "STRIP", 200)
    assert content_of(image) == Raster.of(image).sha256


@pytest.mark.parametrize("size", [(2600, 2049), (2049, 2600)])
def test_thumbnails_of_strips_have_no_seams(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    whole = thumbnails.made_of(image)
    monkeypatch.setattr(raster, "STRIP", 30_000)
    assert thumbnails.made_of(image) == whole


def test_a_large_picture_has_no_second_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raster, "STRIP", 100_000)
    Image.new("RGBA", (3000, 3000), (10, 20, 30, 128)).save(tmp_path / "a.png", compress_level=1)
    tracemalloc.start()
    look_at(tmp_path / "a.png")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3000 * 3000 * 4 / 2


def test_large_pictures_are_looked_at_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now, most = [], []

    def content(_: Image.Image) -> str:
        now.append(1)
        most.append(len(now))
        time.sleep(0.01)
        now.pop()
        return "content"

    (tmp_path / "a.png").write_bytes(picture(1).png())
    monkeypatch.setattr(arriving, "content_of", content)
    monkeypatch.setattr(arriving, "LARGE", 64 * 48 - 1)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(look_at, [tmp_path / "a.png"] * 8))
    assert max(most) == 1
