"""Loaded models: brought into memory once, shared by all pipeline classes, dropped when another needs the room."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Nothing in here asks the network, whatever a model's files say.
os.environ.update(HF_HUB_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1")

import diffusers
import torch
import transformers
from diffusers import DiffusionPipeline

from desktop.engine.memory import Device
from desktop.engine.preview import Projection, fit
from desktop.errors import UserError
from desktop.models.identify import Model, identify
from desktop.models.samplers import SAMPLERS, Sampler

diffusers.utils.logging.set_verbosity_error()
diffusers.utils.logging.disable_progress_bar()
transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()

LEFT_OUT = ("safety_checker", "feature_extractor", "image_encoder")  # components that no task here uses
LEAST_SIGNAL = 2e-4  # of the variance, at the last step: a noise of 70 times the signal
ROOM = 1.2  # of a model's own size, so that it can also work


@dataclass(eq=False)
class Loaded:
    """A model in memory. Its components are shared by the pipelines made of it; every run has its own scheduler."""

    model: Model
    text_to_image: DiffusionPipeline
    device: Device
    projection: Projection  # from its latents to the colours of a preview

    @property
    def denoiser(self) -> torch.nn.Module:
        return getattr(self.text_to_image, self.model.family.denoiser)

    @property
    def vae(self) -> Any:
        return self.text_to_image.vae

    @property
    def parts(self) -> dict[str, torch.nn.Module]:
        """The components that hold weights."""
        return {name: part for name, part in self.text_to_image.components.items() if isinstance(part, torch.nn.Module)}

    def pipeline(self, class_name: str, sampler: str) -> DiffusionPipeline:
        """A pipeline of that class over the same weights, with a scheduler of its own."""
        kind = getattr(diffusers, class_name)
        accepted = inspect.signature(kind.__init__).parameters
        components = {name: part for name, part in self.text_to_image.components.items() if name in accepted}
        pipe = kind(**(components | _options(kind) | {"scheduler": make_scheduler(SAMPLERS[sampler], self._scheduler_config)}))
        pipe.set_progress_bar_config(disable=True)
        return pipe

    @property
    def _scheduler_config(self) -> dict[str, Any]:
        return dict(self.text_to_image.scheduler.config)


class Pipelines:
    """The models held in memory on one device, the one used last at the end."""

    def __init__(self, device: Device):
        self.device = device
        self._loaded: dict[str, Loaded] = {}

    def load(self, model_id: str, folder: Path, before: Callable[[Model], None]) -> Loaded:
        """The model, from memory or disk; `before` may refuse it before its weights are read. Raises UserError."""
        if loaded := self._loaded.pop(model_id, None):
            self._loaded[model_id] = loaded  # now the last used
            before(loaded.model)
            return loaded
        model = identify(folder)
        if model.id != model_id:
            raise UserError(f"{folder.name} has changed since the recipe was made.", "Choose the model anew.")
        before(model)
        dtype = self.device.dtype(model.denoiser_values)
        self._make_room(int(model.values * dtype.itemsize * ROOM))
        pipe = _read(model, dtype).to(self.device.torch)
        self._loaded[model_id] = Loaded(model, pipe, self.device, fit(pipe.vae))
        return self._loaded[model_id]

    def drop_all(self) -> None:
        self._loaded.clear()
        self.device.give_back()

    def _make_room(self, needed: int) -> None:
        while self._loaded and self.device.free_bytes() < needed:
            del self._loaded[next(iter(self._loaded))]
            self.device.give_back()
        if (free := self.device.free_bytes()) < needed:
            message = f"The model needs {needed / 1e9:.1f} GB of memory on {self.device.name}; {free / 1e9:.1f} GB are free."
            raise UserError(message, "Close other programs, or choose a smaller model.")


def _read(model: Model, dtype: torch.dtype) -> DiffusionPipeline:
    kind = getattr(diffusers, model.family.text_to_image)
    accepted = inspect.signature(kind.__init__).parameters
    absent = {name: None for name in (*model.missing, *LEFT_OUT) if name in accepted}
    parts = {"vae": torch.float32} if model.family.upcast_vae and dtype == torch.float16 else {}
    return kind.from_pretrained(
        model.path,
        dtype={"default": dtype, **parts},
        variant=model.variant,
        use_safetensors=True,
        local_files_only=True,
        **absent,
        **_options(kind),
    )


def _options(kind: type) -> dict[str, Any]:
    """Switches of the pipeline classes that have them: no checker that is not there, no hidden watermark."""
    accepted = inspect.signature(kind.__init__).parameters
    return {name: False for name in ("requires_safety_checker", "add_watermarker") if name in accepted}


def make_scheduler(sampler: Sampler, config: dict[str, Any]) -> Any:
    """A diffusers scheduler with the model's own noise schedule and the sampler's way through it."""
    changes: dict[str, Any] = dict(sampler.config)
    if config.get("rescale_betas_zero_snr") and not sampler.zero_snr:
        changes |= {"rescale_betas_zero_snr": False, "trained_betas": _nearly_zero_snr(config)}
    return getattr(diffusers, sampler.scheduler).from_config(config, **changes)


def _nearly_zero_snr(config: dict[str, Any]) -> list[float]:
    """The betas of a model whose last step is pure noise, with a trace of signal left.

    For schedulers that cannot take pure noise, or spread their steps over its endless range (Karras).
    """
    alphas = diffusers.DDIMScheduler.from_config(config).alphas_cumprod.double().clamp(min=LEAST_SIGNAL)
    return (1 - alphas / torch.cat([torch.ones(1), alphas[:-1]])).tolist()
