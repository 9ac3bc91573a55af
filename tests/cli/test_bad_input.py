"""Whatever is wrong with what people give, they are told what and what to do, and nothing is left behind."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from desktop.raster import Raster
from tests.cli.conftest import Sfumato
from tests.models.folders import copied

QUICK = ("--size", "64x64", "--steps", "2")


@pytest.fixture(autouse=True)
def things(here: Path) -> None:
    """What the words of the tests speak of."""
    (here / "letter.png").write_text("This is no picture but a letter.")
    (here / "empty.png").write_bytes(b"")
    picture = Raster(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)).png()
    (here / "plain.png").write_bytes(picture)
    (here / "cut.png").write_bytes(picture[:4000])
    (here / "folder").mkdir()


def _all_files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def _refused(sfumato: Sfumato, *words: str | Path) -> str:
    before = _all_files(Path())
    outcome = sfumato(*words)
    assert (outcome.code, outcome.out) == (2, "")
    message, hint = outcome.err[outcome.err.index("sfumato: ") :].splitlines()
    assert hint
    assert _all_files(Path()) == before
    return message


LAKE = ("generate", "a lake")
WRONG: dict[str, tuple[tuple[str, ...], str]] = {
    "no prompt": (("generate",), "no prompt"),
    "prompt that is no text": (("generate", "a \udc80 lake"), "no text"),
    "negative that is no text": ((*LAKE, "--negative", "\ud83d"), "no text"),
    **{
        f"size {size}": ((*LAKE, "--size", size), "size|Width")
        for size in ("64", "64x", "x", "axb", "64x64x64", "1e3x64", "0x0")
    },
    "size far too large": ((*LAKE, "--size", "100000x100000"), "Width 100000"),
    "height too large": ((*LAKE, "--size", "64x8200"), "Height 8200"),
    "width too small": ((*LAKE, "--size", "56x64"), "Width 56"),
    "size between": ((*LAKE, "--size", "100x64"), "cannot draw 100"),
    "no steps": ((*LAKE, "--steps", "0"), "0 steps"),
    "negative steps": ((*LAKE, "--steps", "-3"), "-3 steps"),
    "too many steps": ((*LAKE, "--steps", "1001"), "1001 steps"),
    "too many steps for the sampler": ((*LAKE, "--sampler", "lcm", "--steps", "51"), "at most 50"),
    "guidance that is no number": ((*LAKE, "--guidance", "nan"), "Guidance nan"),
    "negative guidance": ((*LAKE, "--guidance", "-1"), "Guidance -1"),
    "endless guidance": ((*LAKE, "--guidance", "inf"), "Guidance inf"),
    "negative seed": ((*LAKE, "--seed", "-1"), "Seed -1"),
    "seed too large": ((*LAKE, "--seed", str(2**64)), "Seed 18446744073709551616"),
    "no pictures": ((*LAKE, "--count", "0"), "0 pictures"),
    "too many pictures": ((*LAKE, "--count", "10001"), "10001 pictures"),
    "unknown sampler": ((*LAKE, "--sampler", "Eulr"), "no sampler 'Eulr'"),
    "sampler of another family": ((*LAKE, "--sampler", "flow_euler"), "does not suit"),
    "unknown device": ((*LAKE, *QUICK, "--device", "abacus"), "abacus"),
    "missing device": ((*LAKE, *QUICK, "--device", "cuda:99"), "cuda:99"),
    "unknown model": ((*LAKE, "--model", "nonsense"), "no model 'nonsense'"),
    "model that is a file": ((*LAKE, "--model", "letter.png"), "no safetensors file"),
    "model that is another folder": ((*LAKE, "--model", "folder"), "no model folder"),
    "model with an endless name": ((*LAKE, "--model", "m" * 300), ""),
    "model of nobody": ((*LAKE, "--model", "~no-such-user/model"), ""),
    "missing image": ((*LAKE, "--image", "missing.png"), "no file missing.png"),
    "image that is text": ((*LAKE, "--image", "letter.png"), "letter.png is no picture"),
    "image that is empty": ((*LAKE, "--image", "empty.png"), "empty.png"),
    "image that is cut": ((*LAKE, "--image", "cut.png"), "cut.png cannot be read"),
    "image that is a folder": ((*LAKE, "--image", "folder"), "folder"),
    "strength alone": ((*LAKE, "--strength", "0.5"), "--strength"),
    "strength alone and nothing": ((*LAKE, "--strength", "0"), "--strength"),
    **{
        f"strength {strength}": ((*LAKE, "--image", "plain.png", "--strength", strength), "Strength")
        for strength in ("0", "-0.5", "1.5", "nan")
    },
    "missing recipe": (("generate", "--recipe", "missing.png"), "no file"),
    "recipe that is text": (("generate", "--recipe", "letter.png"), "no picture"),
    "picture without a recipe": (("generate", "--recipe", "plain.png"), "holds no recipe"),
    "file below a file": ((*LAKE, "--out", "letter.png/a.png"), "Cannot write"),
    "folder below a file": ((*LAKE, "--out", "letter.png/deep/"), "Cannot write"),
    "folder that is a file": ((*LAKE, "--out", "letter.png/"), "Cannot write"),
    "endless name": ((*LAKE, *QUICK, "--out", "a" * 300 + ".png"), "Cannot write"),
    "describe missing": (("describe", "missing.png"), "no file"),
    "describe text": (("describe", "letter.png"), "no picture"),
    "describe empty": (("describe", "empty.png"), "empty.png"),
    "describe cut": (("describe", "cut.png"), "cannot be read"),
    "describe a folder": (("describe", "folder"), "folder"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_with_a_hint(sfumato: Sfumato, name: str) -> None:
    words, message = WRONG[name]
    assert re.search(message, _refused(sfumato, *words))


USAGE: list[tuple[str, ...]] = [
    (),
    ("paint", "a lake"),
    (*LAKE, "--steps", "many"),
    (*LAKE, "--seed", "1.5"),
    (*LAKE, "--engine", "steam"),
    (*LAKE, "--precision", "float8"),
    (*LAKE, "--size"),
    ("describe",),
]


@pytest.mark.parametrize("words", USAGE, ids=" ".join)
def test_words_that_are_no_command_are_answered_with_the_usage(sfumato: Sfumato, words: tuple[str, ...]) -> None:
    outcome = sfumato(*words)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("usage: sfumato")


# ---------------------------------------------------------------- recipes that cannot be followed


def _with_recipe(file: Path, **recipe: Any) -> Path:
    info = PngInfo()
    info.add_itxt("sfumato", json.dumps({"recipe": recipe, "made": {}}))
    Image.new("RGB", (4, 4)).save(file, pnginfo=info)
    return file


RECIPES: list[tuple[dict[str, Any], str]] = [
    ({"prompt": 5}, "prompt is 5"),
    ({"prompt": "a", "width": "wide"}, "width is 'wide'"),
    ({"prompt": "a", "seed": 2**70}, "Seed"),
    ({"prompt": "a", "sampler": "nonsense"}, "no sampler"),
    ({"steps": 3}, "lacks prompt"),
    ({"prompt": "a", "model": "0" * 64}, "model of this recipe"),
    ({"prompt": "a", "model": "nonsense"}, "no model 'nonsense'"),
    ({"prompt": "a", "model": ["starter"]}, "no model"),
    ({"prompt": "a", "model": "m" * 300}, ""),
    ({"prompt": "a", "source": {"image": "0" * 64}}, "is not here"),
    ({"prompt": "a", "source": {"image": "../secret"}}, "no sha256"),
    ({"prompt": "a", "source": 5}, "source is 5"),
]


@pytest.mark.parametrize(("recipe", "message"), RECIPES)
def test_a_recipe_that_cannot_be_followed_is_refused(
    sfumato: Sfumato, here: Path, recipe: dict[str, Any], message: str
) -> None:
    _with_recipe(here / "given.png", **recipe)
    assert message in _refused(sfumato, "generate", "--recipe", "given.png")


# ---------------------------------------------------------------- models and places


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "empty"), (None, "incomplete"), (b"<!DOCTYPE html>", "a web page")],
    ids=["empty", "truncated", "web page"],
)
def test_a_broken_model_is_refused(
    sfumato: Sfumato, models: dict[str, Path], tmp_path: Path, content: bytes | None, message: str
) -> None:
    folder = copied(models["sd15"], tmp_path / "mine")
    file = folder / "unet/diffusion_pytorch_model.safetensors"
    file.write_bytes(file.read_bytes()[:-100] if content is None else content)
    assert message in _refused(sfumato, *LAKE, *QUICK, "--model", folder)


@pytest.mark.parametrize("given", ["--image", "--model"])
def test_a_data_folder_that_cannot_be_is_told_of_or_done_without(
    sfumato: Sfumato, here: Path, models: dict[str, Path], monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv("SFUMATO_DATA", str(here / "letter.png"))
    what = here / "plain.png" if given == "--image" else models["sd15"]
    assert sfumato(*LAKE, *QUICK, given, what, "--seed", "1").code in (0, 2)


def test_a_picture_that_cannot_be_written_after_all_is_told_of(
    sfumato: Sfumato, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert "No space left" in _refused(sfumato, *LAKE, *QUICK, "--out", "a.png")
