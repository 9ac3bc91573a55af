"""Stage: which picture is seen, in the middle of the window or over the canvas."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from desktop.studio import pictures
from desktop.studio.observable import Observable, Observed
from desktop.studio.results import Result, Results
from desktop.studio.scene import Spot
from desktop.studio.worker import Errands

if TYPE_CHECKING:
    from desktop.raster import Raster


class Stage(Observable):
    """A picture, or the preview of one on its way. `follows`: shows what is being made, until people look elsewhere.

    `is_candidate`: it lies over the canvas, at its spot or where the frame is, until it is taken or set aside.
    """

    picture = Observed["Raster | None"](None)
    size = Observed[tuple[int, int]]((0, 0))  # in pixels of the finished picture: a preview has fewer
    spot: Spot | None = None
    is_whole = False  # a finished picture, rather than a preview
    result = Observed[Result | None](None)  # which of the results it is, if any
    rival = Observed["Raster | None"](None)  # compared with it: seen to the right of the divider
    follows = Observed(True)
    is_candidate = Observed(False)

    def __init__(self, results: Results, errands: Errands, parent: QObject | None = None):
        super().__init__(parent)
        self._results = results
        self._errands = errands
        self._wish: object = None  # stands for what is to be seen as soon as it has been read
        self._wished: Result | None = None  # the last one that was to be seen, until something is

    def preview(self, picture: Raster, width: int, height: int, spot: Spot | None = None) -> None:
        if self.follows:
            self._put(picture, (width, height), None, spot, is_whole=False)

    def made(self, picture: Raster, result: Result) -> None:
        if self.follows:
            self._put(picture, (picture.width, picture.height), result, result.spot)

    def show_live(self, picture: Raster, spot: Spot | None) -> None:
        """A picture of the moment, which is none of the results."""
        self._put(picture, (picture.width, picture.height), None, spot)

    def set_aside(self) -> None:
        """The canvas is seen again; what is being made goes to the strip only, until the next Generate."""
        self.follows = self.is_candidate = False

    def begin(self) -> None:
        """With the newest result, where nothing else has come meanwhile; not over the canvas."""

        def then(newest: Result, raster: Raster) -> None:
            self._show(newest, raster)
            self.is_candidate = False

        if self.picture is None and (newest := self._results.neighbour(None, 0)):
            self._fetch(newest, partial(then, newest))

    def show(self, result: Result | None) -> None:
        """That result; from now on what is being made is seen in the strip only, until the next Generate."""
        if result is not None:
            self.follows = False
            self._wished = result
            self._fetch(result, partial(self._show, result))

    def step(self, by: int) -> None:
        """The result `by` places further on in the strip."""
        self.show(self._results.neighbour(self._wished or self.result, by))

    def compare(self, left: Result, right: Result) -> None:
        """Both, with a divider between them."""

        def then(raster: Raster) -> None:
            self._show(left, raster)
            self._fetch(right, partial(setattr, self, "rival"))

        self.follows = False
        self._fetch(left, then)

    def with_raster(self, result: Result, then: Callable[[Raster], object]) -> None:
        """Calls `then` with the whole picture: at once, or when it has been read."""
        if raster := self._results.held(result):
            then(raster)
            return

        def hold(raster: Raster) -> None:
            self._results.hold(result, raster)
            then(raster)

        self._errands.send(partial(pictures.read, result), hold)

    def _fetch(self, result: Result, then: Callable[[Raster], object]) -> None:
        """As `with_raster`, unless something else is wanted or seen by the time it has been read."""
        self._wish = wish = object()
        self.with_raster(result, lambda raster: then(raster) if self._wish is wish else None)

    def _show(self, result: Result, raster: Raster) -> None:
        self._put(raster, (raster.width, raster.height), result, result.spot)

    def _put(
        self,
        picture: Raster,
        size: tuple[int, int],
        result: Result | None,
        spot: Spot | None,
        is_whole: bool = True,
    ) -> None:
        self._wish = self._wished = self.rival = None
        self.spot, self.is_whole, self.result = spot, is_whole, result
        self.size, self.picture = size, picture
        self.is_candidate = True
