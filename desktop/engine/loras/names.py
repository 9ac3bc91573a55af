"""What a component's modules are called in LoRA files: diffusers' own paths, and those of the original code.

Some programs write paths with underscores for dots. The original code of many transformers has one layer where
diffusers has two to four: such a name stands for places in several modules, which share its rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from torch import nn

# theirs: ours, all in one for layers that are one there; * is a block's number
BLOCKS = "transformer_blocks.*"
SINGLE = "single_transformer_blocks.*"
_QKV = ("attn.to_q", "attn.to_k", "attn.to_v")
_ADDED = ("attn.add_q_proj", "attn.add_k_proj", "attn.add_v_proj")
_FIRST = ("attn1.to_q", "attn1.to_k", "attn1.to_v")


def _in(block: str, *paths: str) -> tuple[str, ...]:
    return tuple(f"{block}.{path}" for path in paths)


_ROWS: list[tuple[str, tuple[str, ...]]] = [
    # Flux, Chroma
    ("img_in", ("x_embedder",)),
    ("txt_in", ("context_embedder",)),
    ("time_in.in_layer", ("time_text_embed.timestep_embedder.linear_1",)),
    ("time_in.out_layer", ("time_text_embed.timestep_embedder.linear_2",)),
    ("vector_in.in_layer", ("time_text_embed.text_embedder.linear_1",)),
    ("vector_in.out_layer", ("time_text_embed.text_embedder.linear_2",)),
    ("guidance_in.in_layer", ("time_text_embed.guidance_embedder.linear_1",)),
    ("guidance_in.out_layer", ("time_text_embed.guidance_embedder.linear_2",)),
    ("distilled_guidance_layer.layers.*.in_layer", ("distilled_guidance_layer.layers.*.linear_1",)),
    ("distilled_guidance_layer.layers.*.out_layer", ("distilled_guidance_layer.layers.*.linear_2",)),
    ("double_blocks.*.img_attn.qkv", _in(BLOCKS, *_QKV)),
    ("double_blocks.*.txt_attn.qkv", _in(BLOCKS, *_ADDED)),
    ("double_blocks.*.img_attn.proj", _in(BLOCKS, "attn.to_out.0")),
    ("double_blocks.*.txt_attn.proj", _in(BLOCKS, "attn.to_add_out")),
    ("double_blocks.*.img_mlp.0", _in(BLOCKS, "ff.net.0.proj")),
    ("double_blocks.*.img_mlp.2", _in(BLOCKS, "ff.net.2")),
    ("double_blocks.*.txt_mlp.0", _in(BLOCKS, "ff_context.net.0.proj")),
    ("double_blocks.*.txt_mlp.2", _in(BLOCKS, "ff_context.net.2")),
    ("double_blocks.*.img_mod.lin", _in(BLOCKS, "norm1.linear")),
    ("double_blocks.*.txt_mod.lin", _in(BLOCKS, "norm1_context.linear")),
    ("single_blocks.*.linear1", _in(SINGLE, *_QKV, "proj_mlp")),
    ("single_blocks.*.linear2", _in(SINGLE, "proj_out")),
    ("single_blocks.*.modulation.lin", _in(SINGLE, "norm.linear")),
    ("final_layer.linear", ("proj_out",)),
    ("final_layer.adaLN_modulation.1", ("norm_out.linear",)),
    # Flux as xlabs writes it
    ("double_blocks.*.processor.qkv_lora1", _in(BLOCKS, *_QKV)),
    ("double_blocks.*.processor.qkv_lora2", _in(BLOCKS, *_ADDED)),
    ("double_blocks.*.processor.proj_lora1", _in(BLOCKS, "attn.to_out.0")),
    ("double_blocks.*.processor.proj_lora2", _in(BLOCKS, "attn.to_add_out")),
    ("single_blocks.*.processor.qkv", _in(SINGLE, *_QKV)),
    ("single_blocks.*.processor.proj", _in(SINGLE, "proj_out")),
    # Flux.2
    ("time_in.in_layer", ("time_guidance_embed.timestep_embedder.linear_1",)),
    ("time_in.out_layer", ("time_guidance_embed.timestep_embedder.linear_2",)),
    ("guidance_in.in_layer", ("time_guidance_embed.guidance_embedder.linear_1",)),
    ("guidance_in.out_layer", ("time_guidance_embed.guidance_embedder.linear_2",)),
    ("double_stream_modulation_img.lin", ("double_stream_modulation_img.linear",)),
    ("double_stream_modulation_txt.lin", ("double_stream_modulation_txt.linear",)),
    ("single_stream_modulation.lin", ("single_stream_modulation.linear",)),
    ("double_blocks.*.img_mlp.0", _in(BLOCKS, "ff.linear_in")),
    ("double_blocks.*.img_mlp.2", _in(BLOCKS, "ff.linear_out")),
    ("double_blocks.*.txt_mlp.0", _in(BLOCKS, "ff_context.linear_in")),
    ("double_blocks.*.txt_mlp.2", _in(BLOCKS, "ff_context.linear_out")),
    ("single_blocks.*.linear1", _in(SINGLE, "attn.to_qkv_mlp_proj")),
    ("single_blocks.*.linear2", _in(SINGLE, "attn.to_out")),
    # Stable Diffusion 3
    ("x_embedder.proj", ("pos_embed.proj",)),
    ("t_embedder.mlp.0", ("time_text_embed.timestep_embedder.linear_1",)),
    ("t_embedder.mlp.2", ("time_text_embed.timestep_embedder.linear_2",)),
    ("y_embedder.mlp.0", ("time_text_embed.text_embedder.linear_1",)),
    ("y_embedder.mlp.2", ("time_text_embed.text_embedder.linear_2",)),
    ("joint_blocks.*.x_block.attn.qkv", _in(BLOCKS, *_QKV)),
    ("joint_blocks.*.x_block.attn2.qkv", _in(BLOCKS, "attn2.to_q", "attn2.to_k", "attn2.to_v")),
    ("joint_blocks.*.context_block.attn.qkv", _in(BLOCKS, *_ADDED)),
    ("joint_blocks.*.x_block.attn.proj", _in(BLOCKS, "attn.to_out.0")),
    ("joint_blocks.*.x_block.attn2.proj", _in(BLOCKS, "attn2.to_out.0")),
    ("joint_blocks.*.context_block.attn.proj", _in(BLOCKS, "attn.to_add_out")),
    ("joint_blocks.*.x_block.mlp.fc1", _in(BLOCKS, "ff.net.0.proj")),
    ("joint_blocks.*.x_block.mlp.fc2", _in(BLOCKS, "ff.net.2")),
    ("joint_blocks.*.context_block.mlp.fc1", _in(BLOCKS, "ff_context.net.0.proj")),
    ("joint_blocks.*.context_block.mlp.fc2", _in(BLOCKS, "ff_context.net.2")),
    ("joint_blocks.*.x_block.adaLN_modulation.1", _in(BLOCKS, "norm1.linear")),
    ("joint_blocks.*.context_block.adaLN_modulation.1", _in(BLOCKS, "norm1_context.linear")),
    # Z-Image
    *(
        (f"{block}.*.attention.{theirs}", tuple(f"{block}.*.attention.{path}" for path in ours))
        for block in ("layers", "noise_refiner", "context_refiner")
        for theirs, ours in (("qkv", ("to_q", "to_k", "to_v")), ("out", ("to_out.0",)))
    ),
    ("x_embedder", ("all_x_embedder.2-1",)),
    ("final_layer.linear", ("all_final_layer.2-1.linear",)),
    # PixArt, Sana
    ("x_embedder.proj", ("patch_embed.proj",)),
    ("t_embedder.mlp.0", ("time_embed.emb.timestep_embedder.linear_1",)),
    ("t_embedder.mlp.2", ("time_embed.emb.timestep_embedder.linear_2",)),
    ("t_block.1", ("time_embed.linear",)),
    ("t_embedder.mlp.0", ("adaln_single.emb.timestep_embedder.linear_1",)),
    ("t_embedder.mlp.2", ("adaln_single.emb.timestep_embedder.linear_2",)),
    ("t_block.1", ("adaln_single.linear",)),
    ("y_embedder.y_proj.fc1", ("caption_projection.linear_1",)),
    ("y_embedder.y_proj.fc2", ("caption_projection.linear_2",)),
    ("blocks.*.attn.qkv", _in(BLOCKS, *_FIRST)),
    ("blocks.*.attn.proj", _in(BLOCKS, "attn1.to_out.0")),
    ("blocks.*.cross_attn.q_linear", _in(BLOCKS, "attn2.to_q")),
    ("blocks.*.cross_attn.kv_linear", _in(BLOCKS, "attn2.to_k", "attn2.to_v")),
    ("blocks.*.cross_attn.proj", _in(BLOCKS, "attn2.to_out.0")),
    ("blocks.*.mlp.fc1", _in(BLOCKS, "ff.net.0.proj")),
    ("blocks.*.mlp.fc2", _in(BLOCKS, "ff.net.2")),
    ("blocks.*.mlp.inverted_conv.conv", _in(BLOCKS, "ff.conv_inverted")),
    ("blocks.*.mlp.depth_conv.conv", _in(BLOCKS, "ff.conv_depth")),
    ("blocks.*.mlp.point_conv.conv", _in(BLOCKS, "ff.conv_point")),
]
_IN_RESNETS = {  # of U-Nets: ours, theirs
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
_OUTSIDE_BLOCKS = {
    "conv_in": "input_blocks.0.0",
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}
_OLD_TEXT = {"q_proj": "to_q", "k_proj": "to_k", "v_proj": "to_v", "out_proj": "to_out"}  # of diffusers in 2023
_BLOCK = re.compile(r"(down|up)_blocks\.(\d+)\.(resnets|attentions|downsamplers|upsamplers)\.(\d+)\.(.+)")
_MIDDLE = re.compile(r"mid_block\.(resnets|attentions)\.(\d+)\.(.+)")


@dataclass(frozen=True)
class Place:
    """A module, and which rows of a layer of the original code it is: all of them where `stop` is None."""

    path: str
    start: int = 0
    stop: int | None = None
    swapped: bool = False  # its halves stand the other way round there


Names = dict[str, tuple[Place, ...]]


def names_of(part: nn.Module) -> Names:
    """The places by all their names in files, with dots and with underscores."""
    shapes = {path: shape_of(module) for path, module in part.named_modules() if _has_weight(module)}
    found: Names = {}
    for path in shapes:
        for name in (path, *_other_names(part, path)):
            _add(found, name, (Place(path),))
    for theirs, ours in _ROWS:
        for number in _numbers(ours[0], shapes):
            paths = [path.replace("*", number) for path in ours]
            if all(path in shapes for path in paths):
                name = theirs.replace("*", number)
                _add(found, name, tuple(_places(name, paths, shapes)))
    return found


def shape_of(module: Any) -> tuple[int, ...]:
    """Of its weight: quantized ones are stored in another."""
    if hasattr(module, "in_features"):
        return module.out_features, module.in_features
    return tuple(module.weight.shape)


def _has_weight(module: nn.Module) -> bool:
    return getattr(module, "weight", None) is not None


def _add(names: Names, name: str, places: tuple[Place, ...]) -> None:
    names.setdefault(name, places)
    names.setdefault(name.replace(".", "_"), places)


def _numbers(path: str, shapes: dict[str, tuple[int, ...]]) -> list[str]:
    """Those of the blocks that have such a module."""
    before, star, after = path.partition("*")
    if not star:
        return [""]
    starts = (known[len(before) :] for known in shapes if known.startswith(before) and known.endswith(after))
    return [rest.removesuffix(after) for rest in starts if rest.removesuffix(after).isdecimal()]


def _places(name: str, paths: list[str], shapes: dict[str, tuple[int, ...]]) -> Iterator[Place]:
    """Scale and shift stand the other way round in the last norms of the original transformers."""
    if len(paths) == 1:
        rows, columns, *_ = (*shapes[paths[0]], 0)
        yield Place(paths[0], swapped=name.endswith("adaLN_modulation.1") and rows == 2 * columns)
        return
    start = 0
    for path in paths:
        yield Place(path, start, start + shapes[path][0])
        start += shapes[path][0]


def _other_names(part: nn.Module, path: str) -> Iterator[str]:
    """Of a module that is one there, too."""
    if hasattr(part, "down_blocks"):
        yield from _in_original_unet(part, path)
    plain = path.removeprefix("text_model.")  # which some versions of transformers have, and some have not
    if "encoder.layers." in path:
        yield from (plain, f"text_model.{plain}")
        start, _, last = plain.rpartition(".")
        if last in _OLD_TEXT:
            yield f"text_model.{start}.{_OLD_TEXT[last]}"
    start, dot, last = path.removesuffix(".0").rpartition(".")
    if dot and last.startswith(("to_", "add_")):  # of attention, as diffusers wrote it in 2023
        yield from (f"{start}.{last}", f"{start}.processor.{last}")


def _in_original_unet(part: Any, path: str) -> Iterator[str]:
    if path in _OUTSIDE_BLOCKS:
        yield _OUTSIDE_BLOCKS[path]
    elif match := _MIDDLE.fullmatch(path):
        kind, number, rest = match.groups()
        yield f"middle_block.{2 * int(number) if kind == 'resnets' else 1}.{_rest(kind, rest)}"
    elif match := _BLOCK.fullmatch(path):
        way, block, kind, number, rest = match.groups()
        yield _in_block(part, way, int(block), kind, int(number), rest)


def _in_block(part: Any, way: str, block: int, kind: str, number: int, rest: str) -> str:
    layers = part.config["layers_per_block"]
    count = (layers if isinstance(layers, int) else layers[0]) + 1
    if kind == "downsamplers":
        return f"input_blocks.{count * (block + 1)}.0.op"
    if kind == "upsamplers":
        behind = 2 if hasattr(part.up_blocks[block], "attentions") else 1
        return f"output_blocks.{count * (block + 1) - 1}.{behind}.{rest}"
    column = 0 if kind == "resnets" else 1
    if way == "down":
        return f"input_blocks.{1 + count * block + number}.{column}.{_rest(kind, rest)}"
    return f"output_blocks.{count * block + number}.{column}.{_rest(kind, rest)}"


def _rest(kind: str, rest: str) -> str:
    return _IN_RESNETS.get(rest, rest) if kind == "resnets" else rest
