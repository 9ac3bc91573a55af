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
from tqdm import tqdm

from desktop.engine.memory import Device, is_out_of_memory
from desktop.engine.preview import Projection, fit
from desktop.errors import UserError
from desktop.models.identify import Model, identify
from desktop.models.samplers import SAMPLERS, Sampler

diffusers.utils.logging.set_verbosity_error()
diffusers.utils.logging.disable_progress_bar()
transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
tqdm.monitor_interval = 0  # or the first bar, shown or not, leaves a thread behind

LEFT_OUT = ("safety_checker", "feature_extractor", "image_encoder")  # components that no task here uses
WAYS = (  # what a model's own scheduler config says of the way and not of the noise: the sampler's business
    "algorithm_type",
    "final_sigmas_type",
    "lower_order_final",
    "solver_order",
    "solver_type",
    "use_beta_sigmas",
    "use_exponential_sigmas",
    "use_karras_sigmas",
)
# what the libraries raise where a model's files do not fit together
BROKEN = (AttributeError, KeyError, NotImplementedError, OSError, RuntimeError, TypeError, ValueError)
LEAST_SIGNAL = 2e-4  # of the variance, at the last step: a noise of 70 times the signal


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

    def pipeline(self, class_name: str, sampler: str) -> Any:
        """A pipeline of that class over the same weights, for prompts that are encoded already.

        Left in, the text encoders would have a say in the precision of the whole.
        """
        kind = getattr(diffusers, class_name)
        components = self.text_to_image.components
        parts: dict[str, Any] = {name: components[name] for name in _accepted(kind) if name in components}
        parts |= {name: None for name in parts if name.startswith(("text_encoder", "tokenizer"))}
        scheduler = make_scheduler(SAMPLERS[sampler], dict(components["scheduler"].config))
        pipe = kind(**(parts | _options(kind) | {"scheduler": scheduler}))
        pipe.set_progress_bar_config(disable=True)
        return pipe


class Pipelines:
    """The models held in memory on one device, the one used last at the end."""

    def __init__(self, device: Device):
        self.device = device
        self._loaded: dict[str, Loaded] = {}

    def holds(self, model_id: str) -> bool:
        return model_id in self._loaded

    def load(self, model_id: str, folder: Path, work_bytes: Callable[[Model], int]) -> Loaded:
        """The model, from memory or disk, and room for the work on it: others go for that. Raises UserError.

        `work_bytes` may refuse the model, before its weights are read.
        """
        if loaded := self._loaded.get(model_id):
            work = work_bytes(loaded.model)
            self._loaded[model_id] = self._loaded.pop(model_id)  # now the last used
            self._make_room(0, work, but=model_id)
            return loaded
        model = _identified(model_id, folder)
        dtype = self.device.dtype(model.denoiser_values)
        self._make_room(model.values * dtype.itemsize, work_bytes(model))
        try:
            pipe = _read(model, dtype).to(self.device.torch)
        except BROKEN as error:
            if is_out_of_memory(error):
                raise
            hint = "Its files do not belong together, or are damaged: download the model again."
            raise UserError(f"{model.name} cannot be loaded: {_first_line(error)}", hint) from error
        loaded = self._loaded[model_id] = Loaded(model, pipe, self.device, fit(pipe.vae))
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


def _read(model: Model, dtype: torch.dtype) -> DiffusionPipeline:
    kind = getattr(diffusers, model.family.text_to_image)
    absent = {name: None for name in (*model.missing, *LEFT_OUT) if name in _accepted(kind)}
    parts = {"vae": torch.float32} if model.family.upcast_vae and dtype == torch.float16 else {}
    pipe = kind.from_pretrained(
        model.path,
        dtype={"default": dtype, **parts},
        variant=model.variant,
        use_safetensors=True,
        local_files_only=True,
        **absent,
        **_options(kind),
    )
    for part, stored in model.part_values.items():  # libraries fill up at random what a file does not hold
        tensors = {tensor.data_ptr(): tensor.numel() for tensor in getattr(pipe, part).state_dict().values()}
        needed = sum(tensors.values())  # those that two names share counted once
        if not 0.99 * needed <= stored <= 1.1 * needed:  # some files hold an embedding twice
            raise ValueError(f"{part} takes {needed:,} weights, its file holds {stored:,}")
    return pipe


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)[:200]


def _options(kind: type) -> dict[str, Any]:
    """Switches of the pipeline classes that have them: no checker that is not there, no hidden watermark."""
    return {name: False for name in ("requires_safety_checker", "add_watermarker") if name in _accepted(kind)}


def _accepted(kind: type) -> list[str]:
    return list(inspect.signature(kind).parameters)


def make_scheduler(sampler: Sampler, config: dict[str, Any]) -> Any:
    """A diffusers scheduler with the model's own noise schedule and the sampler's way through it."""
    noise = {name: value for name, value in config.items() if name not in WAYS}
    changes: dict[str, Any] = dict(sampler.config)
    if noise.get("rescale_betas_zero_snr") and not sampler.zero_snr:
        changes |= {"rescale_betas_zero_snr": False, "trained_betas": _nearly_zero_snr(noise)}
    return getattr(diffusers, sampler.scheduler).from_config(noise, **changes)


def _nearly_zero_snr(config: dict[str, Any]) -> list[float]:
    """The betas of a model whose last step is pure noise, with a trace of signal left.

    For schedulers that cannot take pure noise, or spread their steps over its endless range (Karras).
    """
    scheduler: Any = diffusers.DDIMScheduler.from_config(config)
    alphas = scheduler.alphas_cumprod.double().clamp(min=LEAST_SIGNAL)
    return (1 - alphas / torch.cat([torch.ones(1), alphas[:-1]])).tolist()
