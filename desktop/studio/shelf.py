"""Shelf: the models at hand."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from desktop.models.extras import NO_EXTRAS, Extras
from desktop.settings import Settings
from desktop.studio.memory import Memory
from desktop.studio.observable import Observable, Observed, watch
from desktop.studio.session import Session
from desktop.studio.worker import Errands

if TYPE_CHECKING:
    from desktop.models.catalog import Catalog
    from desktop.models.model import Model


class Shelf(Observable):
    """Looks through the folders, and gives the session its model."""

    models = Observed["tuple[Model, ...]"](())
    extras = Observed[Extras](NO_EXTRAS)

    def __init__(self, session: Session, memory: Memory, errands: Errands, parent: QObject | None = None):
        super().__init__(parent)
        self._session = session
        self._memory = memory
        self._errands = errands
        self._folders = memory.settings.models_folders
        self._closing = threading.Event()
        watch(memory, "settings", self._settings_changed, self)

    def catalog(self) -> Catalog:
        """From any thread."""
        from desktop.models.catalog import Catalog  # here: the first frame comes sooner

        return Catalog(folders=self._memory.settings.models_folders, stopped=self._closing.is_set)

    def look(self, then: Callable[[Catalog], object] = lambda _: None) -> None:
        """Finds the models anew; the session keeps its own, or the built-in one stands in for it.

        `then` gets the catalog as it was found.
        """

        def found(at_hand: tuple[Extras, list[Model], Catalog]) -> None:
            self.extras, models, still = at_hand
            self._place(models)
            then(still)

        self._errands.send(partial(_at_hand, self.catalog()), found)

    def open(self, folder: Path) -> None:
        """A model from wherever it lies becomes the session's, and is remembered."""

        def found(model: Model) -> None:
            self._session.choose(model)
            self.look()

        self._errands.send(partial(self.catalog().find, str(folder)), found)

    def close(self) -> None:
        """Looks that are under way end soon."""
        self._closing.set()

    def _settings_changed(self, settings: Settings) -> None:
        if settings.models_folders != self._folders:
            self._folders = settings.models_folders
            self.look()

    def _place(self, models: list[Model]) -> None:
        self.models = tuple(models)
        self._session.place(models)


def _at_hand(catalog: Catalog) -> tuple[Extras, list[Model], Catalog]:
    """By one look."""
    still = catalog.snapshot()
    return Extras.of(still.extras()), list(still.models()), still
