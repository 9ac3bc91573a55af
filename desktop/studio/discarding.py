"""Discarding: model files go to the system's trash, and come back; for good only where people say so again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal

from desktop.engine.api import Failed
from desktop.errors import UserError
from desktop.studio import trash
from desktop.studio.notice import Kind, Notice
from desktop.studio.sifting import Item
from desktop.studio.trash import Thrown
from desktop.studio.worker import Errands


@dataclass(frozen=True)
class _Outcome:
    """Of a file: where it is now, or why it stays."""

    item: Item
    thrown: Thrown | None = None
    stays: UserError | None = None


class Discarding(QObject):
    """By that lane."""

    noticed = Signal(object)  # Notice
    gone = Signal(object)  # list of Items
    returned = Signal()

    def __init__(self, lane: Errands, parent: QObject | None = None):
        super().__init__(parent)
        self._lane = lane

    def throw_away(self, items: Sequence[Item]) -> None:
        """To the trash, with the way back for all of them in the notice."""
        self._lane.send(lambda: [_thrown(item) for item in items], self._tell)

    def _tell(self, outcomes: Sequence[_Outcome]) -> None:
        gone = {each.item: each.thrown for each in outcomes if each.thrown and not each.thrown.refused}
        refused = {each.item: each.thrown for each in outcomes if each.thrown and each.thrown.refused}
        stays = {each.item: each.stays for each in outcomes if each.stays}
        if gone:
            can_return = all(thrown.can_return for thrown in gone.values())
            back = ("Undo", partial(self._bring_back, [*gone.values()]))
            self._say(f"{_named([*gone])} in the trash.", *([back] if can_return else []))
            self.gone.emit([*gone])
        if refused:
            reason = next(iter(refused.values())).reason or "There is none on its disk."
            delete = ("Delete for good", partial(self._delete, refused))
            message = f"{_many([*refused])} cannot go to the trash."
            self.noticed.emit(Notice(Kind.WARNING, message, reason, actions=(delete,)))
        for error in stays.values():
            self.noticed.emit(Notice(Kind.ERROR, error.message, error.hint))

    def _bring_back(self, all: Sequence[Thrown]) -> None:
        def failed(failed: Failed) -> None:
            self.noticed.emit(Notice.of(failed))
            self.returned.emit()  # of others that did come

        self._lane.send(partial(_bring_back, all), lambda _: self.returned.emit(), failed)

    def _delete(self, refused: dict[Item, Thrown]) -> None:
        def then(_: None) -> None:
            self._say(f"{_named([*refused])} deleted.")
            self.gone.emit([*refused])

        paths = [path for thrown in refused.values() for path in thrown.refused]
        self._lane.send(partial(trash.delete, paths), then)

    def _say(self, message: str, *actions: tuple[str, Callable[[], object]]) -> None:
        self.noticed.emit(Notice(Kind.DONE, message, actions=actions))


def _thrown(item: Item) -> _Outcome:
    """In the lane: one that must stay keeps no other from going."""
    try:
        return _Outcome(item, trash.throw_away(item.entry.path))
    except UserError as error:
        return _Outcome(item, stays=error)


def _bring_back(all: Sequence[Thrown]) -> None:
    """In the lane, as many as will. Raises UserError for the last that does not."""
    lost: UserError | None = None
    for thrown in all:
        try:
            trash.bring_back(thrown)
        except UserError as error:
            lost = error
    if lost:
        raise lost


def _many(items: Sequence[Item]) -> str:
    return items[0].title if len(items) == 1 else f"{len(items)} models"


def _named(items: Sequence[Item]) -> str:
    return f"{_many(items)} {'is' if len(items) == 1 else 'are'}"
