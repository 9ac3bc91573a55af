"""Pictures to write, and what is in their files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st
from PIL import Image

from desktop.raster import Raster

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
