"""PixArt's own names for its weights, which diffusers reads only in its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from torch import Tensor

RULES = (
    (r"^x_embedder\.", "pos_embed."),
    (r"^t_embedder\.mlp\.0\.", "adaln_single.emb.timestep_embedder.linear_1."),
    (r"^t_embedder\.mlp\.2\.", "adaln_single.emb.timestep_embedder.linear_2."),
    (r"^csize_embedder\.mlp\.0\.", "adaln_single.emb.resolution_embedder.linear_1."),
    (r"^csize_embedder\.mlp\.2\.", "adaln_single.emb.resolution_embedder.linear_2."),
    (r"^ar_embedder\.mlp\.0\.", "adaln_single.emb.aspect_ratio_embedder.linear_1."),
    (r"^ar_embedder\.mlp\.2\.", "adaln_single.emb.aspect_ratio_embedder.linear_2."),
    (r"^t_block\.1\.", "adaln_single.linear."),
    (r"^y_embedder\.y_proj\.fc([12])\.", r"caption_projection.linear_\1."),
    (r"^blocks\.", "transformer_blocks."),
    (r"\.cross_attn\.proj\.", ".attn2.to_out.0."),
    (r"\.cross_attn\.q_linear\.", ".attn2.to_q."),
    (r"\.cross_attn\.kv_linear\.", ".attn2.kv."),
    (r"\.attn\.proj\.", ".attn1.to_out.0."),
    (r"\.attn\.qkv\.", ".attn1.qkv."),
    (r"\.mlp\.fc1\.", ".ff.net.0.proj."),
    (r"\.mlp\.fc2\.", ".ff.net.2."),
    (r"^final_layer\.linear\.", "proj_out."),
    (r"^final_layer\.", ""),
)
FUSED = {".qkv.": (".to_q.", ".to_k.", ".to_v."), ".kv.": (".to_k.", ".to_v.")}  # one under the other
UNUSED = ("pos_embed", "y_embedder.y_embedding")


def converted(tensors: Mapping[str, Tensor], _: Mapping[str, Any]) -> dict[str, Tensor]:
    """In the names of diffusers."""
    made: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        if name in UNUSED:
            continue
        for pattern, replacement in RULES:
            name = re.sub(pattern, replacement, name)
        whole = next((whole for whole in FUSED if whole in name), "")
        parts = FUSED.get(whole, ("",))
        names = [name.replace(whole, part) for part in parts] if whole else [name]
        made |= dict(zip(names, tensor.chunk(len(parts)), strict=True))
    return made
