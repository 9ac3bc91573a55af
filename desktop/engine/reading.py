"""Reading: a model's weights from disk into the components of a diffusers pipeline."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from diffusers import DiffusionPipeline
from tqdm import tqdm

from desktop.engine.memory import Device
from desktop.models.folders import FP16
from desktop.models.model import Model

diffusers.utils.logging.set_verbosity_error()
diffusers.utils.logging.disable_progress_bar()
transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
tqdm.monitor_interval = 0  # or the first bar, shown or not, leaves a thread behind

LIBRARIES: dict[str, Any] = {"diffusers": diffusers, "transformers": transformers}  # that hold the components' classes
LEFT_OUT = ("safety_checker", "feature_extractor", "image_encoder")  # components that no task here uses
BLOCK = 8 * 1024 * 1024  # bytes that are read at once

Tell = Callable[[float], None]  # hears which share of a model's weights is there: 0 to 1


def read(model: Model, device: Device, dtype: torch.dtype, tell: Tell) -> DiffusionPipeline:
    """Part by part, each in two halves: from the disk, which alone can be told in small pieces, and from there."""
    kind = getattr(diffusers, model.family.text_to_image)
    classes = kind.load_config(model.path)
    parts: dict[str, torch.nn.Module] = {}
    seen = loaded = 0
    tell(0.0)
    for name, stored in model.part_values.items():
        files, variant = _weights(model.path / name)
        for count in _read_ahead(files):
            seen += count
            tell((loaded + seen) / 2 / model.bytes)
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
        loaded = seen
        tell(loaded / model.bytes)
    absent = {name: None for name in (*model.missing, *LEFT_OUT) if name in accepted(kind)}
    return kind.from_pretrained(model.path, local_files_only=True, **parts, **absent, **options(kind))


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


def options(kind: type) -> dict[str, Any]:
    """Switches of the pipeline classes that have them: no checker that is not there, no hidden watermark."""
    return {name: False for name in ("requires_safety_checker", "add_watermarker") if name in accepted(kind)}


def accepted(kind: type) -> list[str]:
    return list(inspect.signature(kind).parameters)
