"""GGUF: denoisers whose weights stay as small as they are in the file, and are restored where they are used."""

from __future__ import annotations

import torch
from diffusers import GGUFQuantizationConfig
from diffusers.loaders.single_file_utils import LDM_UNET_KEY
from diffusers.models.model_loading_utils import load_gguf_checkpoint
from torch import nn

from desktop.engine.sources import Source


def load(source: Source, dtype: torch.dtype) -> nn.Module:
    """Raises ValueError and others where the file does not fit."""
    assert source.names is not None
    if not hasattr(source.kind, "from_single_file"):
        raise ValueError(f"{source.component} in GGUF does not run here; choose one in safetensors")
    held = load_gguf_checkpoint(str(source.files[0]))
    prefix = LDM_UNET_KEY if source.component == "unet" else ""
    return source.kind.from_single_file(
        {f"{prefix}{inner}": held[name] for name, inner in source.names.items()},
        config=str(source.folder),
        local_files_only=True,
        dtype=dtype,
        quantization_config=GGUFQuantizationConfig(compute_dtype=dtype),
        **source.changes,
    )
