"""What is inside a picture file: the exact recipe and how it was made, and what other programs left there."""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from desktop.engine.api import Produced
from desktop.errors import UserError
from desktop.library.metadata import reading, writing
from desktop.library.metadata.description import Description
from desktop.library.metadata.tools import a1111, sfumato
from desktop.raster import Raster
from desktop.recipe import LoraUse, Recipe, Source

RECIPE = Recipe(
    model="0123456789abcdef" * 4,
    prompt='a "lake",\nat dawn: \\ 🌅 é \0 end',
    negative="fog",
    width=64,
    height=64,
    steps=3,
    guidance=4.123456789,
    sampler="euler",
    seed=2**64 - 1,
    source=Source("fedcba9876543210" * 4, 0.1234567),
    loras=(LoraUse("a" * 64, "ink", 0.5),),
    unknown={"regions": [{"prompt": "ink"}]},
)
MADE = {
    "model": "starter",
    "device": "cpu",
    "dtype": "float32",
    "fallbacks": ["vae in float32"],
    "versions": {"a": "1"},
}
PICTURE = Raster(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
A1111 = "a cat\nNegative prompt: dog\nSteps: 30, Sampler: Euler a, CFG scale: 6.5, Seed: 1, Clip skip: 2"


def _written(file: Path, recipe: Recipe = RECIPE, made: Mapping[str, Any] = MADE) -> Path:
    file.write_bytes(writing.png(Produced(PICTURE, recipe, made)))
    return file


def _png(file: Path, **texts: str) -> Path:
    info = PngInfo()
    for name, text in texts.items():
        info.add_itxt(name, text)
    Image.new("RGB", (4, 4)).save(file, "PNG", pnginfo=info)
    return file


def test_the_file_holds_the_exact_pixels_recipe_and_circumstances(tmp_path: Path) -> None:
    file = _written(tmp_path / "a.png")
    found = reading.describe(file)
    assert Raster.read(file) == PICTURE
    assert Recipe.from_json({**found.recipe, **found.unused}) == RECIPE
    assert (found.tool, found.unused, found.made) == ("sfumato", RECIPE.unknown, MADE)


def test_both_texts_are_where_other_programs_look_for_them(tmp_path: Path) -> None:
    with Image.open(_written(tmp_path / "a.png")) as image:
        assert json.loads(image.info["sfumato"]) == {"recipe": RECIPE.to_json(), "made": MADE}
        assert image.info["parameters"] == a1111.written(sfumato.described(RECIPE.to_json(), MADE))
        assert set(image.info) == {"sfumato", "parameters", "xmp", "XML:com.adobe.xmp"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_prompt_survives_the_file(tmp_path: Path, prompt: str) -> None:
    recipe = Recipe.from_json({**RECIPE.to_json(), "prompt": prompt, "negative": prompt[::-1]})
    found = reading.describe(_written(tmp_path / "a.png", recipe))
    assert Recipe.from_json({**found.recipe, **found.unused}) == recipe


@pytest.mark.parametrize(
    ("recipe", "made"),
    [({**RECIPE.to_json(), "newer": "\ud83d"}, MADE), (RECIPE.to_json(), {**MADE, "model": "caf\udce9"})],
    ids=["half a character in an unknown field", "a folder whose name is no text"],
)
def test_what_is_no_text_does_not_cost_the_picture(
    tmp_path: Path, recipe: dict[str, Any], made: dict[str, Any]
) -> None:
    file = _written(tmp_path / "a.png", Recipe.from_json(recipe), made)
    assert Raster.read(file) == PICTURE
    assert reading.describe(file).recipe["prompt"] == RECIPE.prompt


def test_a_picture_by_a1111_is_described(tmp_path: Path) -> None:
    assert reading.describe(_png(tmp_path / "a.png", parameters=A1111)) == Description(
        "a1111",
        {"prompt": "a cat", "negative": "dog", "steps": 30, "sampler": "euler_a", "guidance": 6.5, "seed": 1}
        | {"clip_skip": 1},
        {},
        ai_generated=True,
    )


@pytest.mark.parametrize("texts", [{}, {"Title": "a holiday", "Software": "a camera"}], ids=["bare", "with texts"])
def test_a_picture_that_says_nothing_of_use_is_described_by_nothing(tmp_path: Path, texts: dict[str, str]) -> None:
    assert reading.describe(_png(tmp_path / "a.png", **texts)) == Description()


@pytest.mark.parametrize("ending", ["jpg", "webp", "gif", "tif", "bmp"])
def test_a_picture_of_another_kind_is_described_by_nothing(tmp_path: Path, ending: str) -> None:
    PICTURE.image().save(tmp_path / f"a.{ending}")
    assert reading.describe(tmp_path / f"a.{ending}") == Description()


DAMAGED = {
    "empty": "",
    "cut": '{"recipe": {"prompt": "a la',
    "no JSON": "Steps: 30",
    "a list": "[1, 2]",
    "a text": '"recipe"',
    "nothing": "null",
    "no recipe": '{"made": {}}',
    "no circumstances": '{"recipe": {}}',
    "recipe that is a number": '{"recipe": 5, "made": {}}',
    "recipe that is a text": '{"recipe": "abc", "made": {}}',
    "recipe that is a list": '{"recipe": [[[1], 2]], "made": {}}',
    "far too deep": '{"recipe": {"a": ' + "[" * 100_000 + "]" * 100_000 + '}, "made": {}}',
    "a number without end": '{"recipe": {"seed": ' + "9" * 5000 + '}, "made": {}}',
}


@pytest.mark.parametrize("name", DAMAGED)
def test_where_our_own_text_is_damaged_the_others_is_read(tmp_path: Path, name: str) -> None:
    found = reading.describe(_png(tmp_path / "a.png", sfumato=DAMAGED[name], parameters=A1111))
    assert (found.tool, found.recipe["prompt"]) == ("a1111", "a cat")
    assert reading.describe(_png(tmp_path / "b.png", sfumato=DAMAGED[name])) == Description()


@pytest.mark.parametrize("depth", [10, 200, 350, 500, 800])
def test_a_description_can_be_printed_however_deep_it_is(tmp_path: Path, depth: int) -> None:
    deep = '{"recipe": {"prompt": "a lake", "newer": ' + "[" * depth + "]" * depth + '}, "made": {}}'
    found = reading.describe(_png(tmp_path / "a.png", sfumato=deep))
    json.dumps(asdict(found), indent=1)


def test_a_text_behind_the_pixels_is_found(tmp_path: Path) -> None:
    file = _png(tmp_path / "a.png")
    content = file.read_bytes()
    text = b"tEXtparameters\0" + A1111.encode()
    chunk = (len(text) - 4).to_bytes(4, "big") + text + zlib.crc32(text).to_bytes(4, "big")
    end = content.index(b"IEND") - 4
    file.write_bytes(content[:end] + chunk + content[end:])
    assert reading.describe(file).recipe["prompt"] == "a cat"


def _bomb() -> bytes:
    """A text that unpacks to far more than a text is."""
    info = PngInfo()
    info.add_text("parameters", "a" * 80_000_000, zip=True)
    stream = io.BytesIO()
    Image.new("RGB", (4, 4)).save(stream, "PNG", pnginfo=info)
    return stream.getvalue()


NO_PICTURES = {"empty": b"", "text": b"a letter", "cut": PICTURE.png()[:5000], "with an endless text": _bomb()}


@pytest.mark.parametrize("name", NO_PICTURES)
def test_what_is_no_picture_is_a_user_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.png").write_bytes(NO_PICTURES[name])
    with pytest.raises(UserError) as caught:
        reading.describe(tmp_path / "a.png")
    assert caught.value.hint


def test_a_missing_picture_is_a_user_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no file"):
        reading.describe(tmp_path / "missing.png")
