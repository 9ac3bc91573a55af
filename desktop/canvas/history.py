"""History: every step that was taken, which of them is the present one, and how much memory the past may take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from desktop.canvas.snapshot import Snapshot
from desktop.canvas.tiles import Tile


@dataclass(frozen=True, eq=False)
class Step:
    """What was done, and how all was after it. A step takes the place of the one before it if both `merge` alike."""

    name: str
    snapshot: Snapshot
    merge: str = ""
    replaced: tuple[Tile, ...] = field(default=(), repr=False)  # what the step before had, and this one has not


class History:
    """Steps that can be undone and done again; the first one is how the document began."""

    def __init__(self, steps: Sequence[Step], at: int):
        self.steps = list(steps)
        self.at = at

    @staticmethod
    def beginning(snapshot: Snapshot) -> History:
        return History([Step("New document", snapshot)], 0)

    @property
    def present(self) -> Step:
        return self.steps[self.at]

    @property
    def can_undo(self) -> bool:
        return self.at > 0

    @property
    def can_redo(self) -> bool:
        return self.at + 1 < len(self.steps)

    def take(self, name: str, snapshot: Snapshot, merge: str = "") -> Step:
        """A step onwards; what had been undone is gone."""
        if merge and self.can_undo and not self.can_redo and self.present.merge == merge:
            self.at -= 1
        before = self.present.snapshot
        step = Step(name, snapshot, merge, replaced(before, snapshot))
        self.steps[self.at + 1 :] = [step]
        self.at += 1
        return step

    def amend(self, snapshot: Snapshot) -> None:
        """The present step is otherwise than it was, in what is not worth a step of its own."""
        present = self.present
        self.steps[self.at] = Step(present.name, snapshot, present.merge, present.replaced)


def replaced(before: Snapshot, after: Snapshot) -> tuple[Tile, ...]:
    """The tiles that only the former has."""
    kept = {id(tile) for tile in _tiles(after)}
    return tuple(tile for tile in _tiles(before) if id(tile) not in kept)


def _tiles(snapshot: Snapshot) -> list[Tile]:
    planes = [snapshot.selection, *(layer.plane for layer in snapshot.layers)]
    return [tile for plane in planes for tile in plane.tiles.values()]


def spill(steps: Sequence[Step], budget: int) -> None:
    """Lets go of the past's pixels, the oldest first, until the rest takes at most `budget` bytes; from any thread."""
    past = [tile for step in reversed(steps) for tile in step.replaced]  # the newest first
    for tile in past:
        budget -= tile.bytes_in_memory
        if budget < 0:
            tile.let_go()
