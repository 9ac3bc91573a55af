"""Sifting: which of the model files are wanted, and in what order. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from desktop.models.entry import SAFE, Entry
from desktop.models.getting.licenses import license_of
from desktop.models.getting.offer import Use
from desktop.models.marks import Mark
from desktop.models.sidecars import FORBIDDEN

DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True)
class Item:
    """A model file with what people have noted about it, how often it was used, and since when it is as it is."""

    entry: Entry
    mark: Mark = field(default_factory=Mark)
    used: int = 0  # pictures
    changed: float = 0.0  # seconds since 1970
    weights: str = ""  # sha256 of what stands behind its header, once it is known

    @cached_property
    def title(self) -> str:
        return self.entry.title or self.entry.name

    @property
    def names(self) -> set[str]:
        """By which pictures may call it, in lower case."""
        entry = self.entry
        return {name.casefold() for name in (entry.title, entry.alias, entry.path.name, entry.name) if name}

    @cached_property
    def text(self) -> str:
        """All that a search looks through."""
        path = self.entry.path
        words = (self.title, self.entry.alias, path.name, *self.entry.triggers, *self.mark.tags, str(path.parent))
        return "\n".join(words).casefold()

    @cached_property
    def in_order(self) -> list[Any]:
        """The title, numbers by their value."""
        parts = DIGITS.split(self.title.casefold())
        return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]

    @property
    def picture(self) -> Path | None:
        """A file that may hold its picture: one beside it, or itself."""
        entry = self.entry
        return entry.preview or (entry.path if entry.path.suffix.lower() in SAFE else None)

    @cached_property
    def is_non_commercial(self) -> bool:
        license = self.entry.license
        return license == FORBIDDEN or license_of(license).use is Use.NON_COMMERCIAL


SORTS: dict[str, tuple[str, Callable[[Item], Any]]] = {
    "name": ("By name", lambda item: item.in_order),
    "newest": ("Newest first", lambda item: -item.changed),
    "largest": ("Largest first", lambda item: -item.entry.bytes),
    "used": ("Most used first", lambda item: (-item.used, item.in_order)),
}


@dataclass(frozen=True)
class Wanted:
    """What is looked for; what is empty narrows nothing."""

    text: str = ""  # words, all of which must be found
    kind: str = ""
    family: str = ""
    tag: str = ""
    favourites: bool = False
    problems: bool = False
    sort: str = "name"  # a key of SORTS

    @property
    def narrows(self) -> bool:
        return self != Wanted(sort=self.sort)

    def fits(self, item: Item) -> bool:
        entry, mark = item.entry, item.mark
        return (
            (not self.kind or entry.kind == self.kind)
            and (not self.family or entry.family == self.family)
            and (not self.tag or self.tag in mark.tags)
            and (not self.favourites or mark.favourite)
            and (not self.problems or bool(entry.problem))
            and all(word in item.text for word in self.text.casefold().split())
        )


def sift(items: Iterable[Item], wanted: Wanted) -> tuple[Item, ...]:
    return tuple(sorted(filter(wanted.fits, items), key=SORTS[wanted.sort][1]))
