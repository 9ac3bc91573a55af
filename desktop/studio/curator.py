"""Curator: what people do with the chosen pictures of the gallery: rate, tag, collect, throw away."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import QObject, Signal

from desktop.library.marks import Marks
from desktop.studio.gallery import Gallery
from desktop.studio.notice import Kind, Notice


class Curator(QObject):
    """Works in the gallery's lane, on what is chosen there unless other ids are given."""

    noticed = Signal(object)  # Notice

    def __init__(self, gallery: Gallery, parent: QObject | None = None):
        super().__init__(parent)
        self._gallery = gallery
        self._marks, self._library = gallery.marks, gallery.library

    def rate(self, stars: int) -> None:
        self._change(lambda ids: self._marks.rate(ids, stars))

    def tag(self, names: str) -> None:
        """Commas divide several."""
        self._change(lambda ids: self._marks.tag(ids, names))

    def untag(self, name: str) -> None:
        self._change(lambda ids: self._marks.untag(ids, name))

    def collect(self, name: str, ids: Iterable[int] | None = None) -> None:
        """Into the collection of that name, which is made if there is none."""
        self._change(lambda wanted: self._marks.collect(wanted, name), ids)

    def release(self, name: str) -> None:
        """Out of the collection."""
        self._change(lambda ids: self._marks.release(ids, name))

    def change_collections(self, change: Callable[[Marks], object]) -> None:
        self._gallery.lane.send(partial(change, self._marks), lambda _: self._gallery.refresh())

    def trash(self) -> None:
        """With the way back in the notice."""
        ids = self._gallery.chosen
        self._change(self._library.trash)
        words = "The picture is" if len(ids) == 1 else f"{len(ids)} pictures are"
        back = ("Undo", partial(self._change, self._library.restore, ids))
        self.noticed.emit(Notice(Kind.DONE, f"{words} in the trash.", actions=(back,)))

    def restore(self) -> None:
        """Out of the trash."""
        self._change(self._library.restore)

    def delete(self) -> None:
        """For good, their thumbnails first: of a picture that is left these are made again."""

        def work(ids: list[int]) -> None:
            self._gallery.thumbnails.remove(ids)
            self._library.delete(ids)

        self._change(work)

    def _change(self, work: Callable[[list[int]], object], ids: Iterable[int] | None = None) -> None:
        wanted = list(self._gallery.chosen if ids is None else ids)
        self._gallery.lane.send(partial(work, wanted), lambda _: self._gallery.refresh(wanted))
