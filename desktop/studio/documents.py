"""Documents: which one lies on the easel, where it is kept, and how it comes from files and gets there."""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect, Signal

from desktop.engine.api import Failed
from desktop.intents import INTENTS
from desktop.paths import data_folder
from desktop.recipe import Recipe
from desktop.studio.easel import Easel
from desktop.studio.memory import Memory
from desktop.studio.notice import Kind, Notice
from desktop.studio.worker import Errands

if TYPE_CHECKING:
    from desktop.canvas.document import Document
    from desktop.canvas.files.contents import Contents
    from desktop.canvas.history import History
    from desktop.canvas.journal import Journal
    from desktop.canvas.layer import Layer
    from desktop.canvas.snapshot import Snapshot
    from desktop.raster import Raster

MOST = 12  # that are offered to go back to
TITLE = 40  # letters of a prompt
RECENT = "documents"


@dataclass(frozen=True)
class Sheet:
    """A document on disk: the name of its file in the folder of documents, and what people know it by."""

    name: str
    title: str

    @property
    def file(self) -> Path:
        return data_folder() / "documents" / f"{self.name}.db"

    @staticmethod
    def new(title: str = "") -> Sheet:
        return Sheet(os.urandom(16).hex(), title or f"Canvas of {datetime.now():%d %b, %H:%M}")


class Documents(QObject):
    """The documents of this machine; all of them stay until people delete their files."""

    noticed = Signal(object)  # Notice

    def __init__(
        self,
        easel: Easel,
        memory: Memory,
        errands: Errands,
        frame: Callable[[], QRect],
        parent: QObject | None = None,
    ):
        """`frame` of a new document."""
        super().__init__(parent)
        self._easel, self._memory, self._errands, self._frame = easel, memory, errands, frame
        self._leaving: list[Journal] = []  # of documents that were worked on: somebody may still read from them
        self.recent = _sheets(memory.recall(RECENT))  # the present one first
        self.profile: bytes | None = None  # the colour profile that the present one is saved with

    @property
    def present(self) -> Sheet | None:
        return self.recent[0] if self._easel.document and self.recent else None

    # ------------------------------------------------------------ which one

    def start(self) -> None:
        """The one of the last time, or a new one."""
        self.take(self.recent[0] if self.recent else Sheet.new())

    def new(self) -> None:
        self.take(Sheet.new())

    def take(self, sheet: Sheet, contents: Contents | None = None) -> None:
        """That one is worked on; with `contents`, it begins so. The one before stays where it is kept."""
        read = partial(_read, sheet.file)
        # in the lane that writes them, so that all of it is there
        self._memory.lane.send(read, partial(self._lay, sheet, contents), partial(self._unread, sheet))

    def lay(self, picture: Raster, mask: Raster | None, recipe: Recipe) -> None:
        """On a new document, from which Generate starts as it did for that recipe; the canvas comes to the front."""
        self._easel.active = True
        work = partial(_masked, picture, mask, recipe)
        self._errands.send(work, lambda contents: self.take(Sheet.new(recipe.prompt[:TITLE]), contents))

    def open(self, file: Path) -> None:
        """A document or picture from elsewhere, as a document of our own."""
        from desktop.canvas.files import formats

        self._errands.send(partial(formats.open_file, file), partial(self._opened, file))

    def close(self) -> None:
        """Once nothing is under way any more."""
        present = [self._easel.document.journal] if self._easel.document else []
        for journal in (*self._leaving, *present):
            journal.close()

    # ------------------------------------------------------------ from it and into it

    def save(self, file: Path) -> None:
        """With its layers where the file's kind has any."""
        from desktop.canvas.files import formats

        if snapshot := self._easel.snapshot:
            work = partial(formats.save_file, file, snapshot, self.profile)
            self._errands.send(work, partial(self._saved, file, self.present))

    def paste(self, read: Callable[[], Raster], name: str) -> None:
        """The picture that `read` gives, in the lane, becomes a layer in the middle of the frame."""
        self._easel.apart(partial(_layer, read, name), self._paste)

    def paste_file(self, file: Path) -> None:
        from desktop.canvas.files import picture

        self.paste(lambda: picture.read(file).raster, file.stem)

    def copy(self, then: Callable[[Raster], object]) -> None:
        """Calls `then` with what is seen where it is selected, or else in the frame."""
        if snapshot := self._easel.snapshot:
            self._errands.send(partial(_copied, snapshot), then)

    def _paste(self, pasted: tuple[Layer, QRect]) -> None:
        layer, area = pasted

        def paste(snapshot: Snapshot) -> Snapshot:
            way = snapshot.frame.center() - area.center()
            return snapshot.add(layer.moved(way.x(), way.y()), snapshot.active_id)

        self._easel.do("Paste", paste)

    # ------------------------------------------------------------ inside

    def _opened(self, file: Path, contents: Contents) -> None:
        self.take(Sheet.new(file.stem), contents)
        for notice in contents.notices:
            self.noticed.emit(Notice(Kind.INFO, notice))

    def _saved(self, file: Path, sheet: Sheet | None, _: None) -> None:
        """People know the document by that name from now on."""
        self.recent = [replace(each, title=file.stem) if each == sheet else each for each in self.recent]
        self._keep_recent()
        self.noticed.emit(Notice(Kind.DONE, f"Saved as {file.name}."))

    def _unread(self, sheet: Sheet, failed: Failed) -> None:
        """It stays as it is, and is offered: another Sfumato may read it. People go on with another or a new one."""
        self.noticed.emit(Notice.of(failed))
        if self._easel.document is None and sheet in self.recent:
            self.new()

    def _lay(self, sheet: Sheet, contents: Contents | None, found: _Found) -> None:
        before = self._easel.document
        document = self._make(found, contents and contents.snapshot)
        self.profile = found.profile
        if contents:
            self._keep_profile(found.journal, contents.profile)
        self._easel.put(document, sheet.name)
        self._remember(sheet)
        if notice := found.journal.database.notice:
            self.noticed.emit(Notice(Kind.WARNING, notice))
        if before:
            before.deleteLater()
            self._leaving.append(before.journal)
            self._errands.send(lambda: None, partial(self._leave, before.journal))  # behind those who read from it

    def _leave(self, journal: Journal, _: None) -> None:
        self._leaving.remove(journal)
        self._memory.lane.send(journal.close)

    def _make(self, found: _Found, first: Snapshot | None) -> Document:
        from desktop.canvas.document import Document  # here: numpy comes with it, later than the window
        from desktop.canvas.snapshot import Snapshot

        first = first or Snapshot.new(self._frame())
        return Document(found.journal, self._memory.lane.send, self._budget, found.history, first, self)

    def _keep_profile(self, journal: Journal, profile: bytes | None) -> None:
        self.profile = profile
        text = b64encode(profile).decode() if profile else ""
        self._memory.lane.send(partial(journal.database.keep_state, "profile", text))

    def _budget(self) -> int:
        return self._memory.settings.undo_memory * 2**20

    def _remember(self, sheet: Sheet) -> None:
        self.recent = [sheet, *(each for each in self.recent if each.name != sheet.name)][:MOST]
        self._keep_recent()

    def _keep_recent(self) -> None:
        self._memory.keep(RECENT, lambda: [[each.name, each.title] for each in self.recent])


@dataclass(frozen=True)
class _Found:
    """What a document's file holds."""

    journal: Journal
    history: History | None
    profile: bytes | None


def _read(file: Path) -> _Found:
    """Raises UserError."""
    from desktop.canvas.journal import Journal

    journal = Journal(file)
    history = journal.load()
    if history:
        journal.tidy()
    profile = journal.database.state("profile")
    return _Found(journal, history, b64decode(profile) if isinstance(profile, str) and profile else None)


def _layer(read: Callable[[], Raster], name: str) -> tuple[Layer, QRect]:
    """And where it lies."""
    from desktop.canvas import edits

    raster = read()
    return edits.layer_of(raster, 0, 0, name), QRect(0, 0, raster.width, raster.height)


def _copied(snapshot: Snapshot) -> Raster:
    from desktop.canvas.composite import flatten
    from desktop.canvas.transform import tight
    from desktop.raster import Raster

    if not snapshot.selection.tiles:
        return Raster(flatten(snapshot, snapshot.frame))
    area = tight(snapshot.selection)
    pixels, share = flatten(snapshot, area), snapshot.selection.read(area)[..., 0].astype("u2")
    pixels[..., 3] = (pixels[..., 3] * share + 127) // 255
    return Raster(pixels)


def _masked(picture: Raster, mask: Raster | None, recipe: Recipe) -> Contents:
    """A picture with its mask, if any, as people have painted it."""
    from desktop.canvas.files.contents import Contents
    from desktop.canvas.files.formats import document_of

    snapshot = document_of(picture, "Picture")
    if mask is None:
        return Contents(snapshot)
    wanted = mask.pixels
    if recipe.source and INTENTS[recipe.source.intent].keeps:
        wanted = 255 - wanted
    if snapshot.mask and not (wanted == 255).all():  # else nothing was masked
        snapshot = snapshot.put(snapshot.mask.write(QRect(0, 0, mask.width, mask.height), wanted))
    return Contents(snapshot)


def _sheets(data: object) -> list[Sheet]:
    """What was kept, as far as it is legible and still there."""
    pairs = [each for each in data if isinstance(each, list) and len(each) == 2] if isinstance(data, list) else []
    sheets = [Sheet(str(name), str(title)) for name, title in pairs if str(name).isalnum()]
    return [sheet for sheet in sheets if sheet.file.exists()]
