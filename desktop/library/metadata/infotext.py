"""The text that A1111 writes into pictures and the whole ecosystem reads: prompt, negative prompt, settings.

The rules are those of create_infotext and parse_generation_parameters in A1111 1.10.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from desktop.library.metadata.values import whole_characters

NEGATIVE = "Negative prompt:"
PAIR = re.compile(r'\s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)')
NAME = re.compile(r"\w[\w \-/]+")
LONGEST_LINE = 10_000  # of settings; the pattern's time grows with the square of it
FEWEST_PAIRS = 3  # a last line with fewer is part of the prompt


@dataclass(frozen=True)
class Infotext:
    """The three parts of the text; no settings where the last line is none of settings."""

    prompt: str
    negative: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        negative = f"\n{NEGATIVE} {self.negative}" if self.negative else ""
        return f"{self.prompt}{negative}\n{_line(self.settings)}".strip()


def read(text: str) -> Infotext:
    lines = text.strip().split("\n")
    settings = {name: _unquoted(value) for name, value in PAIR.findall(lines[-1][:LONGEST_LINE])}
    if len(settings) < FEWEST_PAIRS:
        settings = {}
    else:
        lines.pop()
    prompt, _, negative = "\n".join(["", *lines]).partition(f"\n{NEGATIVE}")
    return Infotext(prompt.strip(), negative.strip(), settings)


def _line(settings: Mapping[str, str]) -> str:
    named = ((name, value) for name, value in settings.items() if NAME.fullmatch(name))
    return ", ".join(name if name == value else f"{name}: {_quoted(value)}" for name, value in named)


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False) if re.search(r"[,:\n]", value) else value


def _unquoted(value: str) -> str:
    try:
        text = json.loads(value) if value.startswith('"') else value
    except ValueError:
        return value
    return whole_characters(text) if isinstance(text, str) else value
