"""LoRA files: their tensors layer by layer, whichever program wrote them. Everything in them is mistrusted."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from desktop.engine.inversion import BUNDLED
from desktop.engine.loras.layouts import parsed
from desktop.engine.unsafe import read_pickle
from desktop.errors import UserError
from desktop.models.entries import entry_of
from desktop.models.entry import PICKLES
from desktop.models.weights import opened, read_header

NO_LORA = "Choose a LoRA, or one of its relatives: LoHa, LoKr, DoRA, OFT."
LONGEST_CONFIG = 1_000_000  # bytes
PEFT_FILE, PEFT_CONFIG = "adapter_model.safetensors", "adapter_config.json"  # which lie side by side
TERMS, MOST_TERMS = 5, 50  # of Cayley's transform
FLOATS = (torch.float32, torch.float16, torch.bfloat16, torch.float64, torch.float8_e4m3fn, torch.float8_e5m2)

NUMBERS = ("alpha", "on_input", "scaled_oft")  # some write them whole, or as yes and no
SUM = torch.float32  # which none of these that is finite takes beyond bounds, unless it is absurd

Layer = dict[str, Tensor]  # what belongs to one layer of a model, by the names that layouts.py gives


@dataclass(frozen=True)
class Scaling:
    """How strong a file's low-rank layers are where they do not say so themselves: PEFT writes that beside them."""

    alpha: float | None = None  # None: the rank, so 1
    by_root: bool = False  # rank-stabilized: divided by the root of the rank
    alphas: Mapping[str, float] = field(default_factory=dict)  # of layers whose name ends so

    def of(self, layer: str, rank: int) -> float:
        own = next((alpha for end, alpha in self.alphas.items() if f".{layer}".endswith(f".{end}")), self.alpha)
        if own is None:
            return 1.0
        return own / (math.sqrt(rank) if self.by_root else rank)


@dataclass(frozen=True, eq=False)
class LoraFile:
    """What is in a file."""

    name: str
    layers: Mapping[str, Layer]
    strangers: tuple[str, ...]  # keys of no known kind
    metadata: Mapping[str, str]
    family: str  # a key of FAMILIES: what its weights look like; empty where they do not tell
    scalings: Mapping[str, Scaling]  # by the parts' prefixes: "unet"; "" for all
    terms: int  # of Cayley's transform, by which PEFT's OFT turns; 0: exactly

    def scale(self, layer: str, rank: int) -> float:
        part, _, rest = layer.partition(".")
        if part in self.scalings:
            return self.scalings[part].of(rest, rank)
        return self.scalings[""].of(layer, rank) if "" in self.scalings else 1.0

    @property
    def bytes(self) -> int:
        return sum(tensor.nbytes for layer in self.layers.values() for tensor in layer.values())


def read(file: Path, name: str) -> LoraFile:
    """Raises UserError where it is damaged or no LoRA."""
    tensors, metadata = _pickled(file, name) if file.suffix.lower() in PICKLES else _tensors(file, name)
    layers: dict[str, Layer] = {}
    strangers = []
    for key, tensor in tensors.items():
        if (found := parsed(key)) and tensor.dtype in FLOATS:
            layers.setdefault(found[0], {})[found[1]] = tensor
        elif found and found[1] in NUMBERS:
            layers.setdefault(found[0], {})[found[1]] = tensor.float()
        elif not key.startswith(BUNDLED):
            strangers.append(key)
    _add_scales(layers, tensors)
    _check_finite(name, layers)
    known = {f"{path}.weight" for path, layer in layers.items() if "weight" in layer}
    strangers = [key for key in strangers if key not in known]
    beside = _beside(file)
    scalings = _scalings(metadata, beside)
    return LoraFile(name, layers, tuple(strangers), metadata, entry_of(file).family, scalings, _terms(beside))


def _add_scales(layers: Mapping[str, Layer], tensors: Mapping[str, Tensor]) -> None:
    """What IA3 scales by is called as the weights of models are."""
    for path, layer in layers.items():
        scales = tensors.get(f"{path}.weight")
        if "on_input" in layer and scales is not None and scales.dtype in FLOATS:
            layer["weight"] = scales


def _pickled(file: Path, name: str) -> tuple[dict[str, Tensor], dict[str, str]]:
    tensors = read_pickle(file)
    _check_keys(file, name, tensors)
    return tensors, {}


def _tensors(file: Path, name: str) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Copied: a map of a file that others write would end the program."""
    read_header(file)  # says in words what is wrong with it
    try:
        with safe_open(file, "pt") as opened:
            metadata = opened.metadata() or {}
            _check_keys(file, name, opened.keys())
        tensors = safetensors.torch.load(file.read_bytes())
        return dict(sorted(tensors.items())), metadata  # they come in any order
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        raise UserError(f"{name} cannot be read: {error}", "The file is damaged; fetch it again.") from None


def _check_keys(file: Path, name: str, keys: Iterable[str]) -> None:
    """Raises UserError, before gigabytes are read, for what is no LoRA, or a relative too far."""
    if any(found[1] != "alpha" for key in keys if (found := parsed(key))):
        return
    entry = entry_of(file)
    if entry.kind == "lora" and entry.variant:
        raise UserError(f"{name} is a relative of LoRA that does not run here: {entry.variant}.", NO_LORA)
    raise UserError(f"{name} is no LoRA.", NO_LORA)


def _check_finite(name: str, layers: Mapping[str, Layer]) -> None:
    for path, layer in layers.items():
        for tensor in layer.values():
            if not math.isfinite(float(tensor.float().sum() if tensor.itemsize == 1 else tensor.sum(dtype=SUM))):
                message = f"{name} is damaged: {path} holds numbers that are none."
                raise UserError(message, "Fetch the file again; a LoRA whose training failed cannot be mended.")


def _beside(file: Path) -> dict[str, Any]:
    """What PEFT has left beside its file."""
    if file.name == PEFT_FILE:
        with contextlib.suppress(OSError), opened(file.with_name(PEFT_CONFIG)) as (stream, _):
            return _json(stream.read(LONGEST_CONFIG))
    return {}


def _scalings(metadata: Mapping[str, str], beside: Mapping[str, Any]) -> dict[str, Scaling]:
    """By part as diffusers writes it into the header; for all as PEFT writes it beside."""
    told = _json(metadata.get("lora_adapter_metadata", ""))
    prefixes = {prefix for key in told for prefix, dot, rest in [key.rpartition(".")] if rest == "lora_alpha"}
    found = {
        prefix: _scaling({key.removeprefix(f"{prefix}."): value for key, value in told.items()}) for prefix in prefixes
    }
    return found or ({"": _scaling(beside)} if beside else {})


def _terms(beside: Mapping[str, Any]) -> int:
    if beside.get("use_cayley_neumann") is False:
        return 0
    return round(min(max(_number(beside.get("num_cayley_neumann_terms")) or TERMS, 1), MOST_TERMS))


def _scaling(config: Mapping[str, Any]) -> Scaling:
    patterns = config.get("alpha_pattern")
    alphas = (
        {key: number for key, value in patterns.items() if (number := _number(value)) is not None}
        if isinstance(patterns, dict)
        else {}
    )
    return Scaling(_number(config.get("lora_alpha")), config.get("use_rslora") is True, alphas)


def _number(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e6
    return float(value) if is_number else None


def _json(text: str | bytes) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
