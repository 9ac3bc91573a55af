"""From the names of diffusers and transformers to those of the original files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

Tensors = dict[str, Tensor]
Rules = Sequence[tuple[str, str]]  # patterns and what they become, applied one after the other


def renamed(tensors: Mapping[str, Tensor], rules: Rules) -> Tensors:
    return {_renamed(name, rules): tensor for name, tensor in tensors.items()}


def _renamed(name: str, rules: Rules) -> str:
    for pattern, replacement in rules:
        name = re.sub(pattern, replacement, name)
    return name


def prefixed(prefix: str, tensors: Mapping[str, Tensor]) -> Tensors:
    return {prefix + name: tensor for name, tensor in tensors.items()}


def fused(tensors: Mapping[str, Tensor], parts: Sequence[str], whole: str) -> Tensors:
    """What ends in the names `parts`, beside each other, becomes one tensor called `whole`, row under row."""
    made = dict(tensors)
    for name in tensors:
        for kind in ("weight", "bias"):
            if name.endswith(f".{parts[0]}.{kind}"):
                stem = name.removesuffix(f"{parts[0]}.{kind}")
                rows = [made.pop(f"{stem}{part}.{kind}") for part in parts]
                made[f"{stem}{whole}.{kind}"] = torch.cat(rows)
    return made


def swapped(tensor: Tensor) -> Tensor:
    """Scale and shift, which diffusers has the other way round."""
    return torch.cat(tensor.chunk(2)[::-1])
