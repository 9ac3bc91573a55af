"""Saving: copies of pictures where people want them, and what becomes of those that could not be kept."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop.engine.api import Produced
from desktop.library.library import Library
from desktop.library.picture import Picture
from desktop.studio import pictures
from desktop.studio.gallery import Gallery
from desktop.studio.notice import Kind, Notice
from desktop.studio.results import Result, Results
from desktop.studio.stage import Stage
from desktop.studio.worker import Errands


class Saving(QObject):
    """Works in the lane for pictures."""

    noticed = Signal(object)  # Notice

    def __init__(
        self, results: Results, stage: Stage, gallery: Gallery, errands: Errands, parent: QObject | None = None
    ):
        super().__init__(parent)
        self._results, self._stage, self._gallery, self._errands = results, stage, gallery, errands

    def save_as(self, result: Result, file: Path) -> None:
        """A copy of the picture, recipe included."""
        self._errands.send(partial(pictures.save_copy, result, file), partial(self._saved, result))

    @property
    def homeless(self) -> list[Result]:
        """Pictures that are in memory only, since they could not be kept."""
        return [result for result in self._results.all if result.is_homeless]

    def keep_again(self) -> None:
        """Those that could not be kept, now that there may be room."""
        for result in self.homeless:
            assert result.raster
            produced = Produced(result.raster, result.recipe, result.said.made)
            self._errands.send(partial(self._gallery.library.add, produced, 0.0), partial(self._kept, result))

    def _kept(self, result: Result, picture: Picture) -> None:
        self._replace(result, Result.of(picture, result.thumbnail, result.spot))
        self._gallery.refresh()

    def _saved(self, result: Result, file: Path) -> None:
        if result.file is None:
            self._replace(result, result.kept_as(file))
            if result.is_homeless:
                self._errands.send(partial(_adopt, self._gallery.library, file), lambda _: self._gallery.refresh())
        self.noticed.emit(Notice(Kind.DONE, f"Saved as {file.name}."))

    def _replace(self, result: Result, kept: Result) -> None:
        self._results.replace(result, kept)
        if self._stage.result is result:
            self._stage.result = kept


def _adopt(library: Library, file: Path) -> None:
    """A picture that could be saved elsewhere only is found in the library all the same."""
    from desktop.library.arriving import arrival_of

    library.adopt([arrival_of(file)])
