"""Memo: what was worked out for one picture and may hold for the next."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")
MOST = 16  # values: embeddings and latents are small


class Memo:
    """The values used last, by key."""

    def __init__(self) -> None:
        self._values: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of that key: made if it is not known. What `make` raises is not remembered."""
        if key not in self._values:
            self._values[key] = make()
            while len(self._values) > MOST:
                self._values.popitem(last=False)
        self._values.move_to_end(key)
        return self._values[key]
