"""GGUF: denoisers whose weights stay as small as they are in the file, and are restored where they are used.

Text encoders are restored as they are read. They have llama.cpp's names, those of T5 are known here.
"""

from __future__ import annotations

import re

import torch
from diffusers import GGUFQuantizationConfig
from diffusers.loaders.single_file_utils import LDM_UNET_KEY
from diffusers.models.model_loading_utils import load_gguf_checkpoint
from gguf import GGUFReader, dequantize
from torch import Tensor, nn

from desktop.engine import originals
from desktop.engine.sources import Source

T5 = "T5EncoderModel"
OUTSIDE = {"token_embd": "shared", "enc.output_norm": "encoder.final_layer_norm"}
INSIDE = {  # a block: theirs, ours
    "attn_norm": "layer.0.layer_norm",
    "attn_q": "layer.0.SelfAttention.q",
    "attn_k": "layer.0.SelfAttention.k",
    "attn_v": "layer.0.SelfAttention.v",
    "attn_o": "layer.0.SelfAttention.o",
    "attn_rel_b": "layer.0.SelfAttention.relative_attention_bias",
    "ffn_norm": "layer.1.layer_norm",
    "ffn_gate": "layer.1.DenseReluDense.wi_0",
    "ffn_up": "layer.1.DenseReluDense.wi_1",
    "ffn_down": "layer.1.DenseReluDense.wo",
}
BLOCK = re.compile(r"enc\.blk\.(\d{1,3})\.(\w+)")


def load(source: Source, dtype: torch.dtype) -> nn.Module:
    """Raises ValueError and others where the file does not fit."""
    assert source.names is not None
    if source.kind.__name__ == T5:
        return originals.text_encoder(source, _restored(source, dtype), dtype)
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


def _restored(source: Source, dtype: torch.dtype) -> dict[str, Tensor]:
    """Matrix after matrix, so that no more than one is there at full precision."""
    found = {}
    for tensor in GGUFReader(source.files[0]).tensors:
        values = torch.from_numpy(dequantize(tensor.data, tensor.tensor_type).copy())
        found[_name(tensor.name)] = values.to(dtype)
    return found


def _name(theirs: str) -> str:
    """As transformers calls it; what is not known stays as it is."""
    path = theirs.removesuffix(".weight")
    if (block := BLOCK.fullmatch(path)) and block[2] in INSIDE:
        return f"encoder.block.{block[1]}.{INSIDE[block[2]]}.weight"
    return f"{OUTSIDE[path]}.weight" if path in OUTSIDE else theirs
