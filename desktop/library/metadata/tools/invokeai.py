"""InvokeAI: JSON in PNG's `invokeai_metadata`; before its version 3 in `sd-metadata`.

Described in InvokeAI's invokeai/app/invocations/metadata.py (core_metadata) and, for version 2, ldm/invoke/args.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from desktop.library.metadata import sampling
from desktop.library.metadata.description import Description
from desktop.library.metadata.values import Places, number, parse_object, take, text, whole

PLACES: Places = {
    "positive_prompt": ("prompt", text),
    "negative_prompt": ("negative", text),
    "width": ("width", whole),
    "height": ("height", whole),
    "steps": ("steps", whole),
    "seed": ("seed", whole),
    "cfg_scale": ("guidance", number),
    "strength": ("strength", number),
}
UNWANTED = re.compile(r"\[([^\[\]]*)\]")  # what version 2 takes for the negative prompt


def read(texts: Mapping[str, str]) -> Description | None:
    if data := parse_object(texts.get("invokeai_metadata", "")):
        return _described(data)
    old = parse_object(texts.get("sd-metadata", ""))
    image = old.pop("image", None)
    return _described_old(old, image) if isinstance(image, dict) else None


def _described(data: dict[str, Any]) -> Description:
    recipe = take(data, PLACES) | _sampler(data, "scheduler")
    if recipe.get("guidance") == 1:  # Flux is led by the guidance that was distilled into it
        recipe |= take(data, {"guidance": ("guidance", number)})
    name, hash = _named(data.pop("model", None))
    if loras := [each for lora in _items(data.pop("loras", None)) if (each := _lora(lora))]:
        recipe["loras"] = loras
    recipe |= {"model": name} if name else {}
    data |= {"Model hash": hash} if hash else {}
    return Description("invokeai", recipe, data, ai_generated=True)


def _described_old(data: dict[str, Any], image: dict[str, Any]) -> Description:
    words = image.pop("prompt", "")
    parts = [part.get("prompt") for part in _items(words) if isinstance(part, dict)]
    prompt = words if isinstance(words, str) else " ".join(part for part in parts if isinstance(part, str))
    recipe = {"prompt": UNWANTED.sub("", prompt).strip(), "negative": ", ".join(UNWANTED.findall(prompt))}
    recipe |= take(image, PLACES) | _sampler(image, "sampler") | take(data, {"model_weights": ("model", text)})
    unused = data | image
    if "model_hash" in unused:
        unused["Model hash"] = unused.pop("model_hash")
    return Description("invokeai", recipe, unused, ai_generated=True)


def _sampler(data: dict[str, Any], place: str) -> dict[str, str]:
    name = data.get(place)
    if not isinstance(name, str):
        return {}
    found = sampling.find(name.removesuffix("_k"), "karras" if name.endswith("_k") else "normal")
    if found:
        del data[place]
    return {"sampler": found} if found else {}


def _lora(lora: Any) -> dict[str, Any] | None:
    """From {model or, before version 4, lora: ..., weight}."""
    if not isinstance(lora, dict):
        return None
    name, hash = _named(lora.get("model") or lora.get("lora"))
    found = {"name": name, **take(lora, {"weight": ("weight", number)}), **({"hash": hash} if hash else {})}
    return found if name else None


def _named(model: Any) -> tuple[str, str]:
    """The name and the hash of a model, each empty where it has none."""
    data = model if isinstance(model, dict) else {}
    name, hash = data.get("name") or data.get("model_name"), data.get("hash")
    return name if isinstance(name, str) else "", hash if isinstance(hash, str) else ""


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
