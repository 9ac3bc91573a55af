"""Values out of texts that anybody may have written: of bounded size and depth, and plain JSON."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

LONGEST = 4_000_000  # characters: more than any program writes, few enough to be read while somebody waits
LONGEST_PROMPT = 100_000  # characters: a short book, which a text field still shows
DEEPEST = 50  # levels of JSON: far more than anybody needs, far less than Python can walk
BEYOND = 2**64  # no seed or size is as large

Kind = Callable[[Any], Any]  # makes a value of that kind, or raises ValueError or TypeError
Places = Mapping[str, tuple[str, Kind]]  # theirs: Recipe's name for it, and what kind of value it is


def parse(text: str) -> Any:
    """The JSON that the text is, numbers that are none being null; None where it is not, is too long or too deep."""
    if len(text) > LONGEST:
        return None
    try:
        return plain(json.loads(text, parse_constant=lambda _: None, parse_float=_finite))
    except (ValueError, RecursionError):
        return None


def parse_object(text: str) -> dict[str, Any]:
    """As `parse`; empty where it is no JSON object."""
    value = parse(text) if text.lstrip()[:1] == "{" else None
    return value if isinstance(value, dict) else {}


def plain(value: Any, levels: int = DEEPEST) -> Any:
    """The same without halves of characters, which cannot be stored. Raises ValueError where it is too deep."""
    if not levels:
        raise ValueError("too deep")
    if isinstance(value, str):
        return whole_characters(value)
    if isinstance(value, dict):
        return {whole_characters(name): plain(each, levels - 1) for name, each in value.items()}
    return [plain(each, levels - 1) for each in value] if isinstance(value, list) else value


def whole_characters(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _finite(text: str) -> float | None:
    value = float(text)
    return value if math.isfinite(value) else None


# ---------------------------------------------------------------- kinds


def text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_PROMPT:
        raise ValueError("no text")
    return value


def whole(value: Any) -> int:
    """Of 30, 30.0 and "30": 30."""
    exact = int(value) if isinstance(value, str) else value
    if isinstance(exact, bool) or not -BEYOND < exact < BEYOND or exact != int(exact):
        raise ValueError(value)
    return int(exact)


def number(value: Any) -> float:
    exact = float(value) if isinstance(value, str) else value
    if isinstance(exact, bool) or not -BEYOND < exact < BEYOND:  # NaN fails too
        raise ValueError(value)
    return exact


def stem(value: Any) -> str:
    """A model's name without its folders and ending, of either kind of system."""
    name = text(value).replace("\\", "/").rsplit("/", 1)[-1]
    return name.removesuffix(".safetensors").removesuffix(".ckpt").removesuffix(".sft").removesuffix(".gguf")


def take(data: dict[str, Any], places: Places) -> dict[str, Any]:
    """Moves what Recipe has a place for out of `data`; what is of another kind stays there."""
    found: dict[str, Any] = {}
    for name, (field, kind) in places.items():
        try:
            found[field] = kind(data[name])
        except (LookupError, ValueError, TypeError):
            continue
        del data[name]
    return found


def take_size(data: dict[str, Any], name: str) -> dict[str, int]:
    """Moves width and height out of a text such as 512x768 or (512, 768)."""
    size = re.fullmatch(r"\(?(\d{1,6})(?:x|, ?| ?× ?)(\d{1,6})\)?", str(data.get(name, ""))[:40])
    if not size:
        return {}
    del data[name]
    return {"width": int(size[1]), "height": int(size[2])}
