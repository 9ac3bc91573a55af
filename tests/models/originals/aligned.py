"""Safetensors whose tensors begin at multiples of 64 bytes, as far as that can be.

In float32 the last bits of a processor's results depend on where weights lie in memory, and they are mapped from where
they lie in their file. So are pictures from two files the same to the bit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from safetensors.torch import load_file
from torch import Tensor

STEP = 64
DTYPES = {"torch.float32": "F32", "torch.float16": "F16", "torch.bfloat16": "BF16", "torch.int64": "I64"}


def save(tensors: Mapping[str, Tensor], file: Path) -> Path:
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    data = b""
    for name, tensor in sorted(tensors.items(), key=lambda item: item[1].nbytes % STEP != 0):
        content = tensor.contiguous().reshape(-1).numpy().tobytes()
        places = [len(data), len(data) + len(content)]
        header[name] = {"dtype": DTYPES[str(tensor.dtype)], "shape": list(tensor.shape), "data_offsets": places}
        data += content
    text = json.dumps(header).encode()
    text += b" " * (-(len(text) + 8) % STEP)
    file.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return file


def align(folder: Path) -> Path:
    """All weights of a diffusers folder."""
    for file in folder.glob("*/*.safetensors"):
        save({name: tensor.clone() for name, tensor in load_file(file).items()}, file)
    return folder
