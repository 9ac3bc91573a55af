"""Suggestions: well-known models by what they are good for, a row each in resources/getting/suggestions.json."""

from __future__ import annotations

import json
from dataclasses import dataclass

from desktop.models.getting.huggingface import TERMS
from desktop.models.getting.licenses import license_of
from desktop.models.getting.network import HUGGING_FACE, Network
from desktop.models.getting.offer import Offer
from desktop.paths import RESOURCES

FILE = RESOURCES / "getting" / "suggestions.json"
COUNT = 6  # that are proposed at once


@dataclass(frozen=True)
class Suggestion:
    """What for, in a word and in a sentence; a repository of the hub, and which of its choices."""

    use: str
    words: str
    name: str
    id: str
    choice: str
    family: str
    license: str  # as the hub calls it
    gigabytes: float  # to download, roughly
    memory: float  # gigabytes that what computes should have
    gated: bool = False

    @property
    def offer(self) -> Offer:
        """As a search would find it; its details are still to be asked for."""
        page = f"{Network.hub}/{self.id}"
        return Offer(
            site=HUGGING_FACE,
            id=self.id,
            name=self.name,
            author=self.id.partition("/")[0],
            kind="checkpoint",
            family=self.family,
            license=license_of(self.license, page),
            page=page,
            terms=TERMS["auto"] if self.gated else "",
        )


def suggestions() -> tuple[Suggestion, ...]:
    """All rows, the smallest first."""
    return tuple(Suggestion(**row) for row in json.loads(FILE.read_text(encoding="utf-8")))


def proposals(memory: int) -> tuple[Suggestion, ...]:
    """Six for a device of so many bytes: of those that suit it the largest, and the smallest of the others."""
    rows = suggestions()
    suited = [row for row in rows if row.memory * 1e9 <= memory][-COUNT:]
    return tuple([*suited, *(row for row in rows if row.memory * 1e9 > memory)][:COUNT])
