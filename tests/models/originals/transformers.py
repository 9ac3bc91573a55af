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


# ---------------------------------------------------------------- Black Forest Labs

BFL: Rules = [  # of Flux, Flux.2 and Chroma
    (r"^time_(?:text|guidance)_embed\.timestep_embedder\.linear_1", "time_in.in_layer"),
    (r"^time_(?:text|guidance)_embed\.timestep_embedder\.linear_2", "time_in.out_layer"),
    (r"^time_(?:text|guidance)_embed\.guidance_embedder\.linear_1", "guidance_in.in_layer"),
    (r"^time_(?:text|guidance)_embed\.guidance_embedder\.linear_2", "guidance_in.out_layer"),
    (r"^time_text_embed\.text_embedder\.linear_1", "vector_in.in_layer"),
    (r"^time_text_embed\.text_embedder\.linear_2", "vector_in.out_layer"),
    (r"^context_embedder", "txt_in"),
    (r"^x_embedder", "img_in"),
    (r"^(double_stream_modulation_img|double_stream_modulation_txt|single_stream_modulation)\.linear", r"\1.lin"),
    (r"^transformer_blocks\.(\d+)\.norm1\.linear", r"double_blocks.\1.img_mod.lin"),
    (r"^transformer_blocks\.(\d+)\.norm1_context\.linear", r"double_blocks.\1.txt_mod.lin"),
    (r"^transformer_blocks\.(\d+)\.attn\.qkv", r"double_blocks.\1.img_attn.qkv"),
    (r"^transformer_blocks\.(\d+)\.attn\.added_qkv", r"double_blocks.\1.txt_attn.qkv"),
    (r"^transformer_blocks\.(\d+)\.attn\.norm_q\.weight", r"double_blocks.\1.img_attn.norm.query_norm.scale"),
    (r"^transformer_blocks\.(\d+)\.attn\.norm_k\.weight", r"double_blocks.\1.img_attn.norm.key_norm.scale"),
    (r"^transformer_blocks\.(\d+)\.attn\.norm_added_q\.weight", r"double_blocks.\1.txt_attn.norm.query_norm.scale"),
    (r"^transformer_blocks\.(\d+)\.attn\.norm_added_k\.weight", r"double_blocks.\1.txt_attn.norm.key_norm.scale"),
    (r"^transformer_blocks\.(\d+)\.attn\.to_out\.0", r"double_blocks.\1.img_attn.proj"),
    (r"^transformer_blocks\.(\d+)\.attn\.to_add_out", r"double_blocks.\1.txt_attn.proj"),
    (r"^transformer_blocks\.(\d+)\.ff\.(?:net\.0\.proj|linear_in)", r"double_blocks.\1.img_mlp.0"),
    (r"^transformer_blocks\.(\d+)\.ff\.(?:net\.2|linear_out)", r"double_blocks.\1.img_mlp.2"),
    (r"^transformer_blocks\.(\d+)\.ff_context\.(?:net\.0\.proj|linear_in)", r"double_blocks.\1.txt_mlp.0"),
    (r"^transformer_blocks\.(\d+)\.ff_context\.(?:net\.2|linear_out)", r"double_blocks.\1.txt_mlp.2"),
    (r"^single_transformer_blocks\.(\d+)\.norm\.linear", r"single_blocks.\1.modulation.lin"),
    (r"^single_transformer_blocks\.(\d+)\.attn\.norm_q\.weight", r"single_blocks.\1.norm.query_norm.scale"),
    (r"^single_transformer_blocks\.(\d+)\.attn\.norm_k\.weight", r"single_blocks.\1.norm.key_norm.scale"),
    (r"^single_transformer_blocks\.(\d+)\.(?:attn\.to_qkv_mlp_proj|linear1)", r"single_blocks.\1.linear1"),
    (r"^single_transformer_blocks\.(\d+)\.(?:proj_out|attn\.to_out)", r"single_blocks.\1.linear2"),
    (r"^distilled_guidance_layer\.layers\.(\d+)\.linear_1", r"distilled_guidance_layer.layers.\1.in_layer"),
    (r"^distilled_guidance_layer\.layers\.(\d+)\.linear_2", r"distilled_guidance_layer.layers.\1.out_layer"),
    (r"^distilled_guidance_layer\.norms\.(\d+)\.weight", r"distilled_guidance_layer.norms.\1.scale"),
    (r"^norm_out\.linear", "final_layer.adaLN_modulation.1"),
    (r"^proj_out", "final_layer.linear"),
]


def bfl(tensors: Tensors) -> Tensors:
    """Of Flux, Flux.2 and Chroma."""
    single = {name for name in tensors if name.startswith("single_")}
    own = {name: tensor for name, tensor in tensors.items() if name not in single}
    own = fused(fused(own, QKV, "qkv"), ADDED, "added_qkv")
    rest = {name: tensors[name] for name in single}
    rest = fused(rest, [f"attn.{part}" for part in QKV] + ["proj_mlp"], "linear1")
    for name in ("norm_out.linear.weight", "norm_out.linear.bias"):
        if name in own:
            own[name] = swapped(own[name])
    return renamed(own | rest, BFL)


def flux2_vae(module: Any) -> Tensors:
    tensors = module.state_dict()
    statistics = {name: tensor for name, tensor in tensors.items() if name.startswith("bn.")}
    return ldm.vae(module) | statistics


# ---------------------------------------------------------------- others

ZIMAGE: Rules = [
    (r"^all_final_layer\.2-1\.", "final_layer."),
    (r"^all_x_embedder\.2-1\.", "x_embedder."),
    (r"\.attention\.to_out\.0\.", ".attention.out."),
    (r"\.attention\.norm_([qk])\.", r".attention.\1_norm."),
]


def zimage_transformer(module: Any) -> Tensors:
    return renamed(fused(module.state_dict(), QKV, "qkv"), ZIMAGE)


SANA: Rules = [  # and of PixArt
    (r"^(?:patch|pos)_embed\.proj", "x_embedder.proj"),
    (r"^(?:time_embed|adaln_single)\.emb\.timestep_embedder\.linear_1", "t_embedder.mlp.0"),
    (r"^(?:time_embed|adaln_single)\.emb\.timestep_embedder\.linear_2", "t_embedder.mlp.2"),
    (r"^(?:time_embed|adaln_single)\.linear", "t_block.1"),
    (r"^caption_projection\.linear_1", "y_embedder.y_proj.fc1"),
    (r"^caption_projection\.linear_2", "y_embedder.y_proj.fc2"),
    (r"^caption_norm", "attention_y_norm"),
    (r"^transformer_blocks\.", "blocks."),
    (r"\.attn1\.qkv", ".attn.qkv"),
    (r"\.attn1\.to_out\.0", ".attn.proj"),
    (r"\.attn2\.to_q", ".cross_attn.q_linear"),
    (r"\.attn2\.kv", ".cross_attn.kv_linear"),
    (r"\.attn2\.to_out\.0", ".cross_attn.proj"),
    (r"\.ff\.conv_(inverted|depth|point)\.", r".mlp.\1_conv.conv."),
    (r"\.ff\.net\.0\.proj", ".mlp.fc1"),
    (r"\.ff\.net\.2", ".mlp.fc2"),
    (r"^proj_out", "final_layer.linear"),
    (r"^scale_shift_table", "final_layer.scale_shift_table"),
]


def sana_transformer(module: Any) -> Tensors:
    """Of PixArt, too, from which it has its names."""
    first = [f"attn1.{part}" for part in QKV]
    tensors = fused(fused(module.state_dict(), first, "attn1.qkv"), ["attn2.to_k", "attn2.to_v"], "attn2.kv")
    unused = {"pos_embed": torch.zeros(1, 4, 32), "y_embedder.y_embedding": torch.zeros(4, 64)}
    return renamed(tensors, SANA) | unused


WAN: Rules = [  # the VAE of Qwen-Image
    (r"\.norm1\.", ".residual.0."),
    (r"\.conv1\.", ".residual.2."),
    (r"\.norm2\.", ".residual.3."),
    (r"\.conv2\.", ".residual.6."),
    (r"\.conv_shortcut\.", ".shortcut."),
    (r"\.mid_block\.resnets\.0\.", ".middle.0."),
    (r"\.mid_block\.attentions\.0\.", ".middle.1."),
    (r"\.mid_block\.resnets\.1\.", ".middle.2."),
    (r"^encoder\.down_blocks\.", "encoder.downsamples."),
    *(
        (rf"^decoder\.up_blocks\.{i}\.resnets\.{j}\.", f"decoder.upsamples.{4 * i + j}.")
        for i in range(4)
        for j in range(3)
    ),
    *((rf"^decoder\.up_blocks\.{i}\.upsamplers\.0\.", f"decoder.upsamples.{4 * i + 3}.") for i in range(4)),
    (r"coder\.conv_in\.", "coder.conv1."),
    (r"coder\.norm_out\.", "coder.head.0."),
    (r"coder\.conv_out\.", "coder.head.2."),
    (r"^quant_conv\.", "conv1."),
    (r"^post_quant_conv\.", "conv2."),
]


def wan_vae(tensors: Tensors) -> Tensors:
    return renamed(tensors, WAN)
