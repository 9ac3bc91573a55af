"""Gallery: which pictures of the library are looked for, found and chosen."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.library import thumbnails
from desktop.library.choices import choices
from desktop.library.library import Library
from desktop.library.marks import Marks
from desktop.library.picture import Picture
from desktop.library.query import Query
from desktop.library.thumbnails import Made, Thumbnails
from desktop.studio.cards import Card, cards
from desktop.studio.observable import Observable, Observed
from desktop.studio.results import MOST, Result
from desktop.studio.worker import Errands

if TYPE_CHECKING:
    from desktop.raster import Raster

AT_ONCE = 6  # cards that are read in one go, so that another wish is soon heard
MOST_DETAILS = 100  # chosen pictures that are read whole
FIRST = 1000  # of what is found: more than any screen shows
LOOK_AGAIN = 2000  # ms between looks for what other processes have changed
TIDIES = 5000  # ms after the start: it takes long in a large library, and the first pictures do not wait for it


class Gallery(Observable):
    """Reads by a lane of its own; whatever is shown is asked for, and comes by signals."""

    query = Observed(Query())
    found = Observed[array](array("q"))  # ids, in order
    chosen = Observed[tuple[int, ...]](())
    pictures = Observed[tuple[Picture, ...]](())  # those chosen, the first MOST_DETAILS of them
    lost: frozenset[int] = frozenset()  # ids of these whose files are not there
    tags = Observed[tuple[str, ...]](())
    collections = Observed[tuple[tuple[str, int], ...]](())  # with how many they hold
    choices = Observed[dict[str, list[str]]]({})
    active = Observed(False)  # whether it is in front
    is_known = Observed(False)  # what is found, after the launch
    cards_came = Signal(list)  # of Card
    stale = Signal(object)  # ids whose cards are to be asked for again, None for all

    def __init__(self, library: Library, small: Thumbnails, parent: QObject | None = None):
        super().__init__(parent)
        self.library = library
        self.marks = Marks(library.database)
        self.thumbnails = small
        self.lane = Errands("gallery", self)
        self._asked = 0  # how often it was searched: what comes of an earlier time is not wanted
        self._wish: Sequence[int] = ()
        self._side = thumbnails.SIDES[1]
        self._reading = False
        self._changes = (0, 0)
        self._watch = QTimer(self, interval=LOOK_AGAIN)
        self._watch.timeout.connect(self._look_for_changes)

    def start(self, then: Callable[[list[Card]], object]) -> None:
        """What was interrupted is finished first; `then` gets the newest pictures that were made here."""
        self.lane.send(self.library.finish)
        self.lane.send(self._newest, then)
        self.refresh()
        self.lane.send(self.library.changes, partial(setattr, self, "_changes"))
        QTimer.singleShot(TIDIES, self, lambda: self.lane.send(self.library.tidy))
        self._watch.start()

    # ------------------------------------------------------------ what is looked for

    def search(self, query: Query) -> None:
        """Of what was chosen in another place, the trash say, nothing stays chosen."""
        if (query.trashed, query.collection) != (self.query.trashed, self.query.collection):
            self.choose(())
        self.query = query
        self._find(FIRST, None)  # what can be seen comes sooner than all that there is

    def narrow(self, **changes: object) -> None:
        """The same query with other values."""
        self.search(replace(self.query, **changes))  # pyright: ignore[reportArgumentType]

    def refresh(self, ids: Iterable[int] | None = None) -> None:
        """After something has changed: these pictures, or which there are."""
        self._find(None)
        self.lane.send(self.marks.tags, lambda tags: setattr(self, "tags", tuple(tags)))
        self.lane.send(self.marks.collections, lambda rows: setattr(self, "collections", tuple(rows)))
        if ids is not None:
            self.stale.emit(list(ids))
        self._read_chosen()

    def look_for_choices(self) -> None:
        self.lane.send(partial(choices, self.library.database), partial(setattr, self, "choices"))

    def wish(self, ids: Sequence[int], side: int) -> None:
        """Cards that are seen and not there yet, with thumbnails of that side: they come soon. Earlier wishes end."""
        self._wish, self._side = list(ids), side
        self._read_on()

    def take(self, picture: Picture, raster: Raster) -> None:
        """A new picture of the library: it is shown, and gets its thumbnails while it is in memory."""
        self.refresh()
        self.lane.send(partial(self._make_thumbnails, picture, raster))

    # ------------------------------------------------------------ what is chosen

    def choose(self, ids: Iterable[int]) -> None:
        self.chosen = tuple(ids)
        read = self.chosen[:MOST_DETAILS]
        self.pictures = tuple(each for each in self.pictures if each.id in read)  # never of another choice
        self._read_chosen()

    @property
    def results(self) -> list[Result]:
        """The chosen ones that have been read, as the rest of the studio knows pictures."""
        return [Result.of(picture, None) for picture in self.pictures]

    # ------------------------------------------------------------ inside

    def _newest(self) -> list[Card]:
        ids = [picture.id for picture in self.library.recent(MOST)]
        return cards(self.library, self.thumbnails, ids, thumbnails.SIDES[1])

    def _make_thumbnails(self, picture: Picture, raster: Raster) -> None:
        with suppress(OSError):  # its file is gone again
            stamp = thumbnails.stamp_of(picture.file)
            self.thumbnails.put([Made(picture.id, stamp, thumbnails.made_of(raster.image()))])

    def _find(self, *most: int | None) -> None:
        """So many at first, and so on; None for all."""
        self._asked += 1
        for count in most:
            self.lane.send(partial(self._ids, self._asked, count), self._take_found)

    def _ids(self, asked: int, most: int | None) -> array[int] | None:
        """In the lane. None where something else has been asked for meanwhile."""
        return self.library.ids(self.query, most) if asked == self._asked else None

    def _take_found(self, ids: array[int] | None) -> None:
        if ids is not None:
            self.found = ids
            self.is_known = True

    def _read_chosen(self) -> None:
        wanted = self.chosen[:MOST_DETAILS]

        def work() -> tuple[tuple[Picture, ...], frozenset[int]]:
            pictures = tuple(self.library.pictures(wanted))
            return pictures, frozenset(each.id for each in pictures if thumbnails.missing(each))

        def then(found: tuple[tuple[Picture, ...], frozenset[int]]) -> None:
            if wanted == self.chosen[:MOST_DETAILS]:
                pictures, lost = found
                if lost != self.lost:
                    self.lost, self.pictures = lost, ()  # so that they are shown anew
                self.pictures = pictures

        self.lane.send(work, then)

    def _read_on(self) -> None:
        if self._wish and not self._reading:
            self._reading = True
            ids, self._wish = self._wish[:AT_ONCE], self._wish[AT_ONCE:]
            self.lane.send(partial(cards, self.library, self.thumbnails, ids, self._side), self._came, self._failed)

    def _came(self, cards: list[Card]) -> None:
        self._reading = False
        self.cards_came.emit(cards)
        self._read_on()

    def _failed(self, failed: object) -> None:
        self._reading, self._wish = False, ()
        self.lane.failed.emit(failed)

    def _look_for_changes(self) -> None:
        if self.active:
            self.lane.send(self.library.changes, self._compare)

    def _compare(self, changes: tuple[int, int]) -> None:
        before, self._changes = self._changes, changes
        if before != changes:
            self.refresh()
