"""Loaded models: brought into memory once, shared by all pipeline classes, dropped when another needs the room."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from weakref import WeakValueDictionary

import diffusers
import torch
from diffusers import DiffusionPipeline
from safetensors import SafetensorError
from torch import nn

from desktop.engine import vision
from desktop.engine.loaded import Loaded
from desktop.engine.loras.adapters import Adapters
from desktop.engine.memory import Device, is_out_of_memory
from desktop.engine.preview import Projection, fit
from desktop.engine.reading import Tell, assemble, read
from desktop.engine.sources import Source, sources
from desktop.errors import UserError
from desktop.models import skeletons
from desktop.models.identify import identify
from desktop.models.model import Model
from desktop.models.parts import joined
from desktop.recipe import Recipe

# what the libraries raise where a model's files do not fit together
BROKEN = (
    AttributeError,
    KeyError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SafetensorError,
    TypeError,
    ValueError,
)


class Pipelines:
    """The models held in memory on one device, the one used last at the end.

    Components with the same weights are one and the same module in all of them, as long as any of them is held.
    """

    def __init__(self, device: Device):
        self.device = device
        self.adapters = Adapters()  # on the parts of all models
        self._loaded: dict[str, Loaded] = {}
        self._held: WeakValueDictionary[str, nn.Module] = WeakValueDictionary()  # components by source and precision
        self._projections: dict[str, Projection | None] = {}  # of VAEs, by the same

    def load(self, recipe: Recipe, files: Mapping[str, Path], work_bytes: Callable[[Model], int], tell: Tell) -> Loaded:
        """The model with the recipe's parts, from memory or disk, and room for the work on it: others go for that.

        `files` by content id, those of `recipe.files` at least. `work_bytes` may refuse the model, before its
        weights are read; `tell` may raise, which ends the loading. Raises UserError.
        """
        name = " ".join((recipe.model, *(f"{part}={id}" for part, id in sorted(recipe.parts.items()))))
        if loaded := self._loaded.get(name):
            work = work_bytes(loaded.model)
            self._loaded[name] = self._loaded.pop(name)  # now the last used
            self._make_room(0, work, but=name)
            return loaded
        parts = {part: files[id] for part, id in recipe.parts.items()}
        model = joined(_identified(recipe.model, files[recipe.model]), parts)
        _check_known(model)
        work = work_bytes(model)
        if model.path.is_file() and model.skeleton is None:
            raise skeletons.missing(model.name, model.family, next(iter(model.variants), ""))
        try:
            loaded = self._loaded[name] = self._read(model, parts, work, tell)
        except BROKEN as error:
            if is_out_of_memory(error):
                raise
            hint = "Its files do not belong together, or are damaged: download the model again."
            raise UserError(f"{model.name} cannot be loaded: {_first_line(error)}", hint) from error
        return loaded

    def _read(self, model: Model, files: Mapping[str, Path], work: int, tell: Tell) -> Loaded:
        found = sources(model, files)
        precisions = {source.component: self._precision(model, source.component) for source in found}
        keys = {source.component: f"{source.key} {precisions[source.component]}" for source in found}
        parts = {name: module for name, key in keys.items() if (module := self._held.get(key)) is not None}
        fresh = [source for source in found if source.component not in parts]
        weights = sum(_bytes(source, precisions[source.component]) for source in fresh)
        self._make_room(weights, work)
        parts |= read(fresh, self.device, precisions.__getitem__, tell)
        pipe = assemble(model, parts)
        self._held.update({keys[source.component]: parts[source.component] for source in fresh})
        return Loaded(model, pipe, self.device, self._projection(model, keys.get("vae", ""), pipe))

    def _precision(self, model: Model, component: str) -> torch.dtype:
        dtype = self.device.dtype(model.denoiser_values)
        full = component == "vae" and model.family.upcast_vae and dtype == torch.float16
        return torch.float32 if full else dtype

    def _projection(self, model: Model, vae: str, pipe: DiffusionPipeline) -> Projection | None:
        """Fitting takes longer than reading a VAE that is cached."""
        if vae not in self._projections:
            self._projections[vae] = fit(pipe.components["vae"]) if model.family.starts else None
        return self._projections[vae]

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


def _check_known(model: Model) -> None:
    if not hasattr(diffusers, model.family.pipeline):
        message = f"{model.name} is made for {model.family.pipeline}, which is newer than this program."
        raise UserError(message, "Get a newer Sfumato, or choose another model.")
    if model.family.torchvision and not vision.is_there():
        raise vision.missing(model.name)


def _bytes(source: Source, precision: torch.dtype) -> int:
    """That it takes in memory."""
    return source.bytes if source.stays_packed else source.values * precision.itemsize


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)[:200]
