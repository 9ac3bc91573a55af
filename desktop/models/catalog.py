"""The catalog: all model files at hand, in Sfumato's folder and the user's, read in place; which models can be run."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from pathlib import Path, PureWindowsPath
from types import MappingProxyType
from typing import TypeVar

from desktop import __version__
from desktop.errors import UserError
from desktop.models.entries import INDEX, entry_of
from desktop.models.entry import PICKLES, RUNNABLE, Entry
from desktop.models.extras import Extra
from desktop.models.hashes import Hashes
from desktop.models.identify import identify
from desktop.models.model import Model
from desktop.models.records import Record, Records
from desktop.models.scanning import Found, scan, state_of
from desktop.models.weights import SHARD
from desktop.paths import STARTER, data_folder, is_there, write_atomically
from desktop.recipe import Recipe

T = TypeVar("T")
RULES = f"{__version__} 2 "  # changes with what `entry_of` can tell: then all files are looked at anew
BATCH = 50  # new files, after which what is known of them is kept
EXTRAS = ("lora", "embedding", "vae", "text_encoder")


class Catalog:
    """Finds model files by name, place, content id or hash. For any thread.

    `folder` holds the list of those used before, what is known of files, and a folder of models; `models` and
    `folders` are other folders of models. Once it is `stopped`, looks end by a UserError.
    """

    def __init__(
        self,
        folder: Path | None = None,
        models: Path | None = None,
        folders: Sequence[Path] = (),
        stopped: Callable[[], bool] = lambda: False,
    ):
        self.folder = folder or data_folder()
        self._shelves = [self.folder / "models", *([models] if models else []), *folders]
        self._records = Records(self.folder)
        self._hashes = Hashes(self.folder)
        self._stopped = stopped
        self._seen: tuple[Entry, ...] | None = None  # by a snapshot

    # ------------------------------------------------------------ files

    def entries(self) -> list[Entry]:
        """All files and diffusers folders, the starter first; what has not changed is not read again."""
        return list(self.scan(self.roots()) if self._seen is None else self._seen)

    def snapshot(self) -> Catalog:
        """As it is now: the folders are looked through once, for whoever asks several things."""
        still = copy(self)
        still._seen = tuple(self.entries())
        return still

    def scan(self, folders: Iterable[Path]) -> Generator[Entry]:
        """As they are found; whoever has enough may leave."""
        known = self._records.all()
        news: list[tuple[Path, str, dict[str, str]]] = []
        try:
            for found in self._while_wanted(scan(folders)):
                entry = _recorded(found, known.get(found.path))
                if entry is None:
                    entry = entry_of(found.path)
                    values = {"beside": RULES + found.beside, "entry": json.dumps(entry.to_json())}
                    news.append((found.path, found.state, values))
                if len(news) >= BATCH:
                    self._records.keep(news)
                    news.clear()
                yield entry
        finally:
            if news:
                self._records.keep(news)

    def entry(self, name: str) -> Entry:
        """By path, content id, or a name that it goes by. Raises UserError."""
        path = Path(name)
        if _is_meant(path):
            return entry_of(path)
        if (found := self._by_content(name)) or (found := next(_named(self.entries(), name), None)):
            return found
        if is_there(path):
            return entry_of(path)
        raise UserError(f"There is no model file {name!r}.", "Give a file, or a name that `sfumato models` lists.")

    def resolve_file(self, kind: str, name: str, hash: str = "") -> Entry | None:
        """The file of that kind that another program means: by hash or name."""
        entries = {entry.path: entry for entry in self.entries() if entry.kind == kind}
        by_hash = next(self._hashes.fitting(entries, hash), None)
        return entries[by_hash] if by_hash else next(_named(entries.values(), name), None)

    def extras(self) -> Iterator[Extra]:
        """The files that go into pictures beside the models."""
        entries = {entry.path: entry for entry in self.entries() if entry.kind in EXTRAS and not entry.problem}
        for path, id in self._while_wanted(self._hashes.content_ids(entries)):
            entry = entries[path]
            others = (name for name in (entry.alias, entry.title) if name)
            yield Extra(id, tuple(dict.fromkeys((entry.name, *others))), entry)

    def paths(self, recipe: Recipe, known: Mapping[str, Path] = MappingProxyType({})) -> dict[str, Path]:
        """All files that the recipe needs by their content ids; `known` are those found before. Raises UserError."""
        found = {id: known[id] for id in recipe.files if id in known}
        if recipe.model not in found:
            found[recipe.model] = self._file(recipe.model) or self.by_id(recipe.model).path
        for id, kind, name in _beside(recipe):
            path = found.get(id) or self._file(id)
            if path is None:
                hint = f"Choose the {kind} anew; Models > Find my models looks for files of other tools."
                raise UserError(f"The {kind} {name}".rstrip() + " of this recipe is not here.", hint)
            found[id] = path
        return found

    def lacking(self, recipe: Recipe) -> tuple[str, ...]:
        """What it needs beside the model and is not here, in words."""
        return tuple(f"{kind} {name}".rstrip() for id, kind, name in _beside(recipe) if self._file(id) is None)

    def path_of(self, content_id: str) -> Path:
        """Of a file of any kind, or of a folder. Raises UserError."""
        if found := self._file(content_id):
            return found
        with contextlib.suppress(UserError):
            return self.by_id(content_id).path
        hint = "It may have moved or changed: choose it anew, or see Models > Find my models."
        raise UserError(f"A file that this needs ({content_id[:10]}) is not here.", hint)

    def roots(self) -> list[Path]:
        """All folders and files that are looked into."""
        return [STARTER.resolve(), *self._shelves, *self._memory()]

    def remember(self, path: Path) -> None:
        """One that lies in none of the folders is found again the next time, when a recipe names it."""
        known = {entry.path.resolve() for entry in self.entries()}
        if path.resolve() not in known:
            paths = [str(each) for each in (*self._memory(), path.resolve())]
            with contextlib.suppress(OSError):  # as it may be forgotten, it may also not be remembered
                self.folder.mkdir(parents=True, exist_ok=True)
                write_atomically(self._list, json.dumps(paths, indent=1).encode())

    # ------------------------------------------------------------ models

    def models(self) -> Iterator[Model]:
        """Those that can be run, each once, the starter first."""
        seen: set[str] = set()
        for entry in self.entries():
            if entry.kind not in RUNNABLE or entry.problem or entry.path.suffix.lower() in PICKLES:
                continue
            try:
                model = self._identified(entry.path)
            except UserError:
                continue  # moved, deleted or broken: whoever names it is told by `find`
            if model.id not in seen:
                seen.add(model.id)
                yield model

    def find(self, name: str) -> Model:
        """A model by name or place. Raises UserError."""
        if name == "starter":
            return identify(STARTER)
        path = Path(name)
        if _is_meant(path):
            return self._opened(path)
        runnable = (entry for entry in self.entries() if entry.kind in RUNNABLE)
        places = (*(entry.path for entry in _named(runnable, name)), *(at for at in self._memory() if at.name == name))
        if places:
            return self._identified(places[0])
        if is_there(path):
            return self._opened(path)
        hint = "Give a model's file or folder, or a name that `sfumato models` lists."
        raise UserError(f"There is no model {name!r}.", hint)

    def by_id(self, model_id: str) -> Model:
        """The model of a recipe. Raises UserError."""
        for path in self._records.with_content(model_id):
            with contextlib.suppress(UserError):  # it has moved, or changed
                if (model := identify(path)).id == model_id:
                    return model
        if model := next((model for model in self.models() if model.id == model_id), None):
            return model
        hint = "Give the model's folder with --model; it may have moved or changed."
        raise UserError(f"The model of this recipe ({model_id[:10]}) is not here.", hint)

    def by_hash(self, hash: str) -> Model | None:
        """The model that goes by that hash elsewhere; of those that `learn_hashes` has not come to, only some are."""
        files = {file: model for model in self.models() for file in _weights(model)}
        found = next(self._hashes.fitting(files, hash), None)
        return files[found] if found else None

    def resolve(self, name: str, hash: str = "") -> Model | None:
        """The model that a recipe means: by content id, hash or name, with or without folders, ending and capitals."""
        models = list(self.models())
        by_id = next((model for model in models if model.id == name), None)
        named = (model for model in models if model.name.casefold() in _spellings(name))
        return by_id or (self.by_hash(hash) if hash else None) or next(named, None)

    def learn_hashes(self) -> Generator[Path]:
        """Works out the hashes of files that have none yet, which reads gigabytes; it may be left, and gone on with.

        Yields the file that it is at, several times for large ones.
        """
        for entry in self.entries():
            for file in _hashed(entry):
                with contextlib.suppress(OSError):  # gone in the meantime
                    if file.is_file() and not self._hashes.is_known(file):
                        yield from (file for _ in self._hashes.learning(file))
                yield file

    # ------------------------------------------------------------ inside

    def _while_wanted(self, each: Iterable[T]) -> Iterator[T]:
        """Raises UserError."""
        for one in each:
            if self._stopped():
                raise UserError("The models are not looked through to the end.", "Sfumato is closing.")
            yield one

    def _identified(self, path: Path) -> Model:
        """And its id is kept, by which recipes name it. Raises UserError."""
        model = identify(path)
        with contextlib.suppress(OSError):  # it is not found at once, then
            self._records.keep([(path.absolute(), state_of(path), {"content": model.id})])
        return model

    def _opened(self, path: Path) -> Model:
        """From wherever it lies, and it is remembered. Raises UserError."""
        model = self._identified(path.absolute())
        self.remember(model.path)
        return model

    def _file(self, content_id: str) -> Path | None:
        entry = self._by_content(content_id)
        return entry.path if entry else None

    def _by_content(self, content_id: str) -> Entry | None:
        """The file with that content, those first that were seen before."""
        for path, record in self._records.with_content(content_id).items():
            with contextlib.suppress(OSError):  # gone
                if state_of(path) == record.state:
                    return entry_of(path)
        files = {entry.path: entry for entry in self.entries() if entry.path.is_file()}
        return next((files[path] for path, id in self._hashes.content_ids(files) if id == content_id), None)

    @property
    def _list(self) -> Path:
        return self.folder / "models.json"

    def _memory(self) -> list[Path]:
        try:
            return [Path(path) for path in json.loads(self._list.read_text(encoding="utf-8"))]
        except (OSError, ValueError, TypeError, RecursionError):
            return []  # only a convenience: a lost list fills again


def _recorded(found: Found, record: Record | None) -> Entry | None:
    """What was found out before, if the file and what lies beside it are as they were."""
    if record is None or not record.entry or (record.state, record.beside) != (found.state, RULES + found.beside):
        return None
    try:
        entry = Entry.from_json(json.loads(record.entry))
    except (ValueError, KeyError, TypeError):
        return None
    return replace(entry, hash=record.file) if record.file else entry


def _is_meant(path: Path) -> bool:
    """Whether it is a place; a single word that is also the name of a folder is so only where that holds a model."""
    if not is_there(path):
        return False
    return len(path.parts) != 1 or path.is_file() or (path / INDEX).exists()


def _beside(recipe: Recipe) -> Iterator[tuple[str, str, str]]:
    """The files that go in beside the model: content id, kind, and name, if it has one."""
    yield from ((use.file, "LoRA", use.name) for use in recipe.loras)
    yield from ((id, "VAE" if part == "vae" else part.replace("_", " "), "") for part, id in recipe.parts.items())
    yield from ((id, "embedding", word) for word, id in recipe.embeddings.items())


def _named(entries: Iterable[Entry], name: str) -> Iterator[Entry]:
    """Those that go by it: files by their own name before others."""
    wanted = _spellings(name)
    rest: list[Entry] = []
    for entry in entries:
        if {entry.name.casefold(), entry.path.name.casefold()} & wanted:
            yield entry
        elif {entry.alias.casefold(), entry.title.casefold()} & wanted:
            rest.append(entry)
    yield from rest


def _weights(model: Model) -> list[Path]:
    """The files that a model counts by: its own, or its denoiser's, plain or as a variant; nobody hashes shards."""
    if model.path.is_file():
        return [model.path]
    found = (model.path / model.family.denoiser).glob("*.safetensors")
    return sorted(file for file in found if not SHARD.search(file.name))


def _hashed(entry: Entry) -> list[Path]:
    """Those of its files that go by hashes; none of a folder that has become no model meanwhile."""
    if entry.problem or not entry.path.is_dir():
        return [entry.path]
    with contextlib.suppress(UserError):
        return _weights(identify(entry.path))
    return []


def _spellings(name: str) -> set[str]:
    file = PureWindowsPath(name)  # takes both kinds of slashes
    return {name.casefold(), file.name.casefold(), file.stem.casefold()} - {""}
