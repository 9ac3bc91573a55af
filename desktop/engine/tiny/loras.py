"""LoRAs."""

from __future__ import annotations

import torch
from torch import Tensor, nn

RANK = 2


def lora(part: nn.Module, prefix: str) -> dict[str, Tensor]:
    """By PEFT's names, of all layers that make queries."""
    generator = torch.Generator().manual_seed(0)
    tensors: dict[str, Tensor] = {}
    for path, layer in part.named_modules():
        if path.endswith("to_q") and isinstance(layer, nn.Linear):
            rows, columns = layer.weight.shape
            tensors[f"{prefix}{path}.lora_A.weight"] = torch.randn(RANK, columns, generator=generator)
            tensors[f"{prefix}{path}.lora_B.weight"] = torch.randn(rows, RANK, generator=generator)
    return tensors
