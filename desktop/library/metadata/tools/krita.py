"""Krita AI Diffusion: infotext in PNG's `parameters`, of a model whose hash is "unknown".

Described in its ai_diffusion/text.py (create_img_metadata): the sampler is "preset - sampler", the model a file's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from desktop.library.metadata import infotext, sampling
from desktop.library.metadata.description import Description
from desktop.library.metadata.tools import a1111
from desktop.library.metadata.values import stem

BEFORE = "Prompt: "  # what older versions put there


def read(texts: Mapping[str, str]) -> Description | None:
    text = infotext.read(texts.get("parameters", ""))
    if text.settings.get("Model hash") != "unknown" or "Version" in text.settings:
        return None
    found = a1111.described(replace(text, prompt=text.prompt.removeprefix(BEFORE)))
    name = str(found.unused.get("Sampler", "")).rpartition(" - ")[2]
    sampler = sampling.find(name, "karras" if name.startswith("dpmpp") else "")
    recipe = {**found.recipe, **({"sampler": sampler} if sampler else {})}
    if "model" in recipe:
        recipe["model"] = stem(recipe["model"])
    left_out = ("Model hash", *(("Sampler",) if sampler else ()))
    unused = {name: value for name, value in found.unused.items() if name not in left_out}
    return replace(found, tool="krita-ai", recipe=recipe, unused=unused)
