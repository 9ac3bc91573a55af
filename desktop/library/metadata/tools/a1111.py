"""A1111, Forge and their many kin: infotext in PNG `parameters`, EXIF's UserComment or GIF's comment.

Described in A1111's modules/processing.py and modules/infotext_utils.py; Forge adds "Distilled CFG Scale" and modules.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import desktop
from desktop import tags
from desktop.library.metadata import infotext, sampling
from desktop.library.metadata.description import OURS, Description
from desktop.library.metadata.infotext import Infotext
from desktop.library.metadata.values import LONGEST_PROMPT, Places, number, parse_object, take, take_size, text, whole
from desktop.models.samplers import SAMPLERS
from desktop.recipe import CLIP_SKIPS
from desktop.tags import Tag

FORGE = re.compile(r"f\d|neo|classic")  # how its versions begin
ELSEWHERE = ("exif:UserComment", "comment")  # where a text may be anything else, so that it needs its settings


def layers(value: Any) -> int:
    """How many layers of the text encoder are left out: A1111's 1 is none."""
    if not 0 < (told := whole(value)) <= len(CLIP_SKIPS):
        raise ValueError(value)
    return told - 1


PLACES: Places = {
    "Clip skip": ("clip_skip", layers),
    "Steps": ("steps", whole),
    "CFG scale": ("guidance", number),
    "Seed": ("seed", whole),
    "Model": ("model", text),
}


def read(texts: Mapping[str, str]) -> Description | None:
    said = texts.get("parameters")
    if said is not None and len(said) <= LONGEST_PROMPT and not parse_object(said):
        return described(infotext.read(said))
    elsewhere = (infotext.read(texts[place][:LONGEST_PROMPT]) for place in ELSEWHERE if place in texts)
    return next((described(said) for said in elsewhere if "Steps" in said.settings), None)


def described(said: Infotext) -> Description:
    settings: dict[str, Any] = dict(said.settings)
    recipe = {"prompt": said.prompt, "negative": said.negative, **_fields(settings)}
    return Description(_tool(said.settings.get("Version", "")), recipe, settings, ai_generated=True)


def _fields(settings: dict[str, Any]) -> dict[str, Any]:
    """Takes what Recipe has a place for out of `settings`."""
    found = take(settings, PLACES) | take_size(settings, "Size")
    if "Hires upscale" not in settings:  # else it is that of the second pass
        found |= take(settings, {"Denoising strength": ("strength", number)})
    if found.get("guidance") == 1:  # Flux is led by the guidance that was distilled into it
        found |= take(settings, {"Distilled CFG Scale": ("guidance", number)})
    if sampler := sampling.find(str(settings.get("Sampler", "")), str(settings.get("Schedule type", ""))):
        found["sampler"] = sampler
        del settings["Sampler"]
        settings.pop("Schedule type", None)
    return found


def _tool(version: str) -> str:
    if version.startswith("Sfumato"):
        return OURS
    return "forge" if FORGE.match(version) else "a1111"


# ---------------------------------------------------------------- writing


def written(description: Description) -> str:
    """What A1111 would write of it, as far as that is known."""
    recipe, ours = description.recipe, description.tool == OURS
    source, known = recipe.get("source"), _Known(description.made.get("files"))
    vae = parts.get("vae") if isinstance(parts := recipe.get("parts"), Mapping) else None
    settings = {
        "Steps": recipe.get("steps"),
        **_sampling(recipe.get("sampler")),
        "CFG scale": recipe.get("guidance"),
        "Seed": recipe.get("seed"),
        "Size": f"{recipe['width']}x{recipe['height']}" if {"width", "height"} <= set(recipe) else None,
        "Model hash": known.said(recipe.get("model"), "autov2"),
        "Model": description.made.get("model", recipe.get("model")),
        "VAE hash": known.said(vae, "autov2"),
        "VAE": known.said(vae, "name"),
        "Denoising strength": source.get("strength") if isinstance(source, Mapping) else recipe.get("strength"),
        "Clip skip": _clip_skip(recipe.get("clip_skip")),
        "Lora hashes": _hashes(recipe, known),
        **({} if ours else description.unused),
        **({"Version": f"Sfumato {desktop.__version__}"} if ours else {}),
    }
    said = {name: _said(value) for name, value in settings.items() if isinstance(value, str | int | float)}
    return str(Infotext(_prompt(recipe), str(recipe.get("negative", "")), said))


class _Known:
    """What is known of the files of a recipe, as Hashes.told has it."""

    def __init__(self, files: Any):
        self._files = files if isinstance(files, Mapping) else {}

    def said(self, id: Any, what: str) -> str | None:
        file = self._files.get(id) if isinstance(id, str) else None
        return file.get(what) or None if isinstance(file, Mapping) else None


def _prompt(recipe: Mapping[str, Any]) -> str:
    """With the LoRAs that are kept apart from it, as tags."""
    prompt = str(recipe.get("prompt", ""))
    written = (tags.written(Tag(name, *_weights(lora))) for name, lora in _loras(recipe))
    return " ".join([prompt, *(tag for tag in written if tag not in prompt)])


def _hashes(recipe: Mapping[str, Any], known: _Known) -> str | None:
    told = ((tags.callable_name(name), known.said(lora.get("file"), "autov3")) for name, lora in _loras(recipe))
    return ", ".join(f"{name}: {hash}" for name, hash in told if hash) or None


def _loras(recipe: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """By the names that are told."""
    rows = recipe.get("loras")
    named = [each for each in rows if isinstance(each, Mapping)] if isinstance(rows, list) else []
    return [(str(each.get("name")), each) for each in named]


def _weights(lora: Mapping[str, Any]) -> tuple[float, float | None]:
    """Of the model, and of the text encoders if it is another."""
    weight, text_weight = (each if _is_number(each) else None for each in (lora.get("weight"), lora.get("text_weight")))
    return 1.0 if weight is None else weight, text_weight


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _clip_skip(layers: Any) -> int | None:
    return layers + 1 if type(layers) is int and layers > 0 else None


def _sampling(sampler: Any) -> dict[str, str]:
    row = SAMPLERS.get(sampler) if isinstance(sampler, str) else None
    return {"Sampler": row.label, "Schedule type": row.schedule} if row else {}


def _said(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
