"""GGUF files, written with the format's own package."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gguf
import torch
from torch import Tensor


def save(tensors: Mapping[str, Tensor], file: Path, architecture: str, kind: gguf.GGMLQuantizationType) -> Path:
    """Matrices are quantized where their rows are whole blocks, all else stays as it is."""
    writer = gguf.GGUFWriter(file, architecture)
    block = gguf.GGML_QUANT_SIZES[kind][0]
    for name, tensor in tensors.items():
        values = _values(tensor)
        if values.ndim == 2 and values.shape[1] % block == 0:
            writer.add_tensor(name, gguf.quants.quantize(values, kind), raw_dtype=kind)
        else:
            writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def restored(tensors: Mapping[str, Tensor], kind: gguf.GGMLQuantizationType) -> dict[str, Tensor]:
    """What is left of them after that."""
    block = gguf.GGML_QUANT_SIZES[kind][0]
    made = {}
    for name, tensor in tensors.items():
        values = _values(tensor)
        if values.ndim == 2 and values.shape[1] % block == 0:
            values = gguf.quants.dequantize(gguf.quants.quantize(values, kind), kind)
        made[name] = torch.from_numpy(values)
    return made


def _values(tensor: Tensor) -> Any:
    return tensor.detach().contiguous().float().numpy()
