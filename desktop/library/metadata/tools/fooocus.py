"""Fooocus: JSON or infotext in PNG's `parameters` or EXIF's UserComment, the scheme named beside it.

Described in Fooocus' modules/meta_parser.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from desktop.library.metadata import infotext, sampling
from desktop.library.metadata.description import Description
from desktop.library.metadata.tools import a1111
from desktop.library.metadata.values import Places, number, parse_object, stem, take, take_size, text, whole

PLACES: Places = {
    "prompt": ("prompt", text),
    "negative_prompt": ("negative", text),
    "steps": ("steps", whole),
    "guidance_scale": ("guidance", number),
    "seed": ("seed", whole),
    "base_model": ("model", stem),
}
RAW: Places = {"Raw prompt": ("prompt", text), "Raw negative prompt": ("negative", text)}  # before styles were added


def read(texts: Mapping[str, str]) -> Description | None:
    said = texts.get("parameters") or texts.get("exif:UserComment", "")
    if "fooocus_scheme" not in texts and not texts.get("exif:Software", "").startswith("Fooocus"):
        return None
    if data := parse_object(said):
        return _described(data)
    return _described_as_infotext(said)


def _described(data: dict[str, Any]) -> Description:
    recipe = take(data, PLACES) | take_size(data, "resolution")
    if sampler := sampling.find(str(data.get("sampler", "")), str(data.get("scheduler", ""))):
        recipe["sampler"] = sampler
        del data["sampler"]
        data.pop("scheduler", None)
    told = data.pop("loras", None)
    if loras := [each for lora in (told if isinstance(told, list) else ()) if (each := _lora(lora))]:
        recipe["loras"] = loras
    if "base_model_hash" in data:
        data["Model hash"] = data.pop("base_model_hash")
    return Description("fooocus", recipe, data, ai_generated=True)


def _described_as_infotext(said: str) -> Description:
    """Its first lines are the prompts with the styles; Fooocus itself takes up what was typed."""
    found = a1111.described(infotext.read(said))
    settings = dict(found.unused)
    typed = take(settings, RAW)
    whole_prompts = {f"full_{name}": found.recipe[name] for name in typed if typed[name] != found.recipe[name]}
    weights = (pair.split(": ") for pair in str(settings.pop("Lora weights", "")).split(", "))
    loras = [each for name, *weight in weights if (each := _lora([name, *weight, found.hashes.get(name, "")]))]
    recipe = {**found.recipe, **typed, **({"loras": loras} if loras else {})}
    return replace(found, tool="fooocus", recipe=recipe, unused=settings | whole_prompts)


def _lora(lora: Any) -> dict[str, Any] | None:
    """From name, weight, hash."""
    try:
        name, weight, hash = lora
        return {"name": stem(name), "weight": number(weight), **({"hash": text(hash)} if hash else {})}
    except (ValueError, TypeError):
        return None
