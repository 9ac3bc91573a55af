"""What is written inside picture files: the recipe and how it was made, as JSON and as A1111's text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL.PngImagePlugin import PngInfo

from desktop.engine.api import Produced
from desktop.library import infotext
from desktop.raster import opened
from desktop.recipe import KINDS

CHUNK = "sfumato"
DEEPEST = 50  # levels of JSON: far more than any recipe has, far less than Python can walk


@dataclass(frozen=True)
class Description:
    """What a picture file says of itself. `recipe`: fields found, unvalidated; `unused`: what has no place there."""

    tool: str | None = None
    recipe: Mapping[str, Any] = field(default_factory=dict)
    unused: Mapping[str, Any] = field(default_factory=dict)
    made: Mapping[str, Any] = field(default_factory=dict)


def png(produced: Produced) -> bytes:
    """The picture as a PNG file with all that is needed to make it again."""
    content = {"recipe": produced.recipe.to_json(), "made": dict(produced.made)}
    info = PngInfo()
    info.add_itxt(CHUNK, json.dumps(content))  # in ASCII: even half a character in a name does not cost the picture
    parameters = infotext.write(produced.recipe, produced.made["model"])
    info.add_text("parameters", parameters.encode("utf-8", "replace").decode())
    return produced.picture.png(info)


def describe(file: Path) -> Description:
    """Raises UserError where the file is no picture."""
    with opened(file) as image:
        image.load()  # PNG may carry its texts behind the pixels
        texts = {name: str(text) for name, text in image.info.items() if isinstance(text, str)}
    if (own := _own(texts.get(CHUNK, ""))) is not None:
        return own
    if "parameters" in texts:
        recipe, unused = infotext.read(texts["parameters"])
        return Description("a1111", recipe, unused)
    return Description()


def _own(text: str) -> Description | None:
    try:
        content = json.loads(text, parse_constant=_no_number)
        recipe, made = dict(content["recipe"]), dict(content["made"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not _is_shallow(content, DEEPEST):
        return None
    unused = {name: recipe.pop(name) for name in list(recipe) if name not in KINDS}
    return Description(CHUNK, recipe, unused, made)


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _is_shallow(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels > 0 and all(_is_shallow(each, levels - 1) for each in inner)
