"""Draw Things: JSON in XMP's exif:UserComment, the prompts as `c` and `uc`.

Not described by its maker; the fields are those that its pictures and the programs that read them agree on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desktop.library.metadata import sampling, xmp
from desktop.library.metadata.description import Description
from desktop.library.metadata.values import Places, number, parse_object, stem, take, take_size, text, whole

PLACES: Places = {
    "c": ("prompt", text),
    "uc": ("negative", text),
    "steps": ("steps", whole),
    "scale": ("guidance", number),
    "seed": ("seed", whole),
    "model": ("model", stem),
}


def read(texts: Mapping[str, str]) -> Description | None:
    data = parse_object(xmp.value(texts.get("xmp", ""), "exif:UserComment"))
    if not isinstance(data.get("c"), str):
        return None
    recipe = take(data, PLACES) | take_size(data, "size")
    if data.get("strength") != 1:  # of pictures made from another
        recipe |= take(data, {"strength": ("strength", number)})
    if sampler := sampling.find(str(data.get("sampler", ""))):
        recipe["sampler"] = sampler
        del data["sampler"]
    if loras := [each for lora in _loras(data) if (each := _lora(lora))]:
        recipe["loras"] = loras
    return Description("draw-things", recipe, data, ai_generated=True)


def _loras(data: dict[str, Any]) -> list[Any]:
    """In older pictures at the top, in newer ones within the whole configuration."""
    inner = data.get("v2")
    loras = data.pop("lora", None) or (inner.get("loras") if isinstance(inner, dict) else None)
    return loras if isinstance(loras, list) else []


def _lora(lora: Any) -> dict[str, Any] | None:
    if not isinstance(lora, dict):
        return None
    file = lora.get("file") or lora.get("model")
    return {"name": stem(file), **take(dict(lora), {"weight": ("weight", number)})} if isinstance(file, str) else None
