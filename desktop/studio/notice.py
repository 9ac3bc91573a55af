"""Notice: something that people should hear of, and what they can do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from desktop.engine.api import Failed


class Kind(StrEnum):
    """How much it matters."""

    DONE = "done"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Notice:
    """What happened, what to do, details to copy, and up to two actions: words and what they do.

    `is_reported`: a bug or a dead engine, which is written down for whoever is to mend it.
    """

    kind: Kind
    message: str
    hint: str = ""
    details: str = ""
    actions: tuple[tuple[str, Callable[[], object]], ...] = ()
    is_reported: bool = False

    @staticmethod
    def of(failed: Failed, *actions: tuple[str, Callable[[], object]]) -> Notice:
        return Notice(Kind.ERROR, failed.message, failed.hint, failed.trace, actions, is_reported=bool(failed.trace))
