"""Description: what a picture says of itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

OURS = "sfumato"
TOOLS = (OURS, "a1111", "forge", "comfyui", "invokeai", "fooocus", "novelai", "krita-ai", "draw-things")
HASH = re.compile(r"(?:sha256:)?([0-9a-fA-F]{8,64})")


@dataclass(frozen=True)
class Description:
    """What a picture says of itself, as plain JSON.

    `tool`: one of TOOLS, which has made it; `recipe`: the fields found, under Recipe's names and unvalidated;
    `unused`: what has no place there; `made`: all that the pixels depend on beside the recipe, in our own pictures.
    """

    tool: str | None = None
    recipe: Mapping[str, Any] = field(default_factory=dict)
    unused: Mapping[str, Any] = field(default_factory=dict)
    ai_generated: bool = False
    made: Mapping[str, Any] = field(default_factory=dict)

    @property
    def hashes(self) -> Mapping[str, str]:
        """The hash of the model, its VAE and each LoRA by its name: for Catalog.resolve."""
        found = {name: HASH.fullmatch(hash.strip()) for name, hash in self._named_hashes()}
        return {name: match[1].lower() for name, match in found.items() if match}

    def _named_hashes(self) -> Iterator[tuple[str, str]]:
        yield from re.findall(r"\s*([^:,]+): *(\w+)", _text(self.unused, "Lora hashes"))
        for lora in _list(self.recipe, "loras"):
            yield _text(lora, "name"), _text(lora, "hash")
        yield _text(self.unused, "VAE"), _text(self.unused, "VAE hash")
        yield _text(self.recipe, "model"), _text(self.unused, "Model hash")


def _text(data: Any, name: str) -> str:
    value = data.get(name) if isinstance(data, Mapping) else None
    return value if isinstance(value, str) else ""


def _list(data: Mapping[str, Any], name: str) -> list[Any]:
    value = data.get(name)
    return value if isinstance(value, list) else []
