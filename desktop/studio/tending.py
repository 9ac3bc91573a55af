"""Tending the library: import, export, move, backup, and finding what was moved: long work, as chores."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from desktop.engine.api import Progress
from desktop.library import survey, upkeep
from desktop.library.inputs import Inputs
from desktop.library.library import Library
from desktop.library.locating import locate
from desktop.library.picture import Picture
from desktop.paths import data_folder
from desktop.studio.chores import Chore, Chores
from desktop.studio.gallery import Gallery
from desktop.studio.making import thumbnail
from desktop.studio.memory import Memory
from desktop.studio.notice import Kind, Notice

if TYPE_CHECKING:
    from desktop.library.exporting import Exported, Order, Sign
    from desktop.library.importing import Imported
    from desktop.models.catalog import Catalog

UNFINISHED = "unfinished chores"  # what the next start goes on with
MOST_NAMED = 20  # files that failed, in a notice's details


class Tending(QObject):
    """Each of its deeds is a chore; all of them go on where a kill has interrupted them, if people wish."""

    noticed = Signal(object)  # Notice
    laid_out = Signal(object, object)  # a Raster and its thumbnail: pictures side by side

    def __init__(self, gallery: Gallery, chores: Chores, memory: Memory, inputs: Inputs, parent: QObject | None = None):
        super().__init__(parent)
        self._gallery, self._chores, self._memory, self._inputs = gallery, chores, memory, inputs
        self._notes: list[Any] = []  # of chores that are not complete yet

    @property
    def _library(self) -> Library:
        return self._gallery.library

    def start(self) -> None:
        """Looks through what an earlier Sfumato has left, and offers to go on with what was interrupted."""
        self._gallery.lane.send(partial(survey.unknown, self._library), lambda ids: ids and self._survey())
        kept = self._memory.recall(UNFINISHED)
        self._notes = kept if isinstance(kept, list) else []
        for note in self._notes:
            match note:
                case {"import": str(folder)}:
                    go_on = partial(self.import_folder, Path(folder))
                    self._offer(note, f"The import of {folder} was interrupted.", go_on)
                case {"move": [str(old), str(new)]}:
                    go_on = partial(self._move, Path(old), Path(new))
                    self._offer(note, "The move of the library was interrupted.", go_on)

    def import_folder(self, folder: Path) -> None:
        """All pictures in it get rows, and stay where they are."""

        def steps(stopped: Callable[[], bool]) -> Iterator[Any]:
            from desktop.library.importing import import_folder

            return import_folder(folder, self._library, self._gallery.thumbnails, stopped)

        self._begin(f"Importing {folder.name}", steps, self._imported, {"import": str(folder)})

    def move_library(self, new: Path) -> None:
        """All pictures of our own go there, and new ones from now on."""
        old, new = self._library.folder, new.resolve()
        self._memory.change_settings(pictures=str(new))
        self._move(old, new)

    def back_up(self, target: Path) -> None:
        """Database, inputs and pictures, into a folder there."""

        steps = partial(upkeep.back_up, self._library, self._inputs, target)
        self._begin(
            "Backing up", steps, partial(self._upkept, "The backup is complete.", "The backup is not complete.")
        )

    def export(self, ids: Sequence[int], order: Order, place: Path) -> None:
        """Copies of those pictures, into a folder or a zip."""
        wanted = list(ids)

        def steps(stopped: Callable[[], bool]) -> Iterator[Any]:
            from desktop.library.exporting import export

            return export(self._library.pictures(wanted), order, place, self._signature(), stopped)

        self._begin(f"Exporting {len(wanted)}", steps, self._exported)

    def lay_out(self, ids: Sequence[int]) -> None:
        """All of them on one sheet, side by side, among the results."""
        wanted = list(ids)

        def steps(stopped: Callable[[], bool]) -> Iterator[Any]:
            from desktop.library.overview import overview

            for event in overview([picture.file for picture in self._library.pictures(wanted)], stopped):
                yield event if isinstance(event, Progress) else (event, thumbnail(event))

        self._begin("Laying out", steps, lambda made: self.laid_out.emit(*made))

    def locate(self, pictures: Sequence[Picture], folder: Path) -> None:
        """Those whose files are missing are looked for in that folder."""
        steps = partial(locate, self._library, pictures, folder)
        self._begin(f"Looking in {folder.name}", steps, self._located)

    def learn_hashes(self, catalog: Catalog, then: Callable[[], object]) -> None:
        """Of all models here, which takes long the first time."""

        def steps(stopped: Callable[[], bool]) -> Iterator[Any]:
            for number, _ in enumerate(catalog.learn_hashes()):
                yield Progress(number, number + 1, "hashing models")
                if stopped():
                    return
            yield True

        self._begin("Hashing models", steps, lambda _: then())

    def usage(self, then: Callable[[upkeep.Usage], object]) -> None:
        self._gallery.lane.send(partial(upkeep.usage, self._library), then)

    # ------------------------------------------------------------ inside

    def _signature(self) -> Sign | None:
        """In the lane. Raises UserError where the user's certificate cannot be used."""
        from desktop.library.metadata import credentials
        from desktop.library.metadata.authority import Identity

        settings = self._memory.settings
        if not settings.credentials:
            return None
        if settings.certificate:
            identity = Identity.read(Path(settings.certificate), Path(settings.certificate_key))
        else:
            identity = Identity.own(data_folder() / "signer")
        return partial(credentials.sign, identity=identity)

    def _survey(self) -> None:
        self._begin("Looking through earlier pictures", partial(survey.survey, self._library, self._gallery.thumbnails))

    def _begin(
        self,
        title: str,
        steps: Callable[[Callable[[], bool]], Iterator[Any]],
        then: Callable[[Any], object] = lambda _: None,
        note: Any = None,
    ) -> None:
        """`note`: stays until it is complete, for the next start to go on with."""

        def done(value: Any) -> None:
            if note and getattr(value, "complete", True):
                self._forget(note)
            then(value)

        if note and note not in self._notes:
            self._notes.append(note)
            self._keep_notes()
        self._chores.begin(Chore(title, steps, done, self._ended))

    def _forget(self, note: Any) -> None:
        self._notes = [each for each in self._notes if each != note]
        self._keep_notes()

    def _keep_notes(self) -> None:
        self._memory.keep(UNFINISHED, lambda: self._notes)

    def _ended(self) -> None:
        self._gallery.refresh()
        self._gallery.stale.emit(None)

    def _move(self, old: Path, new: Path) -> None:
        steps = partial(upkeep.move_all, self._library, old, new)
        then = partial(self._upkept, "The library has moved.", "The library has moved in part.")
        self._begin("Moving the library", steps, then, {"move": [str(old), str(new)]})

    def _upkept(self, whole: str, partly: str, done: upkeep.Upkept) -> None:
        stay = f" {_many(done.left)} from elsewhere stay where they are." if done.left else ""
        if not done.complete or done.failed:
            partly = f"{partly} Do it again to go on."
        self._tell_of(whole if done.complete else partly, f"It is in {done.place}.{stay}", done.failed)

    def _imported(self, done: Imported) -> None:
        known = f"{done.known} were known already." if done.known else ""
        self._tell_of(f"{_many(done.added)} imported.", known, done.failed)

    def _exported(self, done: Exported) -> None:
        self._tell_of(f"{_many(done.count)} exported.", f"They are in {done.place}.", done.failed)

    def _located(self, ids: list[int]) -> None:
        if ids:
            self._say(Kind.DONE, f"{_many(len(ids))} found again.")
        else:
            self._say(Kind.INFO, "None of them is there.", "Choose a folder that holds them, or one around it.")

    def _tell_of(self, message: str, hint: str, failed: list[tuple[Path, str]]) -> None:
        if not failed:
            self._say(Kind.DONE, message, hint)
            return
        details = "\n".join(f"{file}: {reason}" for file, reason in failed[:MOST_NAMED])
        message = f"{message} {len(failed)} could not be read."
        self.noticed.emit(Notice(Kind.WARNING, message, hint, details))

    def _say(self, kind: Kind, message: str, hint: str = "") -> None:
        self.noticed.emit(Notice(kind, message, hint))

    def _offer(self, note: Any, message: str, go_on: Callable[[], object]) -> None:
        drop = partial(self._forget, note)
        self.noticed.emit(Notice(Kind.INFO, message, actions=(("Go on", go_on), ("Leave it", drop))))


def _many(count: int) -> str:
    return "One picture" if count == 1 else f"{count:,} pictures".replace(",", " ")
