"""Our own pictures: JSON in PNG's `sfumato`, or in the XMP of other files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from desktop.library.metadata.description import OURS, TOOLS, Description
from desktop.library.metadata.values import parse_object
from desktop.recipe import KINDS


def read(texts: Mapping[str, str]) -> Description | None:
    content = parse_object(texts.get(OURS, ""))
    recipe, made, unused = (content.get(name) for name in ("recipe", "made", "unused"))
    tool = content.get("tool", OURS)
    if not isinstance(recipe, dict) or not isinstance(made, dict) or tool not in TOOLS:
        return None
    if tool == OURS:
        return described(recipe, made)
    return Description(tool, recipe, unused if isinstance(unused, dict) else {}, ai_generated=True, made=made)


def described(recipe: Mapping[str, Any], made: Mapping[str, Any]) -> Description:
    """Of a recipe as JSON; what a newer Sfumato has added has no place in ours."""
    known = {name: value for name, value in recipe.items() if name in KINDS}
    unknown = {name: value for name, value in recipe.items() if name not in KINDS}
    return Description(OURS, known, unknown, ai_generated=True, made=made)


def written(description: Description) -> str:
    """In ASCII: even half a character in a name does not cost the picture."""
    if description.tool == OURS:
        return json.dumps({"recipe": {**description.recipe, **description.unused}, "made": dict(description.made)})
    named = ("tool", "recipe", "unused", "made")
    return json.dumps({name: getattr(description, name) for name in named}, default=dict)
