"""Pictures side by side."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from desktop.errors import UserError
from desktop.library.overview import GAP, LARGEST, LINE, MOST, SMALLEST, overview
from desktop.raster import Raster
from tests.library.things import last, never


def _plain(file: Path, width: int, height: int, rgb: tuple[int, int, int]) -> Path:
    file.write_bytes(Raster(np.full((height, width, 3), rgb, np.uint8)).png())
    return file


@pytest.mark.parametrize(("width", "height", "side"), [(900, 600, LARGEST), (200, 120, 200), (20, 10, SMALLEST)])
def test_each_stands_in_its_place_with_its_name(tmp_path: Path, width: int, height: int, side: int) -> None:
    colors = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (9, 9, 9)]
    files = [_plain(tmp_path / f"{n} {'long ' * 30}.png", width, height, rgb) for n, rgb in enumerate(colors)]
    sheet = last(overview(files, never))
    columns = 3
    assert (sheet.width, sheet.height) == (GAP + columns * (side + GAP), GAP + 2 * (side + LINE + GAP))
    for number, color in enumerate(colors):
        row, column = divmod(number, columns)
        x, y = GAP + column * (side + GAP) + side // 2, GAP + row * (side + LINE + GAP) + side // 2
        assert tuple(sheet.pixels[y, x]) == color
        name = sheet.pixels[y + side // 2 + 4 : y + side // 2 + LINE, x - side // 2 : x + side // 2]
        assert (name < 128).any()


def test_what_cannot_be_read_leaves_a_gap(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"\x89PNG")
    files = [_plain(tmp_path / "a.png", 100, 100, (255, 0, 0)), tmp_path / "broken.png", tmp_path / "gone.png"]
    assert last(overview(files, never)).pixels.any()


def test_too_many_are_told_and_many_stay_small(tmp_path: Path) -> None:
    file = _plain(tmp_path / "a.png", 1000, 1000, (255, 0, 0))
    with pytest.raises(UserError, match="too many"):
        last(overview([file] * (MOST + 1), never))
    sheet = last(overview([file] * 100, never))
    assert sheet.width <= 4096 + GAP


def test_it_can_be_stopped(tmp_path: Path) -> None:
    file = _plain(tmp_path / "a.png", 10, 10, (255, 0, 0))
    assert [type(event).__name__ for event in overview([file] * 5, lambda: True)] == []
