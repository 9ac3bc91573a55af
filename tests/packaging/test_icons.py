"""The program's icon: all its files are there, and show what the drawings show."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import IcnsImagePlugin, Image

import icons
from desktop.paths import RESOURCES
from desktop.ui.icons import PROGRAM_SIZES, program_icon


@pytest.mark.parametrize("size", icons.SIZES)
def test_the_pictures_are_those_of_the_drawings(size: int) -> None:
    kept, drawn = _kept(size), np.asarray(icons.draw(size).convert("RGBA"))
    difference = np.abs(kept.astype(np.int16) - drawn.astype(np.int16))
    assert kept.shape == (size, size, 4)
    assert difference.max() <= 3, "run python packaging/icons.py"  # processors round in ways of their own


def test_the_one_for_windows_holds_each_size_as_it_was_drawn() -> None:
    for size in icons.WINDOWS_SIZES:
        with Image.open(RESOURCES / "icons" / "sfumato.ico") as container:
            container.size = (size, size)  # pyright: ignore[reportAttributeAccessIssue]
            held = np.asarray(container.convert("RGBA"))
        assert np.array_equal(held, _kept(size))


def test_the_one_for_macos_holds_each_size_as_it_was_drawn() -> None:
    with Image.open(RESOURCES / "icons" / "sfumato.icns") as container:
        assert isinstance(container, IcnsImagePlugin.IcnsImageFile)
        held = [container.icns.getimage(size).convert("RGBA") for size in container.info["sizes"]]
    assert {image.width for image in held} == set(icons.MACOS_SIZES)
    for image in held:
        if image.width in icons.SIZES:
            assert np.array_equal(np.asarray(image), _kept(image.width))


def test_small_ones_are_sharp() -> None:
    """The sun stands out of its ground within two pixels, where the large drawing made small takes more."""
    row = np.asarray(icons.draw(16).convert("L"), np.int16)[6]
    assert row[8] - row[1] > 100
    assert np.abs(np.diff(row)).max() > 60


def test_making_them_writes_all_files(tmp_path: Path) -> None:
    icons.make(tmp_path)
    made = {file.name for file in tmp_path.iterdir()}
    assert made == {*(f"sfumato-{size}.png" for size in icons.SIZES), "sfumato.ico", "sfumato.icns"}
    assert (tmp_path / "sfumato-16.png").read_bytes() == (RESOURCES / "icons" / "sfumato-16.png").read_bytes()


def test_the_window_has_the_icon_in_the_sizes_that_were_drawn(qapp: object) -> None:
    assert tuple(size.width() for size in program_icon().availableSizes()) == PROGRAM_SIZES == icons.SIZES


def _kept(size: int) -> np.ndarray:
    with Image.open(RESOURCES / "icons" / f"sfumato-{size}.png") as image:
        return np.asarray(image.convert("RGBA"))
