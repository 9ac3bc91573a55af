"""Data sets of what the model does not know."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from desktop.starter.concepts import Concept, in_sepia, sepia, snowman, write


@pytest.mark.parametrize("concept", [sepia, snowman])
def test_write_makes_pairs(concept: Concept, tmp_path: Path) -> None:
    write(tmp_path / "set", 3, concept)
    files = sorted(file.name for file in (tmp_path / "set").iterdir())
    assert files == ["000.png", "000.txt", "001.png", "001.txt", "002.png", "002.txt"]
    for name, example in zip(("000", "001", "002"), concept(3), strict=True):
        with Image.open(tmp_path / "set" / f"{name}.png") as picture:
            assert np.array_equal(np.asarray(picture), example.picture)
        assert (tmp_path / "set" / f"{name}.txt").read_text("utf-8") == example.caption + "\n"


def test_examples_differ_and_stay_the_same() -> None:
    for concept in (sepia, snowman):
        pictures = {example.picture.tobytes() for example in concept(6)}
        assert len(pictures) == 6
        assert pictures == {example.picture.tobytes() for example in concept(6)}


def test_sepia_has_one_hue() -> None:
    for example in sepia(4):
        red, green, blue = np.moveaxis(example.picture.astype(float), 2, 0)
        assert example.caption.startswith("a sepia picture of ")
        assert np.abs(green - red * 228 / 255).max() <= 1
        assert np.abs(blue - red * 190 / 255).max() <= 1
    assert in_sepia(np.full((1, 1, 3), 255, np.uint8)).tolist() == [[[255, 228, 190]]]


def test_snowmen_stand_where_their_captions_say() -> None:
    places = {example.caption.split(",")[0] for example in snowman(6)}
    assert places == {
        "a photo of a sks snowman on the left",
        "a photo of a sks snowman in the center",
        "a photo of a sks snowman on the right",
    }
    for example in snowman(6):
        columns = {"on the left": 27, "in the center": 64, "on the right": 101}
        x = next(x for words, x in columns.items() if words in example.caption.split(",")[0])
        belly = example.picture[112:118, x - 8 : x - 3].astype(int)
        assert np.ptp(belly) <= 60  # nearly white in any light, the same all over
        assert np.ptp(belly.reshape(-1, 3), axis=0).max() == 0
