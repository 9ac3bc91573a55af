"""Loaded models: brought into memory once, shared by all pipeline classes, dropped when another needs the room."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Nothing in here asks the network, whatever a model's files say.
os.environ.update(HF_HUB_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1")

import diffusers
import torch
import transformers
from diffusers import DiffusionPipeline
from tqdm import tqdm

from desktop.engine.memo import Memo
from desktop.engine.memory import Device, is_out_of_memory
from desktop.engine.preview import Projection, fit
from desktop.errors import UserError
from desktop.models.identify import FP16, Model, identify
from desktop.models.samplers import SAMPLERS, Sampler

diffusers.utils.logging.set_verbosity_error()
diffusers.utils.logging.disable_progress_bar()
transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
tqdm.monitor_interval = 0  # or the first bar, shown or not, leaves a thread behind

LIBRARIES: dict[str, Any] = {"diffusers": diffusers, "transformers": transformers}  # that hold the components' classes
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
BLOCK = 8 * 1024 * 1024  # bytes that are read at once
LEAST_SIGNAL = 2e-4  # of the variance, at the last step: a noise of 70 times the signal


@dataclass(eq=False)
class Loaded:
    """A model in memory. Its components are shared by the pipelines made of it; every run has its own scheduler."""

    model: Model
    text_to_image: DiffusionPipeline
    device: Device
    projection: Projection  # from its latents to the colours of a preview
    memo: Memo = field(default_factory=Memo)  # prompts and pictures that it has encoded

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


Tell = Callable[[float], None]  # hears which share of a model's weights is there: 0 to 1


class Pipelines:
    """The models held in memory on one device, the one used last at the end."""

    def __init__(self, device: Device):
        self.device = device
        self._loaded: dict[str, Loaded] = {}

    def load(self, model_id: str, folder: Path, work_bytes: Callable[[Model], int], tell: Tell) -> Loaded:
        """The model, from memory or disk, and room for the work on it: others go for that. Raises UserError.

        `work_bytes` may refuse the model, before its weights are read; `tell` may raise, which ends the loading.
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
            pipe = _read(model, self.device, dtype, tell)
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


def _read(model: Model, device: Device, dtype: torch.dtype, tell: Tell) -> DiffusionPipeline:
    """Part by part, each in two halves: from the disk, which alone can be told in small pieces, and from there."""
    kind = getattr(diffusers, model.family.text_to_image)
    classes = kind.load_config(model.path)
    parts: dict[str, torch.nn.Module] = {}
    read = loaded = 0
    tell(0.0)
    for name, stored in model.part_values.items():
        files, variant = _weights(model.path / name)
        for count in _read_ahead(files):
            read += count
            tell((loaded + read) / 2 / model.bytes)
        library, class_name = classes[name]
        full = name == "vae" and model.family.upcast_vae and dtype == torch.float16
        part = getattr(LIBRARIES[library], class_name).from_pretrained(
            model.path / name,
            dtype=torch.float32 if full else dtype,
            variant=variant,
            use_safetensors=True,
            local_files_only=True,
        )
        _check_whole(name, part, stored)
        parts[name] = part.to(device.torch)
        loaded = read
        tell(loaded / model.bytes)
    absent = {name: None for name in (*model.missing, *LEFT_OUT) if name in _accepted(kind)}
    return kind.from_pretrained(model.path, local_files_only=True, **parts, **absent, **_options(kind))


def _weights(folder: Path) -> tuple[list[Path], str | None]:
    """The files of one part and their variant: plain ones go before those of fp16, as when a model is identified."""
    files = sorted(folder.glob("*.safetensors"))
    plain = [file for file in files if not FP16.search(file.name)]
    return (plain, None) if plain else (files, "fp16")


def _read_ahead(files: list[Path]) -> Iterator[int]:
    """Brings files into the system's cache, where the libraries find them in a moment; yields the bytes as they come.

    On a warm cache that is a tenth of the time that loading takes, on a cold one it takes as long without it.
    """
    block = bytearray(BLOCK)
    for file in files:
        with file.open("rb", buffering=0) as stream:
            while count := stream.readinto(block):
                yield count


def _check_whole(name: str, part: torch.nn.Module, stored: int) -> None:
    """Raises ValueError for weights of another model: libraries fill up at random what a file does not hold."""
    tensors = {tensor.data_ptr(): tensor.numel() for tensor in part.state_dict().values()}
    needed = sum(tensors.values())  # those that two names share counted once
    if not 0.99 * needed <= stored <= 1.1 * needed:  # some files hold an embedding twice
        raise ValueError(f"{name} takes {needed:,} weights, its file holds {stored:,}")


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
