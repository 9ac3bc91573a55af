"""LoRA files of random numbers in the layouts of the programs that write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from tqdm import tqdm

from desktop.engine.loras.names import shape_of
from desktop.models.weights import content_id
from desktop.recipe import LoraUse

tqdm.monitor_interval = 0  # PEFT shows bars, which would leave a thread behind
RANK = 4
ATTENTION = ("to_q", "to_k", "to_v", "to_out.0", "q_proj", "k_proj", "v_proj", "out_proj")
BRANCHES = (nn.Linear, nn.Conv2d)


def layers(part: nn.Module, ends: Iterable[str] = ATTENTION) -> dict[str, tuple[int, ...]]:
    """Paths and shapes of the linear layers and convolutions whose path ends so."""
    found = ((path, module) for path, module in part.named_modules() if isinstance(module, BRANCHES))
    return {path: shape_of(module) for path, module in found if path.endswith(tuple(ends))}


def low_rank(shape: tuple[int, ...], seed: int = 0, rank: int = RANK, size: float = 0.2) -> tuple[Tensor, Tensor]:
    """Down and up."""
    generator = torch.Generator().manual_seed(seed)
    rows, *columns = shape
    kernel = (1, 1) if len(shape) == 4 else ()
    down = torch.randn(rank, *columns, generator=generator) * size
    return down, torch.randn(rows, rank, *kernel, generator=generator) * size


def kohya(
    part: nn.Module,
    prefix: str = "lora_unet",
    alpha: float = 2.0,
    seed: int = 0,
    ends: Iterable[str] = ATTENTION,
    **options: Any,
) -> dict[str, Tensor]:
    """As kohya's scripts write it: underscores for dots, and alpha as a number of its own."""
    tensors: dict[str, Tensor] = {}
    for number, (path, shape) in enumerate(layers(part, ends).items()):
        down, up = low_rank(shape, seed * 1000 + number, **options)
        name = f"{prefix}_{path.replace('.', '_')}"
        tensors |= {f"{name}.lora_down.weight": down, f"{name}.lora_up.weight": up}
        tensors[f"{name}.alpha"] = torch.tensor(alpha)
    return tensors


def peft(
    part: nn.Module, prefix: str = "unet.", seed: int = 0, ends: Iterable[str] = ATTENTION, **options: Any
) -> dict[str, Tensor]:
    """As diffusers writes it: PEFT's names."""
    tensors: dict[str, Tensor] = {}
    for number, (path, shape) in enumerate(layers(part, ends).items()):
        down, up = low_rank(shape, seed * 1000 + number, **options)
        tensors |= {f"{prefix}{path}.lora_A.weight": down, f"{prefix}{path}.lora_B.weight": up}
    return tensors


def saved(file: Path, tensors: Mapping[str, Tensor], metadata: dict[str, str] | None = None) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.contiguous().clone() for name, tensor in tensors.items()}, file, metadata)
    return file


def use(file: Path, weight: float = 1.0, **options: Any) -> LoraUse:
    return LoraUse(content_id(file), file.stem, weight, **options)


def paths(*files: Path) -> dict[str, Path]:
    return {content_id(file): file for file in files}
