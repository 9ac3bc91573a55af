"""Discarding: model files go to the system's trash, and come back; for good only where people say so again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from desktop.studio import trash
from desktop.studio.notice import Kind, Notice
from desktop.studio.sifting import Item
from desktop.studio.worker import Errands


class Discarding(QObject):
    """By that lane."""

    noticed = Signal(object)  # Notice
    gone = Signal(object)  # Item
    returned = Signal()

    def __init__(self, lane: Errands, parent: QObject | None = None):
        super().__init__(parent)
        self._lane = lane

    def throw_away(self, item: Item) -> None:
        """To the trash, with the way back in the notice."""
        self._lane.send(partial(trash.throw_away, item.entry.path), partial(self._thrown, item))

    def _thrown(self, item: Item, thrown: trash.Thrown) -> None:
        if thrown.refused:
            delete = ("Delete for good", partial(self._delete, item, thrown))
            message, hint = f"{item.title} cannot go to the trash.", thrown.reason or "There is none on its disk."
            self.noticed.emit(Notice(Kind.WARNING, message, hint, actions=(delete,)))
            return
        back = ("Undo", partial(self._bring_back, thrown))
        self._say(f"{item.title} is in the trash.", *([back] if thrown.can_return else []))
        self.gone.emit(item)

    def _bring_back(self, thrown: trash.Thrown) -> None:
        self._lane.send(partial(trash.bring_back, thrown), lambda _: self.returned.emit())

    def _delete(self, item: Item, thrown: trash.Thrown) -> None:
        def then(_: None) -> None:
            self._say(f"{item.title} is deleted.")
            self.gone.emit(item)

        self._lane.send(partial(trash.delete, thrown.refused), then)

    def _say(self, message: str, *actions: tuple[str, Callable[[], object]]) -> None:
        self.noticed.emit(Notice(Kind.DONE, message, actions=actions))
