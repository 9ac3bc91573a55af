"""Outfit: what is done with model files: they go into the session, are examined, converted, out of memory."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop import tags
from desktop.engine.api import Checkup, Conversion, Converted, Event, Examined, Failed, Finished, Release
from desktop.errors import UserError
from desktop.models.entry import KINDS, RUNNABLE
from desktop.models.extras import Extra
from desktop.models.parts import ANOTHER, misfit, suits
from desktop.studio import quick
from desktop.studio.asides import Asides
from desktop.studio.clinic import details
from desktop.studio.notice import Kind, Notice
from desktop.studio.session import Session
from desktop.studio.shelf import Shelf
from desktop.studio.worker import Errands

if TYPE_CHECKING:
    from pathlib import Path

    from desktop.models.catalog import Catalog
    from desktop.models.entry import Entry


class Outfit(QObject):
    """Deeds on files of the catalog, and presets that bring theirs."""

    noticed = Signal(object)  # Notice
    converted = Signal(object, object)  # Paths: a pickle, and what was made of it
    file_came = Signal()  # it may not have been at hand before

    def __init__(self, session: Session, shelf: Shelf, errands: Errands, asides: Asides, parent: QObject | None = None):
        super().__init__(parent)
        self._session, self._shelf, self._errands, self._asides = session, shelf, errands, asides

    def use(self, entry: Entry) -> None:
        """For the next picture."""
        match entry.kind:
            case kind if kind in RUNNABLE:
                self._shelf.open(entry.path)
            case "lora":
                self._with_id(entry.path, lambda id: self._session.add_lora(Extra(id, (entry.path.stem,), entry).use))
            case "vae":
                self._use_in("vae", entry)
            case "text_encoder":
                self._use_in(self._place_of(entry), entry)
            case "embedding":
                self._session.say(tags.calling(entry.path.stem))
            case _:
                what = entry.problem or f"It is {KINDS[entry.kind]}, which a prompt cannot use."
                self.noticed.emit(Notice(Kind.WARNING, f"{entry.path.name} cannot be used for a picture.", what))

    def open(self, path: Path) -> None:
        """A file, or a diffusers folder, from wherever it lies."""

        def found(entry: Entry) -> None:
            self.file_came.emit()
            self.use(entry)

        self._errands.send(partial(_remembered, path, self._shelf.catalog()), found)

    def _use_in(self, component: str, entry: Entry) -> None:
        """In place of the model's own part, unless that cannot be; what will look wrong is told."""
        found = misfit(self._session.model, component, entry) if self._session.model else None
        if found:
            hint = "It is used all the same: pictures will look wrong." if found.loads else ANOTHER
            self.noticed.emit(Notice(Kind.WARNING, found.words, hint))
        if found is None or found.loads:
            self._with_id(entry.path, partial(self.use_part, component))

    def use_part(self, name: str, id: str) -> None:
        """A component from another file; with an empty id, the model's own."""
        others = {each: file for each, file in self._session.parts.items() if each != name}
        self._session.parts = others | ({name: id} if id else {})

    def choose_preset(self, name: str) -> None:
        try:
            quick.choose(self._session, self._shelf.extras, name)
        except UserError as error:
            self.noticed.emit(Notice(Kind.WARNING, error.message, error.hint))

    def check(self, entry: Entry) -> None:
        """Says what a LoRA does with the session's model."""
        if model := self._session.model:
            name = entry.path.stem
            self._with_id(entry.path, lambda id: self._asides.do(Checkup(model.id, id, name), self._tell_checkup))

    def convert(self, entry: Entry) -> None:
        """A pickle to safetensors beside it."""
        self._asides.do(Conversion(entry.path), partial(self._tell_conversion, entry.path))

    def unload(self) -> None:
        """Gives back the memory that the engine holds for models."""
        self._asides.do(Release(), self._tell_release)

    def _tell_checkup(self, event: Event) -> None:
        match event:
            case Examined(report):
                kind = Kind.DONE if report.works else Kind.WARNING
                self.noticed.emit(Notice(kind, report.verdict, details=details(report)))
            case Failed():
                self.noticed.emit(Notice.of(event))

    def _tell_conversion(self, pickle: Path, event: Event) -> None:
        match event:
            case Converted(file):
                use = ("Use it", partial(self.open, file))
                hint = "The old file is still there."
                self.noticed.emit(Notice(Kind.DONE, f"{file.name} is written.", hint, actions=(use,)))
                self.converted.emit(pickle, file)
                self.file_came.emit()
            case Failed():
                self.noticed.emit(Notice.of(event))

    def _tell_release(self, event: Event) -> None:
        match event:
            case Finished():
                self.noticed.emit(Notice(Kind.DONE, "The memory of the models is given back."))
            case Failed():
                self.noticed.emit(Notice.of(event))

    def _place_of(self, encoder: Entry) -> str:
        """The component of the session's model that it can be, or else the first that is one."""
        model = self._session.model
        places = [part for part in model.family.parts if part.startswith("text_encoder")] if model else []
        first = next(iter(places), "text_encoder")
        return next((part for part in places if model and suits(model, part, encoder)), first)

    def _with_id(self, path: Path, then: Callable[[str], object]) -> None:
        """The content id of a file, which may not have been looked at yet."""
        self._errands.send(partial(_id_of, path), then)


def _remembered(path: Path, catalog: Catalog) -> Entry:
    """What goes into pictures beside a model is at hand from now on; models are, as soon as they are used."""
    from desktop.models.catalog import EXTRAS
    from desktop.models.entries import entry_of

    entry = entry_of(path)
    if entry.kind in EXTRAS and not entry.problem:
        catalog.remember(entry.path)
    return entry


def _id_of(path: Path) -> str:
    """Raises UserError."""
    from desktop.models.weights import content_id

    try:
        return content_id(path)
    except OSError as error:
        hint = "It may have been moved or deleted: Models > Look again tells."
        raise UserError(f"{path.name} cannot be read: {error.strerror}.", hint) from None
