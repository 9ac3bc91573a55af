"""Stock: the model files at hand: which are looked for, found and chosen, and what people do with them."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.database import Database
from desktop.library.marks import cleaned
from desktop.library.uses import uses
from desktop.models.marks import Mark, ModelMarks
from desktop.settings import Settings
from desktop.studio.discarding import Discarding
from desktop.studio.hashing import Hashing
from desktop.studio.memory import Memory
from desktop.studio.observable import Observable, Observed, watch
from desktop.studio.previews import Previews
from desktop.studio.sifting import Item, Wanted, sift
from desktop.studio.watching import Watching
from desktop.studio.worker import Errands

if TYPE_CHECKING:
    from desktop.engine.api import Failed
    from desktop.models.catalog import Catalog
    from desktop.models.entry import Entry


PARTS = ("vae", "text_encoder")  # recipes name them by their content
Stamp = tuple[Path, int, float]  # of a file as it is: its size, and when it was changed


class Stock(Observable):
    """Looks through the folders by a lane of its own: first when somebody wants to see it, then when they change."""

    items = Observed[tuple[Item, ...]](())  # all that there are
    wanted = Observed(Wanted())
    found = Observed[tuple[Item, ...]](())  # those that are wanted, in order
    chosen = Observed[tuple[Item, ...]](())
    tags = Observed[tuple[str, ...]](())
    active = Observed(False)  # whether it is in front
    is_known = Observed(False)  # what there is
    is_looking = Observed(False)
    noticed = Signal(object)  # Notice
    folders_changed = Signal()  # something came into one of them, or went
    use_wanted = Signal(object)  # Entry: it goes into the next picture
    words_wanted = Signal(str)  # in the prompt
    unload_wanted = Signal()  # all models, out of the engine's memory
    check_wanted = Signal(object)  # Entry of a LoRA: what it does with the session's model
    conversion_wanted = Signal(object)  # Entry of a pickle: to safetensors

    def __init__(
        self, catalog: Callable[[], Catalog], database: Database, memory: Memory, parent: QObject | None = None
    ):
        super().__init__(parent)
        self._catalog, self._database = catalog, database
        self._marks = ModelMarks(database)
        self._noted: dict[Path, Mark] = {}  # since the last look began, which may have read what is older
        self._again = False
        self._closing = threading.Event()
        self.lane = Errands("models", self)
        self.previews = Previews(self)
        self._hashing = Hashing(catalog, self)
        self._hashing.failed.connect(self.lane.failed)
        self._hashed: set[Stamp] = set()  # files whose hashes were asked for
        self.discarding = Discarding(self.lane, self)
        self.discarding.noticed.connect(self.noticed)
        self.discarding.gone.connect(self._remove)
        self.discarding.returned.connect(self.look)
        self._watching = Watching(self)
        self._watching.changed.connect(self._disk_changed)
        self._folders = _folders(memory.settings)
        watch(memory, "settings", self._settings_changed, self)
        watch(self, "active", lambda on: on and not self.is_known and self.look(), self)

    # ------------------------------------------------------------ what there is

    def start(self) -> None:
        """From now on it is told when something in the folders changes."""
        self.lane.send(self._to_watch, lambda folders: self._watching.watch(folders, self._growing()))

    def look(self, seen: Catalog | None = None) -> None:
        """Through all folders, or at what was `seen` there, in a lane; what was found before stays until then."""
        if self.is_looking:
            self._again = True
        else:
            self.is_looking = True
            self._noted.clear()  # all of it is kept before the lane comes to this look
            self.lane.send(partial(self._gather, seen or self._catalog(), self.items), self._take, self._failed)

    def close(self) -> None:
        self._closing.set()
        self._hashing.close()
        for lane in (self.lane, self.previews.lane):
            lane.finish()

    def _gather(self, catalog: Catalog, before: Iterable[Item]) -> list[Item]:
        """In the lane. Those that are as they were are the same objects, which need not be compared again."""
        from desktop.models.hashes import Hashes
        from desktop.models.records import Records

        entries, records = catalog.entries(), Records(catalog.folder).all()
        hashed = {entry.path for entry in entries if entry.hash}
        weights = {path: record.told or record.weights for path, record in records.items() if path in hashed}
        contents, used = Hashes(catalog.folder).content_ids, uses(self._database)
        marks = self._marks.of(entries, contents)
        parts = dict(contents(entry.path for entry in entries if entry.kind in PARTS))
        items = [
            Item(entry, marks.get(entry.path, Mark()), 0, _changed(entry), weights.get(entry.path, ""))
            for entry in entries
        ]
        items = [replace(item, used=_uses(item, used, parts)) for item in items]
        known = {item: item for item in before}
        return [known.get(item, item) for item in items]

    def _to_watch(self) -> list[Path]:
        """In the lane."""
        from desktop.models.scanning import folders

        return list(takewhile(lambda _: not self._closing.is_set(), folders(self._catalog().roots())))

    def _growing(self) -> list[Path]:
        """Files that may still be on their way."""
        return [item.entry.path for item in self.items if item.entry.problem]

    def _disk_changed(self) -> None:
        self.folders_changed.emit()
        self.start()
        if self.is_known or self.is_looking:
            self.look()

    def _take(self, items: list[Item]) -> None:
        self._looked()
        self.is_known = True
        self._learn_hashes({_stamp(item) for item in items if not item.entry.hash and not item.entry.problem})
        self._place([_marked(each, self._mark_of(each)) for each in items])

    def _learn_hashes(self, nameless: set[Stamp]) -> None:
        """Of files that have none yet; of one that cannot be read as it is, no second time."""
        if nameless - self._hashed and self._hashing.begin(self.look):
            self._hashed |= nameless

    def _failed(self, failed: Failed) -> None:
        self._looked()
        self.lane.failed.emit(failed)

    def _looked(self) -> None:
        self.is_looking = False
        if self._again:
            self._again = False
            self.look()

    def _place(self, items: list[Item]) -> None:
        """They are the ones from now on."""
        self.items = tuple(items)
        tags = {tag for item in items for tag in item.mark.tags}
        self.tags = tuple(sorted(tags, key=str.casefold))
        self.found = sift(self.items, self.wanted)
        self.choose(item.entry.path for item in self.chosen)

    def _settings_changed(self, settings: Settings) -> None:
        if _folders(settings) != self._folders:
            self._folders = _folders(settings)
            self.start()
            if self.is_known or self.is_looking:
                self.look()

    # ------------------------------------------------------------ what is looked for

    def narrow(self, **changes: object) -> None:
        """The same as before with other values. What is out of sight does not stay chosen."""
        self.wanted = replace(self.wanted, **changes)  # pyright: ignore[reportArgumentType]
        self.found = sift(self.items, self.wanted)
        self.choose(item.entry.path for item in self.chosen)

    def widen(self) -> None:
        """Everything again."""
        self.narrow(**{**vars(Wanted()), "sort": self.wanted.sort})

    def choose(self, paths: Iterable[Path]) -> None:
        """In the order in which they are found."""
        wanted = set(paths)
        self.chosen = tuple(item for item in self.found if item.entry.path in wanted)

    # ------------------------------------------------------------ what people note

    def note(self, items: Iterable[Item], **changes: object) -> None:
        """favourite, tags or notes, of each of them."""
        self._mark({item: replace(self._mark_of(item), **changes) for item in items})  # pyright: ignore[reportArgumentType]

    def tag(self, items: Iterable[Item], names: str) -> None:
        """Commas divide several; one that is known is written as it is known."""
        known = {tag.casefold(): tag for tag in self.tags}
        new = [known.get(name.casefold(), name) for name in cleaned(names)]
        marks = {item: self._mark_of(item) for item in items}
        self._mark({item: replace(mark, tags=_once((*mark.tags, *new))) for item, mark in marks.items()})

    def untag(self, items: Iterable[Item], name: str) -> None:
        marks = {item: self._mark_of(item) for item in items}
        kept = {item: tuple(tag for tag in mark.tags if tag != name) for item, mark in marks.items()}
        self._mark({item: replace(mark, tags=kept[item]) for item, mark in marks.items()})

    def copy_notes(self, file: Path, copy: Path) -> None:
        """What is noted of a file is noted of what was made of it, too."""
        self.lane.send(partial(_copy_notes, self._marks, file, copy))

    def _mark_of(self, item: Item) -> Mark:
        return self._noted.get(item.entry.path, item.mark)

    def _mark(self, marks: Mapping[Item, Mark]) -> None:
        self._noted |= {item.entry.path: mark for item, mark in marks.items()}
        self.lane.send(partial(self._marks.put, {item.entry: mark for item, mark in marks.items()}))
        self._place([_marked(each, self._mark_of(each)) for each in self.items])

    def _remove(self, gone: Iterable[Item]) -> None:
        """At once, and then as it truly is."""
        paths = {item.entry.path for item in gone}
        self._place([each for each in self.items if each.entry.path not in paths])
        self.look()


def _copy_notes(marks: ModelMarks, file: Path, copy: Path) -> None:
    """In the lane."""
    from desktop.models.entries import entry_of

    entry = entry_of(file)
    if mark := marks.of([entry]).get(entry.path):
        marks.put({entry_of(copy): mark})


def _folders(settings: Settings) -> tuple[str, ...]:
    return settings.models, *settings.model_folders


def _uses(item: Item, used: Counter[str], contents: Mapping[Path, str]) -> int:
    """By all that pictures may call it."""
    path = item.entry.path
    return sum(used[name] for name in (*item.names, *([contents[path]] if path in contents else ())))


def _marked(item: Item, mark: Mark) -> Item:
    return item if item.mark == mark else replace(item, mark=mark)


def _once(tags: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tags))


def _stamp(item: Item) -> Stamp:
    return item.entry.path, item.entry.bytes, item.changed


def _changed(entry: Entry) -> float:
    with suppress(OSError):
        return entry.path.stat().st_mtime
    return 0.0
