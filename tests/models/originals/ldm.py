"""The layout of Stable Diffusion 1, 2 and XL (LDM): U-Net, VAE, and the two kinds of text encoder."""

from __future__ import annotations

import re
from typing import Any

import torch
from torch import Tensor, nn

from tests.models.originals.names import Rules, Tensors, prefixed, renamed

RESNET: Rules = [
    (r"\.norm1\.", ".in_layers.0."),
    (r"\.conv1\.", ".in_layers.2."),
    (r"\.time_emb_proj\.", ".emb_layers.1."),
    (r"\.norm2\.", ".out_layers.0."),
    (r"\.conv2\.", ".out_layers.3."),
    (r"\.conv_shortcut\.", ".skip_connection."),
]
AROUND: Rules = [
    (r"^conv_in\.", "input_blocks.0.0."),
    (r"^time_embedding\.linear_1\.", "time_embed.0."),
    (r"^time_embedding\.linear_2\.", "time_embed.2."),
    (r"^add_embedding\.linear_1\.", "label_emb.0.0."),
    (r"^add_embedding\.linear_2\.", "label_emb.0.2."),
    (r"^conv_norm_out\.", "out.0."),
    (r"^conv_out\.", "out.2."),
    (r"^mid_block\.resnets\.0\.", "middle_block.0."),
    (r"^mid_block\.attentions\.0\.", "middle_block.1."),
    (r"^mid_block\.resnets\.1\.", "middle_block.2."),
]


def unet(module: Any) -> Tensors:
    layers = module.config.layers_per_block
    return {_unet_name(module, name, layers): tensor for name, tensor in module.state_dict().items()}


def _unet_name(module: Any, name: str, layers: int) -> str:
    if found := re.match(r"(down|up)_blocks\.(\d+)\.(resnets|attentions|downsamplers|upsamplers)\.(\d+)\.(.*)", name):
        way, block, kind, layer, rest = found.groups()
        down = way == "down"
        count = int(block) * (layers + 1) + (layers if kind.endswith("samplers") else int(layer)) + down
        if kind == "downsamplers":
            return f"input_blocks.{count}.0.{rest.replace('conv.', 'op.')}"
        place = {"resnets": 0, "attentions": 1, "upsamplers": 1}[kind]
        if kind == "upsamplers" and hasattr(module.up_blocks[int(block)], "attentions"):
            place = 2
        name = f"{'input' if down else 'output'}_blocks.{count}.{place}.{rest}"
    name = next(iter(renamed({name: torch.empty(0)}, AROUND)))
    attention = ".transformer_blocks." in name
    return name if attention else next(iter(renamed({name: torch.empty(0)}, RESNET)))


VAE: Rules = [
    (r"down_blocks\.(\d+)\.resnets\.(\d+)", r"down.\1.block.\2"),
    (r"down_blocks\.(\d+)\.downsamplers\.0", r"down.\1.downsample"),
    (r"up_blocks\.(\d+)\.upsamplers\.0", r"up_blocks.\1.upsample"),
    (r"up_blocks\.(\d+)\.resnets\.(\d+)", r"up_blocks.\1.block.\2"),
    (r"mid_block\.resnets\.0", "mid.block_1"),
    (r"mid_block\.resnets\.1", "mid.block_2"),
    (r"mid_block\.attentions\.0", "mid.attn_1"),
    (r"attn_1\.group_norm", "attn_1.norm"),
    (r"attn_1\.to_([qkv])", r"attn_1.\1"),
    (r"attn_1\.to_out\.0", "attn_1.proj_out"),
    (r"conv_norm_out", "norm_out"),
    (r"conv_shortcut", "nin_shortcut"),
]


def vae(module: Any) -> Tensors:
    last = len(module.config.up_block_types) - 1
    rules = [*VAE, *((rf"up_blocks\.{i}\.", f"up.{last - i}.") for i in range(last + 1))]
    return {name: _as_convolution(name, tensor) for name, tensor in renamed(module.state_dict(), rules).items()}


def _as_convolution(name: str, tensor: Tensor) -> Tensor:
    return tensor[:, :, None, None] if ".attn_1." in name and tensor.ndim == 2 else tensor


def clip(module: nn.Module) -> Tensors:
    """As in the files of OpenAI, and of transformers until lately."""
    return {_clip_name(name): tensor for name, tensor in module.state_dict().items()}


def _clip_name(name: str) -> str:
    return name if name.startswith("text_") else f"text_model.{name}"


OPEN_CLIP: Rules = [
    (r"^text_model\.embeddings\.token_embedding\.weight", "token_embedding.weight"),
    (r"^text_model\.embeddings\.position_embedding\.weight", "positional_embedding"),
    (r"^text_model\.final_layer_norm", "ln_final"),
    (r"^text_model\.encoder\.layers", "transformer.resblocks"),
    (r"layer_norm1", "ln_1"),
    (r"layer_norm2", "ln_2"),
    (r"mlp\.fc1", "mlp.c_fc"),
    (r"mlp\.fc2", "mlp.c_proj"),
    (r"self_attn", "attn"),
]


def open_clip(module: nn.Module) -> Tensors:
    tensors = renamed(clip(module), OPEN_CLIP)
    for name in [name for name in tensors if ".q_proj." in name]:
        parts = [tensors.pop(name.replace(".q_proj.", f".{part}_proj.")) for part in "qkv"]
        tensors[name.replace(".q_proj.", ".in_proj_")] = torch.cat(parts)
    if "text_projection.weight" in tensors:
        tensors["text_projection"] = tensors.pop("text_projection.weight").T.contiguous()
    return tensors | {"logit_scale": torch.tensor(4.6)}


def sd15(pipe: Any) -> Tensors:
    positions = {"embeddings.position_ids": torch.arange(77)[None]}  # that some files hold
    encoder = clip(pipe.text_encoder) | prefixed("text_model.", positions)
    return _checkpoint(pipe, prefixed("cond_stage_model.transformer.", encoder))


def sd2(pipe: Any) -> Tensors:
    return _checkpoint(pipe, prefixed("cond_stage_model.model.", open_clip(pipe.text_encoder)))


def sdxl(pipe: Any) -> Tensors:
    first = prefixed("conditioner.embedders.0.transformer.", clip(pipe.text_encoder))
    second = prefixed("conditioner.embedders.1.model.", open_clip(pipe.text_encoder_2))
    return _checkpoint(pipe, first | second)


def refiner(pipe: Any) -> Tensors:
    return _checkpoint(pipe, prefixed("conditioner.embedders.0.model.", open_clip(pipe.text_encoder_2)))


def _checkpoint(pipe: Any, encoders: Tensors) -> Tensors:
    rest = {"alphas_cumprod": torch.linspace(1, 0, 1000)}  # belongs to no component
    denoiser = prefixed("model.diffusion_model.", unet(pipe.unet))
    return denoiser | prefixed("first_stage_model.", vae(pipe.vae)) | encoders | rest
