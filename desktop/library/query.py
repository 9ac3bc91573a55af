"""Query: which pictures of the library are wanted, and in which order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

SORTS = {  # name: words for people, and SQL
    "newest": ("Newest", "created DESC, id DESC"),
    "oldest": ("Oldest", "created, id"),
    "rated": ("Best rated", "rating DESC, created DESC, id DESC"),
    "model": ("Model", "model COLLATE NOCASE, created DESC, id DESC"),
    "task": ("Task", "task, created DESC, id DESC"),
    "size": ("Largest", "width * height DESC, created DESC, id DESC"),
    "seed": ("Seed", "length(seed), seed, created DESC, id DESC"),
}
INDEXED = 3  # characters: the shortest words that the index knows
TERM = re.compile(r'"([^"]*)"?|(\S+)')
WORDS = ("prompt", "model", "tags", "loras", "negative")  # the columns that are searched, the likeliest first
WILD = re.compile(r"(?=[%_!])")  # before what LIKE takes for more than itself
MOST_TERMS = 20  # of a search; what people paste by mistake is not searched to its end
LONGEST_TERM = 100


@dataclass(frozen=True)
class Query:
    """All that is given must hold. `text`: parts of words, or "whole phrases", of prompts, models, LoRAs and tags."""

    text: str = ""
    rating: int = 0  # at least
    tag: str = ""
    collection: str = ""
    model: str = ""
    task: str = ""
    tool: str = ""
    size: str = ""  # "1024x768"
    seed: str = ""
    since: float | None = None  # seconds since 1970
    until: float | None = None
    duplicates: bool = False  # only those whose pixels another one has too
    trashed: bool = False
    sort: str = "newest"

    @property
    def narrows(self) -> bool:
        """Whether it leaves any picture out, beside those in the trash."""
        return bool(self.text.strip()) or self != Query(text=self.text, trashed=self.trashed, sort=self.sort)

    def sql(self) -> tuple[str, list[Any]]:
        """Selects the ids, one a row, in their order."""
        conditions = [("trashed IS NOT NULL" if self.trashed else "trashed IS NULL", ())]
        conditions += [*self._conditions(), *_search(self.text)]
        where = " AND ".join(condition for condition, _ in conditions)
        values = [value for _, given in conditions for value in given]
        return f"SELECT id FROM pictures WHERE {where} ORDER BY {self._order}", values

    @property
    def _order(self) -> str:
        order = SORTS[self.sort][1]
        return f"content, {order}" if self.duplicates else order  # beside each other

    def _conditions(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        if self.rating:
            yield "rating >= ?", (self.rating,)
        for column in ("model", "task", "tool", "seed"):
            if value := getattr(self, column):
                yield f"{column} = ?", (value,)
        if self.size:
            yield "width || 'x' || height = ?", (self.size,)
        if self.since is not None:
            yield "created >= ?", (self.since,)
        if self.until is not None:
            yield "created < ?", (self.until,)
        if self.tag:
            yield "id IN (SELECT picture FROM tagged JOIN tags ON tags.id = tag WHERE name = ?)", (self.tag,)
        if self.collection:
            named = "SELECT picture FROM collected JOIN collections ON collections.id = collection WHERE name = ?"
            yield f"id IN ({named})", (self.collection,)
        if self.duplicates:
            same = "SELECT content FROM pictures WHERE trashed IS NULL AND content NOT NULL GROUP BY content"
            yield f"content IN ({same} HAVING count(*) > 1)", ()


def _search(text: str) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Long parts by the index; short ones, which in some languages are whole words, by reading through the texts."""
    terms = [(phrase or word)[:LONGEST_TERM] for phrase, word in TERM.findall(_storable(text))][:MOST_TERMS]
    if indexed := [term for term in terms if len(term) >= INDEXED]:
        wanted = " ".join('"{}"'.format(term.replace('"', '""')) for term in indexed)
        yield "id IN (SELECT rowid FROM words WHERE words MATCH ?)", (wanted,)
    for term in terms:
        if 0 < len(term) < INDEXED:
            pattern = f"%{WILD.sub('!', term)}%"
            columns = " OR ".join(f"{name} LIKE ? ESCAPE '!'" for name in WORDS)
            yield f"id IN (SELECT rowid FROM words WHERE {columns})", (pattern,) * len(WORDS)


def _storable(text: str) -> str:
    """Without what no text can hold: halves of characters, and the end of all C strings."""
    return text.encode("utf-8", "replace").decode().replace("\0", " ")
