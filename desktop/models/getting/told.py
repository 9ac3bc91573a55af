"""What servers tell, taken for what it is: anything at all."""

from __future__ import annotations

from typing import Any

from desktop.errors import UserError

LONGEST_TEXT = 300
MOST_ITEMS = 5000


def at(data: Any, *path: str) -> Any:
    """What lies at the end of the path; None where that leads nowhere."""
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def text(data: Any, *path: str) -> str:
    """One line, short; empty for what is no text."""
    found = at(data, *path)
    line = " ".join(found[: 4 * LONGEST_TEXT].split()) if isinstance(found, str) else ""
    return "".join(letter for letter in line if letter.isprintable())[:LONGEST_TEXT]


def number(data: Any, *path: str) -> int:
    """Not below nothing; 0 for what is no number."""
    found = at(data, *path)
    return int(found) if isinstance(found, int | float) and 0 <= found < 2**62 else 0


def items(data: Any, *path: str) -> list[dict[str, Any]]:
    """Those entries of a list that have fields; none for what is no list."""
    found = at(data, *path)
    return [each for each in found[:MOST_ITEMS] if isinstance(each, dict)] if isinstance(found, list) else []


def texts(data: Any, *path: str) -> tuple[str, ...]:
    """Those entries of a list that are texts, each once."""
    found = at(data, *path)
    every = [text(each) for each in found[:MOST_ITEMS]] if isinstance(found, list) else []
    return tuple(dict.fromkeys(each for each in every if each))


def insist(told: bool, site: str) -> None:
    """Raises UserError where an answer lacks what all else hangs on."""
    if not told:
        raise UserError(
            f"{site} answers in a way that Sfumato does not know.", "Look whether there is a newer Sfumato."
        )
