"""Picture: a row of the library, and how it is read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from desktop.errors import UserError
from desktop.library.metadata.description import Description
from desktop.recipe import Recipe

PLAIN = ("id", "created", "rating", "trashed", "model", "task", "tool", "width", "height", "bytes", "content")
SELECT = f"""
    SELECT {", ".join(f"pictures.{name}" for name in PLAIN)},
        file, ai_generated, made_here, recipe, unused, made, seconds, tags
    FROM pictures LEFT JOIN recipes ON picture = id LEFT JOIN words ON words.rowid = id
"""


@dataclass(frozen=True)
class Picture:
    """A picture of the library, made here or by another program.

    `fields`: what is known of its recipe, under Recipe's names and unvalidated; `unused`: what else it says of itself;
    `made`: all that its pixels depend on beside the recipe; `created`, `trashed`: seconds since 1970; `content`: its
    Raster.sha256, once that is known.
    """

    id: int
    file: Path
    created: float
    fields: Mapping[str, Any]
    made: Mapping[str, Any] = field(default_factory=dict)
    unused: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0  # that it took
    rating: int = 0  # stars, 0 to 5
    trashed: float | None = None
    model: str = ""
    task: str = ""
    tool: str = ""
    width: int = 0
    height: int = 0
    bytes: int = 0
    ai_generated: bool = False
    made_here: bool = False  # rather than imported
    content: str | None = None
    tags: tuple[str, ...] = ()

    @cached_property
    def recipe(self) -> Recipe | None:
        """None where it is not whole, as in most pictures of other programs."""
        try:
            return Recipe.from_json(self.fields)
        except UserError:
            return None

    @property
    def said(self) -> Description:
        """What it says of itself."""
        return Description(self.tool or None, self.fields, self.unused, self.ai_generated, self.made)

    @staticmethod
    def of(row: tuple[Any, ...]) -> Picture:
        """From SELECT; what cannot be read of it, written by a newer Sfumato say, is left out."""
        file, ai_generated, made_here, recipe, unused, made, seconds, tags = row[len(PLAIN) :]
        return Picture(
            **dict(zip(PLAIN, row, strict=False)),
            file=Path(str(file)),
            fields=_mapping(recipe),
            made=_mapping(made),
            unused=_mapping(unused),
            seconds=seconds if isinstance(seconds, float) else 0.0,
            ai_generated=bool(ai_generated),
            made_here=bool(made_here),
            tags=tuple(filter(None, (tags or "").split(", "))),
        )


def task_of(fields: Mapping[str, Any]) -> str:
    """What was done: "generate", "refine", or a key of intents.INTENTS."""
    source = fields.get("source")
    if not isinstance(source, Mapping):
        return "generate"
    intent = str(source.get("intent", "fill"))
    return intent if source.get("mask") or intent == "expand" else "refine"


def _mapping(text: Any) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
