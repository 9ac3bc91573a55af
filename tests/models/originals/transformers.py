"""The layouts of transformers: Stable Diffusion 3, Flux and those after them."""

from __future__ import annotations

from typing import Any

import torch

from tests.models.originals import ldm
from tests.models.originals.names import Rules, Tensors, fused, prefixed, renamed, swapped

SD3: Rules = [
    (r"^pos_embed\.pos_embed$", "pos_embed"),
    (r"^pos_embed\.proj", "x_embedder.proj"),
    (r"^time_text_embed\.timestep_embedder\.linear_1", "t_embedder.mlp.0"),
    (r"^time_text_embed\.timestep_embedder\.linear_2", "t_embedder.mlp.2"),
    (r"^time_text_embed\.text_embedder\.linear_1", "y_embedder.mlp.0"),
    (r"^time_text_embed\.text_embedder\.linear_2", "y_embedder.mlp.2"),
    (r"^transformer_blocks\.(\d+)\.(attn2?)\.(qkv|norm_[qk])", r"joint_blocks.\1.x_block.\2.\3"),
    (r"^transformer_blocks\.(\d+)\.(attn2?)\.to_out\.0", r"joint_blocks.\1.x_block.\2.proj"),
    (r"^transformer_blocks\.(\d+)\.attn\.added_qkv", r"joint_blocks.\1.context_block.attn.qkv"),
    (r"^transformer_blocks\.(\d+)\.attn\.norm_added_", r"joint_blocks.\1.context_block.attn.norm_"),
    (r"^transformer_blocks\.(\d+)\.attn\.to_add_out", r"joint_blocks.\1.context_block.attn.proj"),
    (r"^transformer_blocks\.(\d+)\.norm1\.linear", r"joint_blocks.\1.x_block.adaLN_modulation.1"),
    (r"^transformer_blocks\.(\d+)\.norm1_context\.linear", r"joint_blocks.\1.context_block.adaLN_modulation.1"),
    (r"^transformer_blocks\.(\d+)\.ff\.net\.0\.proj", r"joint_blocks.\1.x_block.mlp.fc1"),
    (r"^transformer_blocks\.(\d+)\.ff\.net\.2", r"joint_blocks.\1.x_block.mlp.fc2"),
    (r"^transformer_blocks\.(\d+)\.ff_context\.net\.0\.proj", r"joint_blocks.\1.context_block.mlp.fc1"),
    (r"^transformer_blocks\.(\d+)\.ff_context\.net\.2", r"joint_blocks.\1.context_block.mlp.fc2"),
    (r"\.norm_([qk])\.", r".ln_\1."),
    (r"^norm_out\.linear", "final_layer.adaLN_modulation.1"),
    (r"^proj_out", "final_layer.linear"),
]
QKV, ADDED = ("to_q", "to_k", "to_v"), ("add_q_proj", "add_k_proj", "add_v_proj")


def sd3_transformer(module: Any) -> Tensors:
    tensors = fused(fused(module.state_dict(), QKV, "qkv"), ADDED, "added_qkv")
    last = f"transformer_blocks.{module.config.num_layers - 1}.norm1_context.linear"
    for name in (*(f"{last}.{kind}" for kind in ("weight", "bias")), "norm_out.linear.weight", "norm_out.linear.bias"):
        tensors[name] = swapped(tensors[name])
    return renamed(tensors, SD3)


def t5(module: torch.nn.Module) -> Tensors:
    return {name: tensor for name, tensor in module.state_dict().items() if name != "encoder.embed_tokens.weight"}


def sd3(pipe: Any) -> Tensors:
    first = ldm.clip(pipe.text_encoder)
    del first["text_projection.weight"]
    encoders = {"clip_l": first, "clip_g": ldm.clip(pipe.text_encoder_2), "t5xxl": t5(pipe.text_encoder_3)}
    tensors = prefixed("model.diffusion_model.", sd3_transformer(pipe.transformer))
    tensors |= prefixed("first_stage_model.", ldm.vae(pipe.vae))
    for name, encoder in encoders.items():
        tensors |= prefixed(f"text_encoders.{name}.transformer.", encoder)
    return tensors
