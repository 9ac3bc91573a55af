"""Document: a picture in the making, with all its past; what it does to itself is kept as it is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal

from desktop.canvas.history import History, Step, spill
from desktop.canvas.journal import Journal
from desktop.canvas.snapshot import Snapshot

Later = Callable[[Callable[[], object]], object]  # does something soon, in order, in another thread


class Document(QObject):
    """Snapshots, one after the other. `snapshot` is what is seen: the present step, or a trial that is no step yet."""

    changed = Signal(object)  # Snapshot that is seen now
    stepped = Signal()  # what can be undone or done again is other than before

    def __init__(
        self,
        journal: Journal,
        later: Later,
        budget: Callable[[], int],
        history: History | None = None,
        first: Snapshot | None = None,
        parent: QObject | None = None,
    ):
        """`budget`: bytes of memory that the past may take. Without a history it begins anew, with `first`."""
        super().__init__(parent)
        self.journal = journal
        self._later = later
        self._budget = budget
        self.history = history or History.beginning(first or Snapshot.new())
        self._trial: Snapshot | None = None
        if history is None:
            self._keep()

    @property
    def snapshot(self) -> Snapshot:
        return self._trial or self.history.present.snapshot

    def do(self, name: str, snapshot: Snapshot, merge: str = "") -> None:
        """A step onwards. One that says how it merges takes the place of the one before if that says the same."""
        self._trial = None
        self.history.take(name, snapshot, merge)
        self._keep()
        self._tell()

    def amend(self, edit: Callable[[Snapshot], Snapshot]) -> None:
        """Changes what is not worth a step: which layer is active."""
        self._trial = None
        self.history.amend(edit(self.history.present.snapshot))
        self._keep()
        self.changed.emit(self.snapshot)

    def show(self, trial: Snapshot | None) -> None:
        """What a tool is about to do; None gives it up."""
        self._trial = trial
        self.changed.emit(self.snapshot)

    def undo(self) -> None:
        self._go(-1)

    def redo(self) -> None:
        self._go(1)

    def _go(self, by: int) -> None:
        if 0 <= self.history.at + by < len(self.history.steps):
            self._trial = None
            self.history.at += by
            self._keep()
            self._tell()

    def _keep(self) -> None:
        steps = tuple(self.history.steps)
        self._later(partial(_keep, self.journal, steps, self.history.at, self._budget()))

    def _tell(self) -> None:
        self.changed.emit(self.snapshot)
        self.stepped.emit()


def _keep(journal: Journal, steps: Sequence[Step], at: int, budget: int) -> None:
    journal.sync(steps, at)
    spill(steps, budget)
