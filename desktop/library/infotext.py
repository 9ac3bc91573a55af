"""The text that A1111 writes into pictures and the whole ecosystem reads: prompt, negative prompt, settings."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any

import desktop
from desktop.errors import UserError
from desktop.models import samplers
from desktop.recipe import Recipe

NEGATIVE = "Negative prompt: "
PAIR = re.compile(r'\s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)')
LONGEST_LINE = 10_000  # of settings; the pattern's time grows with the square of it
FEWEST_PAIRS = 3  # a last line with fewer is part of the prompt


def write(recipe: Recipe, model: str) -> str:
    sampler = samplers.SAMPLERS[recipe.sampler]
    settings = {
        "Steps": recipe.steps,
        "Sampler": sampler.label,
        "Schedule type": sampler.schedule,
        "CFG scale": f"{recipe.guidance:g}",
        "Seed": recipe.seed,
        "Size": f"{recipe.width}x{recipe.height}",
        "Model": model,
        **({"Denoising strength": f"{recipe.source.strength:g}"} if recipe.source else {}),
        "Version": f"Sfumato {desktop.__version__}",
    }
    negative = f"\n{NEGATIVE}{recipe.negative}" if recipe.negative else ""
    line = ", ".join(f"{name}: {_quoted(str(value))}" for name, value in settings.items())
    return f"{recipe.prompt}{negative}\n{line}".strip()


def read(text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The recipe's fields that are found, under Recipe's names, and the settings that have no place in it."""
    lines = text.strip().split("\n")
    settings = dict(_pairs(lines[-1][:LONGEST_LINE]))
    if len(settings) < FEWEST_PAIRS:
        settings = {}
    else:
        lines.pop()
    prompt, _, negative = "\n".join(lines).partition(f"\n{NEGATIVE.rstrip()}")
    if prompt.startswith(NEGATIVE.rstrip()):
        prompt, negative = "", prompt.removeprefix(NEGATIVE.rstrip())
    recipe: dict[str, Any] = {"prompt": prompt.strip(), "negative": negative.strip()}
    return recipe | _known(settings), settings


def _known(settings: dict[str, str]) -> dict[str, Any]:
    """Takes what Recipe has a place for out of `settings`."""
    found: dict[str, Any] = {}
    kinds: tuple[tuple[str, str, Callable[[str], Any]], ...] = (
        ("Steps", "steps", int),
        ("CFG scale", "guidance", _finite),
        ("Seed", "seed", int),
        ("Model", "model", str),
    )
    for name, field, kind in kinds:
        try:
            found[field] = kind(settings[name])
        except (KeyError, ValueError):
            continue
        del settings[name]
    if size := re.fullmatch(r"(\d{1,6})x(\d{1,6})", settings.get("Size", "")):
        found |= {"width": int(size[1]), "height": int(size[2])}
        del settings["Size"]
    if sampler := _sampler(settings.get("Sampler", ""), settings.get("Schedule type", "")):
        found["sampler"] = sampler
        settings.pop("Sampler")
        settings.pop("Schedule type", None)
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _sampler(label: str, schedule: str) -> str | None:
    """The sampler of A1111's two words for it; the schedule was part of the name before there were two."""
    schedules = {row.schedule: key for key, row in samplers.SAMPLERS.items() if row.label == label}
    if schedule in ("", "Automatic"):
        alike = ("Automatic", "Karras", "Uniform")
    else:
        alike = (schedule, "Automatic") if schedule == "Uniform" else (schedule,)
    if found := next((schedules[each] for each in alike if each in schedules), None):
        return found
    try:
        return samplers.find(label) if not schedule else None
    except UserError:
        return None


def _pairs(line: str) -> list[tuple[str, str]]:
    return [(name, _unquoted(value)) for name, value in PAIR.findall(line)]


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False) if re.search(r"[,:\n]", value) else value


def _unquoted(value: str) -> str:
    try:
        text = json.loads(value) if value.startswith('"') else value
    except ValueError:
        return value
    return text if isinstance(text, str) else value
