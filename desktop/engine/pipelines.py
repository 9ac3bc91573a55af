"""Loaded models: brought into memory once, shared by all pipeline classes, dropped when another needs the room."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from desktop.engine.loaded import Loaded
from desktop.engine.memory import Device, is_out_of_memory
from desktop.engine.preview import fit
from desktop.engine.reading import Tell, read
from desktop.errors import UserError
from desktop.models.identify import identify
from desktop.models.model import Model
from desktop.recipe import Recipe

# what the libraries raise where a model's files do not fit together
BROKEN = (AttributeError, KeyError, NotImplementedError, OSError, RuntimeError, TypeError, ValueError)


class Pipelines:
    """The models held in memory on one device, the one used last at the end."""

    def __init__(self, device: Device):
        self.device = device
        self._loaded: dict[str, Loaded] = {}

    def load(self, recipe: Recipe, files: Mapping[str, Path], work_bytes: Callable[[Model], int], tell: Tell) -> Loaded:
        """The model, from memory or disk, and room for the work on it: others go for that. Raises UserError.

        `files` by content id, those of `recipe.files` at least. `work_bytes` may refuse the model, before its
        weights are read; `tell` may raise, which ends the loading.
        """
        model_id = recipe.model
        if loaded := self._loaded.get(model_id):
            work = work_bytes(loaded.model)
            self._loaded[model_id] = self._loaded.pop(model_id)  # now the last used
            self._make_room(0, work, but=model_id)
            return loaded
        model = _identified(model_id, files[model_id])
        dtype = self.device.dtype(model.denoiser_values)
        self._make_room(model.values * dtype.itemsize, work_bytes(model))
        try:
            pipe = read(model, self.device, dtype, tell)
        except BROKEN as error:
            if is_out_of_memory(error):
                raise
            hint = "Its files do not belong together, or are damaged: download the model again."
            raise UserError(f"{model.name} cannot be loaded: {_first_line(error)}", hint) from error
        loaded = self._loaded[model_id] = Loaded(model, pipe, self.device, fit(pipe.components.get("vae")))
        return loaded

    def drop_all(self) -> None:
        self._loaded.clear()
        self.device.give_back()

    def _make_room(self, weights: int, work: int, but: str | None = None) -> None:
        """Drops models, the longest unused first, until that many bytes are free."""
        for model_id in [each for each in self._loaded if each != but]:
            if self.device.free_bytes() >= weights + work:
                break
            del self._loaded[model_id]
            self.device.give_back()
        if (free := self.device.free_bytes()) < weights + work:
            wanted = f"{(weights + work) / 1e9:.1f} GB on {self.device.name}: {weights / 1e9:.1f} to load the model"
            message = (
                f"This needs about {wanted}, {work / 1e9:.1f} for a picture of this size. {free / 1e9:.1f} GB are free."
            )
            raise UserError(message, "Choose a smaller size or model, or close other programs.")


def _identified(model_id: str, folder: Path) -> Model:
    model = identify(folder)
    if model.id != model_id:
        raise UserError(f"{folder.name} has changed since the recipe was made.", "Choose the model anew.")
    return model


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)[:200]
