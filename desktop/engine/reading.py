"""Reading: a model's weights from disk into the components of a diffusers pipeline."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import diffusers
import torch
import transformers
from diffusers import DiffusionPipeline
from torch import nn
from tqdm import tqdm

from desktop.engine import gguf, originals
from desktop.engine.memory import Device
from desktop.engine.sources import Source
from desktop.models.model import Model

diffusers.utils.logging.set_verbosity_error()
diffusers.utils.logging.disable_progress_bar()
transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
tqdm.monitor_interval = 0  # or the first bar, shown or not, leaves a thread behind

LEFT_OUT = ("safety_checker", "feature_extractor", "image_encoder")  # components that no task here uses
BLOCK = 8 * 1024 * 1024  # bytes that are read at once

Tell = Callable[[float], None]  # hears which share of a model's weights is there: 0 to 1


def read(
    sources: Sequence[Source], device: Device, precision: Callable[[str], torch.dtype], tell: Tell
) -> dict[str, nn.Module]:
    """Components by name, one after the other, each in two halves.

    From the disk, which alone can be told in small pieces, and from there. `precision` is that of a component.
    """
    whole = sum(source.bytes for source in sources) or 1
    parts: dict[str, nn.Module] = {}
    seen = loaded = 0
    tell(0.0)
    for source in sources:
        for count in _read_ahead(source):
            seen += count
            tell((loaded + seen) / 2 / whole)
        parts[source.component] = _loaded(source, precision(source.component)).to(device.torch)
        loaded = seen
        tell(loaded / whole)
    return parts


def assemble(model: Model, parts: Mapping[str, nn.Module]) -> DiffusionPipeline:
    """The pipeline of these components; schedulers and tokenizers are read for it."""
    folder = model.skeleton or model.path
    kind = getattr(diffusers, model.family.pipeline)
    absent = {name: None for name in (*model.missing, *LEFT_OUT) if name in accepted(kind)}
    pipe = kind.from_pretrained(folder, local_files_only=True, **parts, **absent, **options(kind))
    if model.scheduling:
        pipe.scheduler = type(pipe.scheduler).from_config(pipe.scheduler.config, **model.scheduling)
    return pipe


def _loaded(source: Source, dtype: torch.dtype) -> nn.Module:
    if source.is_gguf:
        return gguf.load(source, dtype)
    if source.names is not None:
        return originals.assemble(source, dtype)
    part = source.kind.from_pretrained(
        source.folder, dtype=dtype, variant=source.variant, use_safetensors=True, local_files_only=True
    )
    _check_whole(source, part)
    return part


def _read_ahead(source: Source) -> Iterator[int]:
    """Brings the weights into the system's cache, where the libraries find them; yields the bytes as they come.

    On a cold cache loading takes as long without it; what is cached already is left where it is.
    """
    block = bytearray(BLOCK)
    for file, begin, end in source.spans:
        with file.open("rb", buffering=0) as stream:
            stream.seek(begin)
            while begin < end:
                size = min(BLOCK, end - begin)
                if not _is_cached(stream.fileno(), begin):
                    stream.seek(begin)
                    stream.readinto(memoryview(block)[:size])
                begin += size
                yield size


def _is_cached(file: int, place: int) -> bool:
    """Whether the system holds that byte of a file in memory; where it does not say, it is not."""
    if not hasattr(os, "RWF_NOWAIT"):
        return False
    try:
        return os.preadv(file, [bytearray(1)], place, os.RWF_NOWAIT) == 1
    except OSError:
        return False


def _check_whole(source: Source, part: nn.Module) -> None:
    """Raises ValueError for weights of another model: libraries fill up at random what a file does not hold."""
    tensors = {tensor.data_ptr(): tensor.numel() for tensor in part.state_dict().values()}
    needed = sum(tensors.values())  # those that two names share counted once
    if not 0.99 * needed <= source.values <= 1.1 * needed:  # some files hold an embedding twice
        raise ValueError(f"{source.component} takes {needed:,} weights, its file holds {source.values:,}")


def options(kind: type) -> dict[str, Any]:
    """Switches of the pipeline classes that have them: no checker that is not there, no hidden watermark."""
    return {name: False for name in ("requires_safety_checker", "add_watermarker") if name in accepted(kind)}


def accepted(kind: type) -> list[str]:
    return list(inspect.signature(kind).parameters)
