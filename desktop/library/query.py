"""Query: which pictures of the library are wanted, and in which order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
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
TEXTS = ("c0", "c2", "c4", "c3", "c1")  # as the index keeps them: prompt, model, tags, LoRAs, negative prompt
WILD = re.compile(r"(?=[%_!])")  # before what LIKE takes for more than itself
MOST_TERMS = 20  # of a search; what people paste by mistake is not searched to its end
LONGEST_TERM = 100
Condition = tuple[str, tuple[Any, ...]]  # SQL and its values


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

    def sql(self) -> Condition:
        """Selects the ids, one a row, in their order."""
        place: Condition = ("trashed IS NOT NULL" if self.trashed else "trashed IS NULL", ())
        where, values = _joined([place, *self._conditions(), *_search(self.text)])
        return f"SELECT id FROM pictures WHERE {where} ORDER BY {self._order}", values

    @property
    def _order(self) -> str:
        order = SORTS[self.sort][1]
        return f"content, {order}" if self.duplicates else order  # beside each other

    def _conditions(self) -> Iterator[Condition]:
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


def _search(text: str) -> Iterator[Condition]:
    """Long parts by the index; short ones, which in some languages are whole words, by reading through the texts."""
    terms = [(phrase or word)[:LONGEST_TERM] for phrase, word in TERM.findall(_storable(text))][:MOST_TERMS]
    indexed = [term for term in terms if len(term) >= INDEXED]
    wanted = " ".join('"{}"'.format(term.replace('"', '""')) for term in indexed)
    by_index: list[Condition] = [("id IN (SELECT rowid FROM words WHERE words MATCH ?)", (wanted,))] if indexed else []
    by_reading = [_contains(term) for term in terms if 0 < len(term) < INDEXED]
    if by_reading:  # only what the index has found, and past it: its own table takes twice as long
        where, values = _joined([*by_index, *by_reading])
        yield f"id IN (SELECT id FROM words_content WHERE {where})", values
    else:
        yield from by_index


def _contains(term: str) -> Condition:
    pattern = f"%{WILD.sub('!', term)}%"
    anywhere = " OR ".join(f"{name} LIKE ? ESCAPE '!'" for name in TEXTS)
    return f"({anywhere})", (pattern,) * len(TEXTS)


def _joined(conditions: Sequence[Condition]) -> Condition:
    """All of them hold."""
    return " AND ".join(sql for sql, _ in conditions), tuple(value for _, values in conditions for value in values)


def _storable(text: str) -> str:
    """Without what no text can hold: halves of characters, and the end of all C strings."""
    return text.encode("utf-8", "replace").decode().replace("\0", " ")
