"""What the program stands on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from desktop import versions
from desktop.check.trial import Missing, Trial


def trials() -> Iterator[Trial]:
    for name, words in versions.facts().items():
        yield Trial(name, partial(_known, words))


def _known(words: str) -> str:
    if words == versions.NOT_HERE:
        raise Missing(words)
    return words
