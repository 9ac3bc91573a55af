"""Styles: ready wording around a prompt."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from desktop.errors import UserError
from desktop.paths import RESOURCES

SHIPPED = RESOURCES / "styles" / "styles.json"
SLOT = "{prompt}"
_STRAY = ", \t\r\n"


@dataclass(frozen=True)
class Style:
    """A wording with a slot for the prompt, and what it keeps out of the picture."""

    name: str
    group: str
    prompt: str
    negative: str = ""

    def __post_init__(self) -> None:
        if not all(isinstance(text, str) for text in (self.name, self.group, self.prompt, self.negative)):
            raise TypeError("a style is made of text")
        if self.prompt.count(SLOT) != 1:
            raise ValueError(f"a style's prompt holds {SLOT} once")

    def apply(self, prompt: str, negative: str) -> tuple[str, str]:
        """The prompt and the negative prompt in this style."""
        return self._around(prompt.strip(_STRAY)), self._without(negative.strip(_STRAY))

    def _around(self, prompt: str) -> str:
        before, _, after = self.prompt.partition(SLOT)
        if prompt:
            return f"{before}{prompt}{after}"
        ends = (before.strip(_STRAY).removesuffix(" of"), after.strip(_STRAY))  # a painting (of nothing yet)
        return ", ".join(filter(None, ends))

    def _without(self, negative: str) -> str:
        there = {term.casefold() for term in _terms(negative)}
        new = [term for term in _terms(self.negative) if term.casefold() not in there]
        return ", ".join(filter(None, (negative, *new)))


def _terms(text: str) -> list[str]:
    return [term for part in text.split(",") if (term := part.strip())]


def read_styles(file: Path = SHIPPED) -> dict[str, Style]:
    """The styles of a file by name, in the file's order; raises UserError where it holds none that can be read."""
    try:
        styles = [Style(**each) for each in json.loads(file.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError) as error:
        raise UserError(f"The styles in {file} cannot be read: {error}.", "Mend the file or remove it.") from error
    return {style.name: style for style in styles}
