"""`sfumato generate --mask` and `--extend`: only a part of a picture is made, and all else stays as it is."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from desktop.library.metadata import reading
from desktop.paths import data_folder
from desktop.recipe import Recipe, Source
from tests.cli.conftest import Sfumato

SIDE = 96
HOLE = (slice(16, 48), slice(32, 80))  # rows, columns
USUAL = 10  # pixels that a change may reach beyond the mask, for a model of 128 pixels
QUICK = ("--steps", "2", "--seed", "3")


@pytest.fixture
def pictures(here: Path) -> Path:
    """before.png, and mask.png with a white hole."""
    noise = np.random.default_rng(4).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    Image.fromarray(noise).save(here / "before.png")
    Image.fromarray(_hole()).save(here / "mask.png")
    return here


def _hole() -> np.ndarray:
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[HOLE] = 255
    return mask


def _pixels(file: Path) -> np.ndarray:
    return np.asarray(Image.open(file).convert("RGB"))


def _changed(folder: Path, after: str = "after.png") -> np.ndarray:
    """Which pixels differ from before.png."""
    return (_pixels(folder / "before.png") != _pixels(folder / after)).any(axis=2)


def _made(sfumato: Sfumato, *words: str | Path) -> Source:
    outcome = sfumato("generate", "a red sun", *QUICK, "--out", "after.png", *words)
    assert outcome.code == 0, outcome.err
    source = Recipe.from_json(reading.describe(Path("after.png")).recipe).source
    assert source
    return source


def _near(mask: np.ndarray, pixels: int) -> np.ndarray:
    rows, columns = np.nonzero(mask)
    grown = np.zeros(mask.shape, bool)
    top, left = max(0, rows.min() - pixels), max(0, columns.min() - pixels)
    grown[top : rows.max() + 1 + pixels, left : columns.max() + 1 + pixels] = True
    return grown


def test_without_a_feather_only_what_is_white_changes(sfumato: Sfumato, pictures: Path) -> None:
    source = _made(sfumato, "--image", "before.png", "--mask", "mask.png", "--feather", "0")
    changed = _changed(pictures)
    assert changed[HOLE].mean() > 0.9
    assert not changed[_hole() == 0].any()
    assert (source.intent, source.strength, source.feather) == ("fill", 1.0, 0)


def test_the_usual_feather_reaches_no_further_than_suits_the_model(sfumato: Sfumato, pictures: Path) -> None:
    source = _made(sfumato, "--image", "before.png", "--mask", "mask.png")
    changed = _changed(pictures)
    assert changed[_hole() == 0].any()
    assert not changed[~_near(_hole(), USUAL)].any()
    assert source.feather is None


def test_of_a_background_what_is_white_is_kept(sfumato: Sfumato, pictures: Path) -> None:
    words = ("--intent", "background", "--feather", "0")
    source = _made(sfumato, "--image", "before.png", "--mask", "mask.png", *words)
    changed = _changed(pictures)
    assert not changed[HOLE].any()
    assert changed[_hole() == 0].mean() > 0.9
    assert source.intent == "background"


def test_removing_keeps_some_of_what_its_border_has_grown_into_it(sfumato: Sfumato, pictures: Path) -> None:
    assert _made(sfumato, "--image", "before.png", "--mask", "mask.png", "--intent", "remove").strength == 0.7
    words = ("--intent", "remove", "--strength", "0.5")
    assert _made(sfumato, "--image", "before.png", "--mask", "mask.png", *words).strength == 0.5


def test_a_picture_is_extended(sfumato: Sfumato, pictures: Path) -> None:
    source = _made(sfumato, "--image", "before.png", "--extend", "0,8,40,0", "--feather", "0")
    after = _pixels(pictures / "after.png")
    assert after.shape == (SIDE + 8, SIDE + 40, 3)
    assert np.array_equal(after[8:, :SIDE], _pixels(pictures / "before.png"))
    assert after[:, SIDE:].std() > 1
    assert (source.intent, source.mask) == ("expand", "")


def test_a_picture_is_extended_and_filled_under_its_mask_at_once(sfumato: Sfumato, pictures: Path) -> None:
    _made(sfumato, "--image", "before.png", "--mask", "mask.png", "--extend", "24,0,0,0", "--feather", "0")
    kept = _pixels(pictures / "after.png")[:, 24:]
    changed = (kept != _pixels(pictures / "before.png")).any(axis=2)
    assert changed[HOLE].mean() > 0.9
    assert not changed[_hole() == 0].any()


def test_a_transparent_part_is_filled_by_itself(sfumato: Sfumato, pictures: Path) -> None:
    opaque = np.dstack([_pixels(pictures / "before.png"), 255 - _hole()])
    Image.fromarray(opaque).save(pictures / "holed.png")
    _made(sfumato, "--image", "holed.png", "--feather", "0")
    changed = _changed(pictures)
    assert changed[HOLE].mean() > 0.9
    assert not changed[_hole() == 0].any()


def test_a_recipe_makes_it_again_and_its_mask_can_be_kept(sfumato: Sfumato, pictures: Path) -> None:
    source = _made(sfumato, "--image", "before.png", "--mask", "mask.png", "--feather", "6")
    (pictures / "mask.png").unlink()
    outcome = sfumato("generate", "--recipe", "after.png", "--out", "again.png")
    assert outcome.code == 0, outcome.err
    assert np.array_equal(_pixels(pictures / "after.png"), _pixels(pictures / "again.png"))
    outcome = sfumato("generate", "--recipe", "after.png", "--intent", "remove", "--out", "other.png")
    assert outcome.code == 0, outcome.err
    other = reading.describe(pictures / "other.png").recipe["source"]
    assert (other["mask"], other["intent"], other["feather"]) == (source.mask, "remove", 6)


def test_a_recipe_whose_mask_is_gone_asks_for_it(sfumato: Sfumato, pictures: Path) -> None:
    source = _made(sfumato, "--image", "before.png", "--mask", "mask.png")
    for kept in (data_folder() / "inputs").rglob(f"{source.mask}*"):
        kept.unlink()
    outcome = sfumato("generate", "--recipe", "after.png")
    assert outcome.code == 2
    assert "--mask" in outcome.err


REFUSED = {
    "a mask of another size": (("--image", "before.png", "--mask", "small.png"), "48 x 48"),
    "a black mask": (("--image", "before.png", "--mask", "black.png"), "Paint white"),
    "a mask without a picture": (("--mask", "mask.png"), "--image"),
    "an extension without a picture": (("--extend", "8,8,8,8"), "--image"),
    "a mask and a size": (("--image", "before.png", "--mask", "mask.png", "--size", "64x64"), "--size"),
    "a feather without a mask": (("--image", "before.png", "--feather", "4"), "--mask"),
    "an intent without a mask": (("--image", "before.png", "--intent", "add"), "--mask"),
    "an extension by nothing known": (("--image", "before.png", "--extend", "8,8"), "LEFT,TOP,RIGHT,BOTTOM"),
    "an extension beyond all sizes": (("--image", "before.png", "--extend", "9999,0,0,0"), "8192"),
    "a feather below nothing": (("--image", "before.png", "--mask", "mask.png", "--feather", "-1"), "0 to"),
    "a mask that is missing": (("--image", "before.png", "--mask", "none.png"), "none.png"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_with_a_hint(sfumato: Sfumato, pictures: Path, name: str) -> None:
    Image.new("L", (48, 48), 255).save(pictures / "small.png")
    Image.new("L", (SIDE, SIDE), 0).save(pictures / "black.png")
    words, hint = REFUSED[name]
    outcome = sfumato("generate", "a lake", *QUICK, *words, "--json")
    assert outcome.code == 2
    assert hint in outcome.err
    assert sorted(path.name for path in pictures.iterdir()) == ["before.png", "black.png", "mask.png", "small.png"]
    assert json.loads(outcome.out or "[]") == []
