"""Model files for the window's tests: true headers, with next to nothing behind them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.models.folders import safetensors

MODULE = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k"
WIDTHS = {"sd15": 768, "sdxl": 2048}  # of the text that the module attends to
RANK, OUT = 4, 320


def lora(file: Path, family: str = "sd15", seed: int = 0, said: Mapping[str, str] | None = None) -> Path:
    """One of a single module; `said` goes into its header, triggers and such."""
    shapes = {"lora_down": (RANK, WIDTHS[family]), "lora_up": (OUT, RANK)}
    return write(file, {f"{MODULE}.{name}.weight": shape for name, shape in shapes.items()}, said, seed)


def embedding(file: Path, family: str = "sd15") -> Path:
    return write(file, {"emb_params": (2, WIDTHS[family])})


def broken(file: Path) -> Path:
    """Half of a LoRA."""
    whole = lora(file).read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    return file


def write(
    file: Path, shapes: Mapping[str, tuple[int, ...]], said: Mapping[str, str] | None = None, seed: int = 0
) -> Path:
    header: dict[str, Any] = {"__metadata__": dict(said)} if said else {}
    end = 0
    for name, shape in shapes.items():
        begin, end = end, end + 2 * shape[0] * shape[1]
        header[name] = {"dtype": "F16", "shape": shape, "data_offsets": [begin, end]}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(safetensors(header, bytes([seed]) * end))
    return file


def note(file: Path, **content: Any) -> Path:
    """A1111's, beside a model file."""
    beside = file.with_suffix(".json")
    beside.write_text(json.dumps(content), encoding="utf-8")
    return beside
