"""The models at hand: the built-in one, those in Sfumato's folder and the user's, and those used before."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

from desktop.errors import UserError
from desktop.models.identify import Model, identify, is_there
from desktop.paths import STARTER, data_folder, write_atomically


class Catalog:
    """Finds models by name, folder or content id.

    `folder` holds the list of those used before, and a folder of models; `models` is another folder of models.
    """

    def __init__(self, folder: Path | None = None, models: Path | None = None):
        self.folder = folder or data_folder()
        self._shelves = [self.folder / "models", *([models] if models else [])]

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
