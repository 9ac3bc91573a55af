"""Paints until it is killed: `python -m tests.canvas.painter FILE SEED`. Tells of each step once it has been kept."""

from __future__ import annotations

import hashlib
import os
import sys
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

from desktop.canvas.document import Document
from desktop.canvas.journal import Journal
from desktop.canvas.snapshot import Snapshot
from desktop.canvas.tools.kit import Kit
from tests.canvas.things import act, print_of

DEEDS = ("brush", "brush", "eraser", "mask", "bucket", "rectangle", "place", "move", "add layer", "duplicate", "invert")
AHEAD = 4  # steps that may wait to be kept


def digest(snapshot: Snapshot) -> str:
    return hashlib.sha1(repr(print_of(snapshot)).encode()).hexdigest()


class Lane:
    """Keeps in a thread of its own, and tells."""

    def __init__(self, journal: Journal):
        self._pool = ThreadPoolExecutor(1)
        self._waiting: list[Callable[[], object]] = []
        self.document = Document(journal, self.send, lambda: 0, journal.load())

    def send(self, work: Callable[[], object]) -> None:
        if hasattr(self, "document"):  # else it is the beginning
            history = self.document.history
            self._waiting.append(self._pool.submit(self._keep, work, history.at, history.present.snapshot).result)
        else:
            work()
        while len(self._waiting) > AHEAD:
            self._waiting.pop(0)()

    def _keep(self, work: Callable[[], object], at: int, snapshot: Snapshot) -> None:
        try:
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        print(at, digest(snapshot), flush=True)


def main() -> None:
    file, random = Path(sys.argv[1]), Random(int(sys.argv[2]))
    kit = Kit(Lane(Journal(file)).document)
    while True:
        if len(kit.document.snapshot.layers) > 8:
            act(kit, "flatten", 0)
        act(kit, random.choice(DEEDS), random.randrange(10**6))


if __name__ == "__main__":
    main()
