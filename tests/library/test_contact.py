"""The contact sheet: every picture in its place, with its label, and never too large."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from desktop.engine.api import Produced
from desktop.errors import UserError
from desktop.library import contact
from desktop.library.contact import contact_sheet
from desktop.library.metadata import writing
from desktop.library.sheets import Axis, Sheet
from desktop.raster import Raster
from tests.library.test_library import MADE, RECIPE

Color = tuple[int, int, int]


def _axis(count: int, words: str = "Steps") -> Axis:
    return Axis("steps", tuple(range(count)), tuple(f"{words} {number}" for number in range(count)))


def _color(number: int) -> Color:
    return 10 * (number % 24), 200, 10 * (number // 24)


def _files(folder: Path, numbers: range, width: int = 96, height: int = 64) -> dict[int, Path]:
    """A plain picture for each cell, in its own colour."""
    files = {number: folder / f"{number}.png" for number in numbers}
    for number, file in files.items():
        pixels = np.broadcast_to(np.array(_color(number), np.uint8), (height, width, 3)).copy()
        file.write_bytes(writing.png(Produced(Raster(pixels), RECIPE, MADE)))
    return files


def _places(picture: Raster, color: Color) -> tuple[int, int, int, int]:
    """Left, top, width and height of that colour."""
    rows, columns = np.nonzero((picture.pixels == color).all(axis=2))
    assert len(rows)
    return int(columns.min()), int(rows.min()), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1


def test_pictures_stand_in_rows_and_columns(tmp_path: Path) -> None:
    sheet = Sheet((_axis(3), _axis(2)), RECIPE)
    made = contact_sheet(sheet, _files(tmp_path, range(6)))
    at = [_places(made.picture, _color(number)) for number in range(6)]
    assert {place[2:] for place in at} == {(96, 64)}
    (lefts, tops) = [place[0] for place in at], [place[1] for place in at]
    assert lefts[:3] == sorted(set(lefts[:3])) == lefts[3:]
    assert tops == [tops[0]] * 3 + [tops[3]] * 3
    assert tops[3] > tops[0] + 64


def test_the_third_axis_makes_blocks(tmp_path: Path) -> None:
    sheet = Sheet((_axis(2), _axis(1), _axis(4)), RECIPE)
    made = contact_sheet(sheet, _files(tmp_path, range(8)))
    at = [_places(made.picture, _color(number)) for number in range(8)]
    assert len({place[:2] for place in at}) == 8
    assert {place[2:] for place in at} == {(96, 64)}
    for first, second in zip(at[::2], at[1::2], strict=True):
        assert first[1] == second[1]  # a block's row


def test_labels_are_over_the_columns_and_beside_the_rows(tmp_path: Path) -> None:
    files = _files(tmp_path, range(4))
    made = contact_sheet(Sheet((_axis(2), _axis(2)), RECIPE), files)
    left, top, width, _ = _places(made.picture, _color(0))
    ink = made.picture.pixels.max(axis=2) < 100
    assert ink[:top, left : left + width].any()
    assert ink[top : top + 64, :left].any()
    assert not ink[:top, :left].any()
    blank = contact_sheet(Sheet((Axis("style", ("", ""), ("", "")), _axis(2)), RECIPE), files)
    left, top, width, _ = _places(blank.picture, _color(0))
    assert blank.picture.pixels[:top].max(axis=2).min() >= 100


def test_a_picture_that_is_not_there_leaves_a_cell_that_says_so(tmp_path: Path) -> None:
    files = _files(tmp_path, range(4))
    whole = contact_sheet(Sheet((_axis(2), _axis(2)), RECIPE), files).picture
    broken = files.pop(3)
    files[1].write_bytes(b"no picture")
    holes = contact_sheet(Sheet((_axis(2), _axis(2)), RECIPE), files).picture
    assert broken.exists()
    assert holes.pixels.shape == whole.pixels.shape
    for number in (1, 3):
        left, top, width, height = _places(whole, _color(number))
        cell = holes.crop(left, top, width, height).pixels
        assert tuple(cell[0, 0]) == (233, 233, 233)
        assert (cell < 100).any()  # words
    assert _places(holes, _color(2)) == _places(whole, _color(2))


def test_pictures_in_memory_make_the_same_sheet_as_files(tmp_path: Path) -> None:
    sheet, files = Sheet((_axis(2), _axis(2)), RECIPE), _files(tmp_path, range(3))
    held = {number: Produced(Raster.read(file), RECIPE, MADE) for number, file in files.items()}
    assert contact_sheet(sheet, held) == contact_sheet(sheet, files)


def test_pictures_of_several_sizes_keep_them(tmp_path: Path) -> None:
    files = _files(tmp_path, range(1), 96, 64) | _files(tmp_path, range(1, 2), 32, 128)
    made = contact_sheet(Sheet((_axis(2), _axis(1)), RECIPE), files).picture
    assert _places(made, _color(0))[2:] == (96, 64)
    assert _places(made, _color(1))[2:] == (32, 128)


@pytest.mark.parametrize(("pixels", "side"), [(100_000, 16_384), (64_000_000, 300)])
def test_a_sheet_is_never_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pixels: int, side: int) -> None:
    monkeypatch.setattr(contact, "MOST_PIXELS", pixels)
    monkeypatch.setattr(contact, "MOST_SIDE", side)
    files = _files(tmp_path, range(24))
    made = contact_sheet(Sheet((_axis(6), _axis(4)), RECIPE), files).picture
    assert made.width * made.height <= pixels
    assert max(made.width, made.height) <= side
    assert len({_places(made, _color(number))[:2] for number in range(24)}) == 24
    assert max(made.width, made.height) > 0.8 * side or made.width * made.height > 0.8 * pixels


def test_a_thousand_cells_fit(tmp_path: Path) -> None:
    files = dict.fromkeys(range(1000), _files(tmp_path, range(1))[0])
    made = contact_sheet(Sheet((_axis(100), _axis(10)), RECIPE), files).picture
    assert max(made.width, made.height) <= contact.MOST_SIDE


@pytest.mark.parametrize("label", ["", "x" * 500, "many words " * 60, "Ünïcødé 日本 \n two lines"])
def test_any_label_fits(tmp_path: Path, label: str) -> None:
    axis = Axis("prompt", (label, "b"), (label, "b"))
    made = contact_sheet(Sheet((axis, axis, axis), RECIPE), _files(tmp_path, range(8))).picture
    assert made.width < 1500
    assert made.height < 1500


def test_the_recipe_says_what_is_on_the_axes(tmp_path: Path) -> None:
    sheet = Sheet((_axis(2), _axis(1)), RECIPE)
    made = contact_sheet(sheet, _files(tmp_path, range(2)))
    assert made.made == MADE
    assert made.recipe.unknown["sheet"]["axes"][0] == {
        "field": "steps",
        "values": (0, 1),
        "labels": ("Steps 0", "Steps 1"),
    }
    file = tmp_path / "sheet.png"
    file.write_bytes(writing.png(made))
    with Image.open(file) as image:
        assert "Steps 1" in image.text["sfumato"]  # pyright: ignore[reportAttributeAccessIssue]


def test_of_no_pictures_there_is_no_sheet(tmp_path: Path) -> None:
    files = _files(tmp_path, range(1))
    files[0].write_bytes(b"no picture")
    with pytest.raises(UserError, match="none can be read"):
        contact_sheet(Sheet((_axis(1), _axis(1)), RECIPE), files)
