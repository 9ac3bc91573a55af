"""Small pictures of model files."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QObject

from desktop.raster import Raster
from desktop.studio.previews import WIDEST, Previews, small
from tests import model_files
from tests.ui.hands import plain, until


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [(800, 400, (200, 100)), (400, 800, (100, 200)), (60, 40, (60, 40)), (2000, 100, (WIDEST * 100, 15))],
)
def test_they_are_as_large_as_a_square_needs(tmp_path: Path, width: int, height: int, expected) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(plain(width, height, (10, 200, 30)).png())
    made = small(file, 100)
    assert made
    assert (made.width, made.height) == expected
    assert tuple(made.pixels[0, 0]) == (10, 200, 30)


def test_a_model_file_may_carry_its_own(tmp_path: Path) -> None:
    text = base64.b64encode(plain(8, 8, (200, 0, 0)).png()).decode()
    said = {"modelspec.thumbnail": f"data:image/png;base64,{text}"}
    carrying = model_files.lora(tmp_path / "a.safetensors", said=said)
    made = small(carrying, 100)
    assert made
    assert tuple(made.pixels[0, 0]) == (200, 0, 0)
    assert small(model_files.lora(tmp_path / "b.safetensors"), 100) is None
    said["modelspec.thumbnail"] = "data:image/png;base64,iVBORw0KGgo="
    assert small(model_files.lora(tmp_path / "c.safetensors", said=said), 100) is None


def test_what_is_no_picture_is_none(tmp_path: Path) -> None:
    broken, huge = tmp_path / "broken.png", tmp_path / "huge.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nno")
    Image.new("1", (60_000, 1_000)).save(huge)
    assert [small(file, 100) for file in (broken, huge, tmp_path / "gone.png", tmp_path)] == [None] * 4


def test_turned_and_transparent_ones_are_shown_as_they_are_meant(tmp_path: Path) -> None:
    image = Image.new("RGBA", (40, 20), (0, 0, 0, 0))
    exif = Image.Exif()
    exif[0x0112] = 6
    image.save(tmp_path / "a.png", exif=exif)
    made = small(tmp_path / "a.png", 100)
    assert made == plain(20, 40, (255, 255, 255))


def test_the_newest_wish_comes_first(qapp, tmp_path: Path) -> None:
    parent = QObject()
    previews = Previews(parent)
    came: list[tuple[str, int, Raster | None]] = []
    previews.came.connect(lambda file, side, raster: came.append((file.name, side, raster)))
    files = [tmp_path / f"{n}.png" for n in range(30)]
    for file in files:
        file.write_bytes(plain(20, 20, (1, 2, 3)).png())
    previews.wish(files, 64)
    previews.wish(files[:1], 256)
    previews.wish(files[20:22], 64)
    until(lambda: len(came) == 4)
    assert [(name, side) for name, side, _ in came] == [("0.png", 64), ("0.png", 256), ("20.png", 64), ("21.png", 64)]
    assert all(raster for *_, raster in came)
    previews.lane.finish()
