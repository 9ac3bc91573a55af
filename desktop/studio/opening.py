"""Opening: pictures that come in, and recipes that are taken up again."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QFileSystemWatcher, QObject, Signal

from desktop.engine.api import Job
from desktop.library.handover import Handover
from desktop.library.inputs import Inputs
from desktop.recipe import KINDS, Recipe
from desktop.studio import pictures
from desktop.studio.documents import Documents
from desktop.studio.notice import Kind, Notice
from desktop.studio.plan import EXPAND
from desktop.studio.results import Result
from desktop.studio.session import Session
from desktop.studio.shelf import Shelf
from desktop.studio.stage import Stage
from desktop.studio.worker import Errands

if TYPE_CHECKING:
    from desktop.library.metadata.description import Description
    from desktop.raster import Raster

MOST_WORDS = 120  # characters of what is not used, in a notice: its details have all


class Opening(QObject):
    """Fills the session from pictures."""

    noticed = Signal(object)  # Notice
    handed_over = Signal(list)  # files that another launch was given
    hashes_wanted = Signal(object)  # Description: of the models here one may have the hash that it tells

    def __init__(
        self,
        session: Session,
        stage: Stage,
        shelf: Shelf,
        documents: Documents,
        inputs: Inputs,
        errands: Errands,
        parent: QObject | None = None,
    ):
        super().__init__(parent)
        self._session, self._stage, self._shelf = session, stage, shelf
        self._documents, self._inputs, self._errands = documents, inputs, errands

    def listen(self, handover: Handover) -> None:
        """Takes what other launches hand over, now and from now on."""
        handover.folder.mkdir(parents=True, exist_ok=True)
        self._watcher = QFileSystemWatcher([str(handover.folder)], self)
        self._watcher.directoryChanged.connect(lambda _: self._take_over(handover))
        self._take_over(handover)

    def _take_over(self, handover: Handover) -> None:
        self._errands.send(handover.take, lambda files: None if files is None else self.handed_over.emit(files))

    def open(self, file: Path) -> None:
        """One that says how it was made restores that; any other picture becomes the source."""
        self._errands.send(partial(pictures.open_picture, file), self._opened)

    def start_from(self, read: Callable[[], Raster]) -> None:
        """The picture that `read` gives, in the lane, becomes the source."""
        self._errands.send(lambda: pictures.with_hash(read()), self._session.start_from)

    def start_from_result(self, result: Result) -> None:
        self._stage.with_raster(result, lambda raster: self.start_from(lambda: raster))

    def use_recipe(self, recipe: Recipe) -> None:
        """All is set as that recipe says."""
        self._gather(recipe, self._inputs.find)

    def use_job(self, job: Job) -> None:
        """The same with a job's recipe; the pictures that it starts from may be nowhere but in the job."""
        self._gather(job.work, lambda sha256: job.inputs.get(sha256) or self._inputs.find(sha256))

    def use_description(self, description: Description) -> None:
        """All is set as far as a picture says how it was made, here or by another program."""
        self._gather(self._session.completed(description.recipe), self._inputs.find, description)

    def use_seed(self, seed: int) -> None:
        self._session.seed, self._session.seed_locked = seed, True

    def restore_source(self, sha256: str) -> None:
        """The source of the last time, if it is still there."""
        self._errands.send(partial(self._inputs.find, sha256), self._restore_source)

    def _restore_source(self, picture: Raster | None) -> None:
        self._session.wanted_source = ""
        if self._session.source is None:
            self._session.source = picture

    def _opened(self, opened: pictures.Opened) -> None:
        if opened.description.recipe:
            self.use_description(opened.description)
        else:
            self._session.start_from(opened.raster)

    def _gather(
        self, recipe: Recipe, find: Callable[[str], Raster | None], description: Description | None = None
    ) -> None:
        work = partial(pictures.gather, recipe, self._shelf.catalog(), find, description)
        self._errands.send(work, self._use)

    def _use(self, found: pictures.Ingredients) -> None:
        recipe = found.recipe
        if found.source and recipe.source and (found.mask or recipe.source.intent == EXPAND):
            self._documents.lay(found.source, found.mask, found.recipe)
            self._session.use_on_canvas(found.recipe, found.model)
        else:
            self._session.use(found.recipe, found.model, found.source)
        if found.said and "seed" not in found.said.recipe:
            self._session.seed_locked = False
        by_hash = ("Look by its hash", partial(self.hashes_wanted.emit, found.said))
        self.noticed.emit(_verdict(found, (by_hash,) if found.tells_hash else ()))


def _without_place(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What no recipe of ours can hold yet."""
    return {name: value for name, value in fields.items() if name not in KINDS}


def _verdict(found: pictures.Ingredients, ways_to_find: tuple[tuple[str, Callable[[], object]], ...]) -> Notice:
    unused = {**found.said.unused, **_without_place(found.said.recipe)} if found.said else {}
    left = "\n".join(f"{name}: {value}" for name, value in unused.items())
    if found.model is None:
        name = "" if re.fullmatch("[0-9a-f]{64}", found.recipe.model) else f": {found.recipe.model}"
        hint = "The present one stays chosen, so the picture will differ."
        return Notice(Kind.WARNING, f"The model of this recipe is not here{name}.", hint, left, ways_to_find)
    if found.recipe.source and (found.source is None or (found.recipe.source.mask and found.mask is None)):
        hint = "Choose it anew, or the picture will differ."
        return Notice(Kind.WARNING, "The picture that this recipe starts from is not here.", hint, left)
    if found.is_namesake:
        hint = "Its hash is not the one that the picture tells, or is not known yet: the picture may differ."
        return Notice(Kind.WARNING, f"Found by its name only: {found.model.name}.", hint, left, ways_to_find)
    if found.lacks:
        hint = "Without them the picture will differ: Models > Find my models looks for those of other programs."
        return Notice(Kind.WARNING, f"This recipe needs what is not here: {', '.join(found.lacks)}.", hint, left)
    if unused:
        names = ", ".join(unused)
        words = names if len(names) <= MOST_WORDS else f"{names[:MOST_WORDS]}…"
        return Notice(Kind.INFO, "The recipe is restored as far as it goes.", f"Not used: {words}.", left)
    return Notice(Kind.DONE, "The recipe is restored.", "Generate makes the same picture again.")
