"""The pictures that recipes start from: kept once, found by what they show."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from desktop.errors import UserError
from desktop.library.inputs import Inputs
from desktop.raster import Raster


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    return Inputs(tmp_path / "deep" / "inputs")


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_kept_picture_is_found_as_it_was(inputs: Inputs, channels: int) -> None:
    picture = Raster(np.random.default_rng(0).integers(0, 256, (9, 7, channels), dtype=np.uint8))
    assert inputs.find(picture.sha256) is None
    inputs.keep(picture)
    inputs.keep(Raster(picture.pixels.copy()))
    assert inputs.find(picture.sha256) == picture
    assert [file.name for file in inputs.folder.iterdir()] == [f"{picture.sha256}.png"]


def test_a_kept_picture_that_was_damaged_is_a_user_error(inputs: Inputs) -> None:
    picture = Raster(np.zeros((4, 4, 3), np.uint8))
    inputs.keep(picture)
    next(inputs.folder.iterdir()).write_bytes(b"")
    with pytest.raises(UserError):
        inputs.find(picture.sha256)
