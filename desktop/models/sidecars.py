"""What lies beside a model file: notes of A1111 and of Civitai's helper, and a picture of what it does."""

from __future__ import annotations

import base64
import binascii
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desktop.models.contents import read_contents
from desktop.models.damage import Damaged
from desktop.models.labels import tidy
from desktop.recipe import MOST_WEIGHT

PICTURES = (".preview.png", ".preview.jpg", ".preview.jpeg", ".preview.webp", ".png", ".jpg", ".jpeg", ".webp")
NOTES = (".json", ".civitai.info")
ENDINGS = (*PICTURES, *NOTES)  # they take the place of the file's own
LARGEST_NOTE = 4_000_000  # bytes
LARGEST_PICTURE = 8_000_000
FORBIDDEN = "no commercial use"


@dataclass(frozen=True)
class Beside:
    """What was found."""

    title: str = ""
    labels: tuple[str, ...] = ()  # of its family
    triggers: tuple[str, ...] = ()
    license: str = ""
    preview: Path | None = None
    weight: float = 0.0  # that people prefer, of a LoRA; 0 where none is told


def names_beside(file: Path) -> list[str]:
    """Those that a sidecar of the file may have; pictures that are meant as one come first."""
    return [f"{file.stem}{ending}" for ending in ENDINGS]


def read_beside(file: Path) -> Beside:
    """Whatever cannot be read is not there."""
    base = str(file.with_suffix(""))
    there = [ending for ending in ENDINGS if os.path.isfile(base + ending)]  # noqa: PTH113 - a fifth of a Path's time
    if not there:
        return Beside()
    plain, civitai = (_note(Path(base + ending)) if ending in there else {} for ending in NOTES)
    model = _part(civitai, "model", dict)
    words = [*_part(civitai, "trainedWords", list), *_part(plain, "activation text", str).split(",")]
    return Beside(
        title=_part(model, "name", str).strip(),
        labels=tuple(text for text in (_part(civitai, "baseModel", str), _part(plain, "sd version", str)) if text),
        triggers=tidy(words),
        license=_license(civitai, model),
        preview=next((Path(base + ending) for ending in there if ending in PICTURES), None),
        weight=_weight(plain.get("preferred weight")),
    )


def picture(file: Path) -> bytes | None:
    """That which a file carries in its header; what decodes it must not trust it."""
    try:
        text = read_contents(file).said("modelspec.thumbnail")
        begin, _, data = text.partition(",")
        fits = begin.startswith("data:image/") and begin.endswith(";base64") and len(data) <= LARGEST_PICTURE
        return base64.b64decode(data, validate=True) if fits else None
    except (OSError, Damaged, binascii.Error):
        return None


def _weight(told: Any) -> float:
    """Helpers write it as a number or as text; what cannot be one is none."""
    try:
        weight = float(told) if isinstance(told, int | float | str) else 0.0
    except (ValueError, OverflowError):
        return 0.0
    return weight if abs(weight) <= MOST_WEIGHT else 0.0  # NaN fails too


def _license(civitai: dict[str, Any], model: dict[str, Any]) -> str:
    if model.get("allowCommercialUse") in ("None", [], ["None"]):
        return FORBIDDEN
    return _part(civitai, "license", str)  # as our own downloads note it


def _note(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as stream:
            note = json.loads(stream.read(LARGEST_NOTE))
    except (OSError, ValueError, RecursionError):
        return {}
    return note if isinstance(note, dict) else {}


def _part(note: dict[str, Any], name: str, kind: type) -> Any:
    value = note.get(name)
    return value if isinstance(value, kind) else kind()
