"""The models at hand: the built-in one, those in Sfumato's folder and the user's, and those used before."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PureWindowsPath
from types import MappingProxyType

from desktop.errors import UserError
from desktop.models.extras import Extra
from desktop.models.hashes import Hashes
from desktop.models.identify import identify
from desktop.models.model import Model
from desktop.paths import STARTER, data_folder, is_there, write_atomically
from desktop.recipe import Recipe

SHARD = re.compile(r"-\d{5}-of-\d{5}")  # in its name


class Catalog:
    """Finds models by name, folder or content id.

    `folder` holds the list of those used before, and a folder of models; `models` is another folder of models.
    """

    def __init__(self, folder: Path | None = None, models: Path | None = None):
        self.folder = folder or data_folder()
        self._shelves = [self.folder / "models", *([models] if models else [])]
        self._hashes = Hashes(self.folder)

    def models(self) -> Iterator[Model]:
        """Those that can be run, each once, the starter first."""
        seen: set[str] = set()
        for path in self._places():
            try:
                model = identify(path)
            except UserError:
                continue  # moved, deleted or broken: whoever names it is told by `find`
            if model.id not in seen:
                seen.add(model.id)
                yield model

    def find(self, name: str) -> Model:
        """A model by name or folder. Raises UserError."""
        if name == "starter":
            return identify(STARTER)
        path = Path(name)
        if is_there(path):
            return self._remembered(identify(path))
        named = next((place for place in self._places() if place.name == name), None)
        if named is None:
            raise UserError(
                f"There is no model {name!r}.", "Give a model's folder, or a name that `sfumato models` lists."
            )
        return identify(named)

    def by_id(self, model_id: str) -> Model:
        """The model of a recipe. Raises UserError."""
        if model := next((model for model in self.models() if model.id == model_id), None):
            return model
        hint = "Give the model's folder with --model; it may have moved or changed."
        raise UserError(f"The model of this recipe ({model_id[:10]}) is not here.", hint)

    def extras(self) -> Iterator[Extra]:
        """The files that go into pictures beside the models."""
        yield from ()  # until files are scanned

    def paths(self, recipe: Recipe, known: Mapping[str, Path] = MappingProxyType({})) -> dict[str, Path]:
        """All files that the recipe needs by their content ids; `known` are those found before. Raises UserError."""
        return {id: known[id] if id in known else self.path_of(id) for id in recipe.files}

    def path_of(self, content_id: str) -> Path:
        return self.by_id(content_id).path

    def by_hash(self, hash: str) -> Model | None:
        """The model that goes by that hash elsewhere; of those that `learn_hashes` has not come to, only some are."""
        return next(
            (model for model in self.models() if any(self._hashes.fits(each, hash) for each in _weights(model))), None
        )

    def resolve(self, name: str, hash: str = "") -> Model | None:
        """The model that a recipe means: by content id, hash or name, with or without folders, ending and capitals."""
        models = list(self.models())
        by_id = next((model for model in models if model.id == name), None)
        named = (model for model in models if model.name.casefold() in _spellings(name))
        return by_id or (self.by_hash(hash) if hash else None) or next(named, None)

    def learn_hashes(self) -> Iterator[Model]:
        """Works out the hashes of models that have none yet, one after the other: gigabytes are read, so in a lane."""
        for model in self.models():
            fresh = [file for file in _weights(model) if not self._hashes.is_known(file)]
            with contextlib.suppress(OSError):  # gone in the meantime
                for file in fresh:
                    self._hashes.learn(file)
            yield model

    def _places(self) -> list[Path]:
        shelved = [index.parent for shelf in self._shelves for index in sorted(shelf.glob("*/model_index.json"))]
        return [STARTER, *shelved, *self._memory()]

    @property
    def _list(self) -> Path:
        return self.folder / "models.json"

    def _memory(self) -> list[Path]:
        try:
            return [Path(path) for path in json.loads(self._list.read_text(encoding="utf-8"))]
        except (OSError, ValueError, TypeError, RecursionError):
            return []  # only a convenience: a lost list fills again

    def _remembered(self, model: Model) -> Model:
        memory = self._memory()
        if model.path not in self._places():
            paths = [str(path) for path in (*memory, model.path)]
            with contextlib.suppress(OSError):  # as it may be forgotten, it may also not be remembered
                self.folder.mkdir(parents=True, exist_ok=True)
                write_atomically(self._list, json.dumps(paths, indent=1).encode())
        return model


def _weights(model: Model) -> list[Path]:
    """The files that a folder counts by: its denoiser's, plain or as a variant; nobody hashes shards."""
    found = (model.path / model.family.denoiser).glob("*.safetensors")
    return sorted(file for file in found if not SHARD.search(file.name))


def _spellings(name: str) -> tuple[str, ...]:
    file = PureWindowsPath(name)  # takes both kinds of slashes
    return name.casefold(), file.name.casefold(), file.stem.casefold()
