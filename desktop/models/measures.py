"""Measures: what the shapes of a denoiser's tensors say of its configuration, which its skeleton may have otherwise."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Shapes = Mapping[str, tuple[int, ...]]  # by a tensor's name within the denoiser, in its original or diffusers' layout
Measure = Callable[[Shapes], Any]  # None where the shapes do not say


def side(axis: int, *names: str) -> Measure:
    """A side of the first of these tensors that is there."""

    def measure(shapes: Shapes) -> int | None:
        found = next((shapes[name] for name in names if name in shapes), ())
        return found[axis] if len(found) > axis else None

    return measure


def count(*prefixes: str) -> Measure:
    """How many blocks there are whose names begin so."""
    numbered = re.compile(f"(?:{'|'.join(map(re.escape, prefixes))})(\\d+)\\.")

    def measure(shapes: Shapes) -> int | None:
        return len(_numbers(numbered, shapes)) or None

    return measure


def has(pattern: str, yes: Any = True, no: Any = False) -> Measure:
    return lambda shapes: yes if any(re.search(pattern, name) for name in shapes) else no


def which(pattern: str) -> Measure:
    """The numbers of the blocks with tensors of such a name."""
    return lambda shapes: tuple(sorted(_numbers(re.compile(pattern), shapes)))


def positions(shapes: Shapes) -> int | None:
    """The side of the grid that SD 3 knows its places on."""
    count = next((shapes[name][1] for name in ("pos_embed", "pos_embed.pos_embed") if len(shapes.get(name, ())) > 1), 0)
    return math.isqrt(count) or None


def _numbers(pattern: re.Pattern[str], names: Iterable[str]) -> set[int]:
    return {int(found[1]) for name in names if (found := pattern.match(name))}


UNET: dict[str, Measure] = {"in_channels": side(1, "input_blocks.0.0.weight", "conv_in.weight")}
LAYERS: dict[str, Measure] = {
    "in_channels": side(1, "img_in.weight", "x_embedder.weight"),
    "num_layers": count("double_blocks.", "transformer_blocks."),
    "num_single_layers": count("single_blocks.", "single_transformer_blocks."),
}
MEASURES: dict[str, dict[str, Measure]] = {  # by family: fields of the denoiser's configuration
    **dict.fromkeys(("sd15", "sd2", "sdxl", "sdxl-refiner"), UNET),
    "sd3": {
        "num_layers": count("joint_blocks.", "transformer_blocks."),
        "pos_embed_max_size": positions,
        "qk_norm": has(r"ln_q\b|norm_q\b", "rms_norm", None),
        "dual_attention_layers": which(r"(?:joint_blocks|transformer_blocks)\.(\d+)\.(?:x_block\.)?attn2\."),
    },
    "flux": LAYERS | {"guidance_embeds": has(r"^guidance_in\.|guidance_embedder\.")},
    "flux2": LAYERS,
    "chroma": LAYERS,
}


def measured(family: str, shapes: Shapes) -> dict[str, Any]:
    """What is known of the configuration; a measure of nothing says nothing, but for `qk_norm`, which may be None."""
    found = {field: measure(shapes) for field, measure in MEASURES.get(family, {}).items()}
    return {field: value for field, value in found.items() if value is not None or field == "qk_norm"}
