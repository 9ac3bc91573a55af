"""Model files as they are found in the wild: true names and shapes, without weights (the files are sparse)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any

BYTES = {"F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "U8": 1, "I8": 1, "I32": 4}
Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Case:
    """A file, and what it is."""

    kind: str
    family: str
    variant: str
    tensors: Shapes
    metadata: Mapping[str, str] = field(default_factory=dict)
    dtype: str = "F16"
    name: str = "some.safetensors"


def header(tensors: Shapes, metadata: Mapping[str, str] | None = None, dtype: str = "F16") -> dict[str, Any]:
    rows: dict[str, Any] = {"__metadata__": dict(metadata)} if metadata else {}
    place = 0
    for name, shape in tensors.items():
        size = prod(shape) * BYTES[dtype]
        rows[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [place, place + size]}
        place += size
    return rows


def write(file: Path, rows: dict[str, Any], missing: int = 0) -> Path:
    """A sparse file of that header and the length that it tells of, less `missing` bytes."""
    text = json.dumps(rows).encode()
    end = max((row["data_offsets"][1] for name, row in rows.items() if name != "__metadata__"), default=0)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as stream:
        stream.write(len(text).to_bytes(8, "little") + text)
        stream.truncate(8 + len(text) + end - missing)
    return file


def written(case: Case, folder: Path) -> Path:
    return write(folder / case.name, header(case.tensors, case.metadata, case.dtype))


def lora(modules: Mapping[str, tuple[int, int]], down: str, up: str, rank: int = 16) -> dict[str, tuple[int, ...]]:
    """`modules`: outputs and inputs by name; conv layers are not needed to know a file."""
    tensors: dict[str, tuple[int, ...]] = {}
    for name, (outputs, inputs) in modules.items():
        tensors |= {f"{name}.{down}": (rank, inputs), f"{name}.{up}": (outputs, rank)}
    return tensors


def kohya(modules: Mapping[str, tuple[int, int]]) -> dict[str, tuple[int, ...]]:
    return lora(modules, "lora_down.weight", "lora_up.weight") | {f"{name}.alpha": () for name in modules}


def peft(modules: Mapping[str, tuple[int, int]]) -> dict[str, tuple[int, ...]]:
    return lora(modules, "lora_A.weight", "lora_B.weight")


def prefixed(prefix: str, tensors: Shapes) -> dict[str, tuple[int, ...]]:
    return {prefix + name: shape for name, shape in tensors.items()}


def makers_unet(width: int, channels: int = 4, labels: int = 0) -> dict[str, tuple[int, ...]]:
    """Of an original checkpoint."""
    tensors: dict[str, tuple[int, ...]] = {
        "input_blocks.0.0.weight": (320, channels, 3, 3),
        "input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight": (640, width),
        "out.2.weight": (4, 320, 3, 3),
        "time_embed.0.weight": (1280, 320),
    }
    return tensors | ({"label_emb.0.0.weight": (1280, labels)} if labels else {})


def diffusers_unet(width: int, channels: int = 4) -> dict[str, tuple[int, ...]]:
    return {
        "conv_in.weight": (320, channels, 3, 3),
        "time_embedding.linear_1.weight": (1280, 320),
        "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight": (640, width),
    }


CHECKPOINT = "model.diffusion_model."
VAE = {
    "encoder.conv_in.weight": (128, 3, 3, 3),
    "decoder.conv_in.weight": (512, 4, 3, 3),
    "decoder.norm_out.weight": (128,),
    "decoder.conv_out.weight": (3, 128, 3, 3),
    "quant_conv.weight": (8, 8, 1, 1),
}
VAE_16 = VAE | {"decoder.conv_in.weight": (512, 16, 3, 3)}
STAGE = prefixed("first_stage_model.", VAE)
CLIP_L = {
    "text_model.embeddings.token_embedding.weight": (49408, 768),
    "text_model.encoder.layers.0.mlp.fc1.weight": (3072, 768),
}
SD15 = prefixed(CHECKPOINT, makers_unet(768)) | STAGE | prefixed("cond_stage_model.transformer.", CLIP_L)
OPEN_CLIP = {
    "token_embedding.weight": (49408, 1024),
    "transformer.resblocks.0.attn.in_proj_weight": (3072, 1024),
}
SD2 = prefixed(CHECKPOINT, makers_unet(1024)) | STAGE | prefixed("cond_stage_model.model.", OPEN_CLIP)
SDXL = (
    prefixed(CHECKPOINT, makers_unet(2048, labels=2816))
    | STAGE
    | prefixed("conditioner.embedders.0.transformer.", CLIP_L)
)
FLUX = {
    "img_in.weight": (3072, 64),
    "double_blocks.0.img_attn.norm.key_norm.scale": (128,),
    "double_blocks.0.img_attn.qkv.weight": (9216, 3072),
    "guidance_in.in_layer.weight": (3072, 256),
}
SCHNELL = {name: shape for name, shape in FLUX.items() if not name.startswith("guidance")}
T5 = {"shared.weight": (32128, 4096), "encoder.block.0.layer.0.SelfAttention.q.weight": (4096, 4096)}
JOINT = {
    "x_embedder.proj.weight": (1536, 16, 2, 2),
    "joint_blocks.0.context_block.adaLN_modulation.1.weight": (9216, 1536),
}
Z_IMAGE = {
    "x_embedder.weight": (3840, 64),
    "cap_embedder.0.weight": (2560,),
    "cap_embedder.1.weight": (3840, 2560),
    "layers.0.attention.qkv.weight": (11520, 3840),
    "layers.0.adaLN_modulation.0.weight": (15360, 256),
}
QWEN = {
    "img_in.weight": (3072, 64),
    "txt_norm.weight": (3584,),
    "time_text_embed.timestep_embedder.linear_1.weight": (3072, 256),
    "transformer_blocks.0.attn.add_q_proj.weight": (3072, 3072),
}
ESRGAN = {"conv_first.weight": (64, 3, 3, 3), "body.0.rdb1.conv1.weight": (32, 64, 3, 3)}
