"""NovelAI: PNG texts `Software`, `Source`, `Comment` (JSON), and the same hidden in the transparency.

Described in NovelAI's novelai-image-metadata (nai_meta.py); since version 4 the characters have prompts of their own.
"""

from __future__ import annotations

from collections.abc import Mapping

from desktop.library.metadata import sampling
from desktop.library.metadata.description import Description
from desktop.library.metadata.values import Places, number, parse_object, take, text, whole

PLACES: Places = {
    "prompt": ("prompt", text),
    "uc": ("negative", text),
    "width": ("width", whole),
    "height": ("height", whole),
    "steps": ("steps", whole),
    "scale": ("guidance", number),
    "seed": ("seed", whole),
    "strength": ("strength", number),
}


def read(texts: Mapping[str, str]) -> Description | None:
    if "Comment" not in texts:
        texts = {name: str(value) for name, value in parse_object(texts.get("exif:UserComment", "")).items()}
    data = parse_object(texts.get("Comment", ""))
    if texts.get("Software") != "NovelAI" or not data:
        return None
    recipe = take(data, PLACES)
    recipe.setdefault("prompt", texts.get("Description", ""))
    if "Source" in texts:
        recipe["model"] = texts["Source"]
    if sampler := sampling.find(str(data.get("sampler", "")), str(data.get("noise_schedule", ""))):
        recipe["sampler"] = sampler
        del data["sampler"]
        data.pop("noise_schedule", None)
    return Description("novelai", recipe, data, ai_generated=True)
