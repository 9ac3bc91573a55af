"""Pictures as they leave: the recipe in every format, the mark of the machine, and nothing that is not to be told."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from desktop.errors import UserError
from desktop.library.metadata.description import Description
from desktop.library.metadata.reading import describe_image, texts_of
from desktop.library.metadata.tools import sfumato
from desktop.library.metadata.writing import FORMATS, Export, encode
from desktop.library.metadata.xmp import COMPOSED, MADE
from desktop.raster import Raster
from tests.library.metadata.corpus import CASES
from tests.library.metadata.test_reading import MADE as CIRCUMSTANCES
from tests.library.metadata.test_reading import RECIPE

OURS = sfumato.described(RECIPE.to_json(), CIRCUMSTANCES)
PICTURE = Raster(np.random.default_rng(0).integers(0, 256, (48, 64, 4), dtype=np.uint8))
NAMESPACE = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"


def _opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def _written(description: Description, format: Any, **how: Any) -> Image.Image:
    return _opened(encode(PICTURE, description, Export(format, **how)))


def _mark(image: Image.Image) -> str | None:
    """As any reader of XMP finds it."""
    from xml.etree import ElementTree

    packet = image.info.get("xmp")
    if not packet:
        return None
    (found,) = ElementTree.fromstring(packet).iter(f"{{{NAMESPACE}}}DigitalSourceType")
    return found.text


@pytest.fixture(params=FORMATS)
def format(request: pytest.FixtureRequest) -> str:
    return request.param


def test_everything_is_read_back_from_every_format(format: str) -> None:
    image = _written(OURS, format)
    assert (image.format or "").lower() == format
    assert describe_image(image) == OURS
    parameters = texts_of(image)["parameters" if format == "png" else "exif:UserComment"]
    assert "\nSteps: 3, Sampler: Euler, " in parameters


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(prompt=st.text(st.characters(exclude_categories=["Cs"])))
def test_any_prompt_survives_every_format(format: str, prompt: str) -> None:
    description = replace(OURS, recipe={**OURS.recipe, "prompt": prompt})
    assert describe_image(_written(description, format)) == description


@pytest.mark.parametrize("name", CASES)
def test_the_picture_of_another_program_keeps_what_it_says_and_is_marked(name: str) -> None:
    found = describe_image(_opened(CASES[name].file))
    for format in FORMATS:
        image = _written(found, format)
        assert describe_image(image) == found
        assert _mark(image) == MADE


def test_pictures_are_marked_as_made_by_a_machine(format: str) -> None:
    recipe = {name: value for name, value in OURS.recipe.items() if name != "source"}
    assert _mark(_written(replace(OURS, recipe=recipe), format)) == MADE
    for source in ({"mask": "0" * 64}, {"intent": "expand"}):
        part = replace(OURS, recipe={**recipe, "source": {"image": "1" * 64, "strength": 1, **source}})
        image = _written(part, format)
        assert _mark(image) == COMPOSED
        assert describe_image(image).ai_generated


def test_the_mark_alone_says_that_a_picture_is_made_by_a_machine(format: str) -> None:
    image = _written(OURS, format, recipe=False)
    assert describe_image(image) == Description(ai_generated=True)
    assert set(texts_of(image)) == {"xmp", "XML:com.adobe.xmp"} & set(texts_of(image))


def test_without_the_mark_there_is_none(format: str) -> None:
    assert not describe_image(_written(OURS, format, recipe=False, mark=False)).ai_generated
    assert "digitalsourcetype" not in texts_of(_written(OURS, format, mark=False)).get("xmp", "")


def test_a_photograph_is_not_marked(format: str) -> None:
    image = _written(Description(), format)
    assert texts_of(image) == {}


SECRET = "zebra7crossing"
TELLING = Description(
    "comfyui",
    {
        **{"prompt": f"a {SECRET}", "negative": SECRET, "seed": 5, "steps": 3, "model": "dreamer", "width": 64},
        **{"height": 48, "loras": [{"name": SECRET, "weight": 1}], "regions": [{"prompt": SECRET}]},
        "source": {"image": "0" * 64, "strength": 0.5, "mask": "1" * 64, "wish": SECRET},
    },
    {"Hires prompt": SECRET, "full_prompt": [SECRET], "Model hash": "0123456789", "Clip skip": 2, SECRET: 1},
    True,
    {"template": SECRET, "device": "cpu", "model": "dreamer"},
)


@pytest.mark.parametrize("tool", ["sfumato", "comfyui"])
def test_prompts_are_left_out_of_everything(format: Any, tool: str) -> None:
    content = encode(PICTURE, replace(TELLING, tool=tool), Export(format, prompts=False))
    for encoding in ("utf-8", "utf-16-be", "utf-16-le"):
        assert SECRET.encode(encoding) not in content
    found = describe_image(_opened(content))
    assert (found.tool, found.recipe["seed"], found.recipe["model"]) == (tool, 5, "dreamer")
    assert found.made == {"device": "cpu", "model": "dreamer"}
    assert _mark(_opened(content)) == COMPOSED


def test_what_tells_nothing_stays_without_the_prompts() -> None:
    found = describe_image(_written(TELLING, "png", prompts=False))
    assert found.unused == {"Model hash": "0123456789", "Clip skip": 2}


def test_a_jpeg_shows_white_where_the_picture_lets_through() -> None:
    clear = Raster(np.zeros((16, 16, 4), np.uint8))
    image = _opened(encode(clear, OURS, Export("jpeg")))
    assert image.getpixel((8, 8)) == (255, 255, 255)


@pytest.mark.parametrize("format", ["png", "webp", "avif"])
def test_other_formats_keep_the_transparency(format: str) -> None:
    alpha = np.asarray(_written(OURS, format).getchannel("A"))
    assert np.array_equal(alpha, PICTURE.pixels[..., 3]) or format == "avif"
    assert alpha.std() > 30


def test_less_quality_makes_smaller_files() -> None:
    for format in ("jpeg", "webp", "avif"):
        small, large = (len(encode(PICTURE, OURS, Export(format, quality))) for quality in (20, 95))
        assert small < large


@pytest.mark.parametrize("format", ["png", "jpeg", "webp", "avif"])
def test_grey_pictures_leave_too(format: Any) -> None:
    grey = Raster(PICTURE.pixels[..., :1])
    assert describe_image(_opened(encode(grey, OURS, Export(format)))) == OURS


def test_what_a_format_cannot_hold_is_told() -> None:
    endless = replace(OURS, recipe={**OURS.recipe, "prompt": "a lake " * 20_000})
    with pytest.raises(UserError, match="JPEG") as caught:
        encode(PICTURE, endless, Export("jpeg"))
    assert "PNG" in caught.value.hint
    assert encode(PICTURE, endless, Export("jpeg", prompts=False))
    with pytest.raises(UserError, match="WEBP"):
        encode(Raster(np.zeros((1, 20_000, 3), np.uint8)), OURS, Export("webp"))


def test_loras_that_are_kept_apart_are_written_as_tags() -> None:
    image = _opened(encode(PICTURE, describe_image(_opened(CASES["comfyui loras"].file)), Export("png")))
    assert texts_of(image)["parameters"].startswith("a cat <lora:ink:0.8> <lora:pen:0.5>\n")


def test_the_text_of_another_program_stays_as_it_was(tmp_path: Path) -> None:
    image = _written(describe_image(_opened(CASES["a1111 png"].file)), "png")
    assert json.loads(texts_of(image)["sfumato"])["tool"] == "a1111"
    original = texts_of(_opened(CASES["a1111 png"].file))["parameters"]
    assert sorted(texts_of(image)["parameters"].replace("\n", ", ").split(", ")) == sorted(
        original.replace("Sampler: Euler a", "Sampler: Euler a, Schedule type: Automatic")
        .replace("\n", ", ")
        .split(", ")
    )
