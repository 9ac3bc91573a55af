"""From the tensors of one layer of a LoRA file to deltas. Raises ValueError where they do not belong together."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

import torch
from torch import Tensor

from desktop.engine.loras.deltas import (
    Decomposed,
    Delta,
    Difference,
    Hadamard,
    Kronecker,
    LowRank,
    Rotated,
    Shape,
)
from desktop.engine.loras.file import Layer, LoraFile
from desktop.engine.loras.layouts import is_kohya_oft, is_peft
from desktop.engine.loras.relatives import Butterfly, Generalized, Scaled, TurnedInputs

KINDS = {  # by the tensors that tell them
    "dora_scale": "DoRA",
    "magnitudes": "DoRA",
    "hada_w1_a": "LoHa",
    "lokr_w1": "LoKr",
    "lokr_w1_a": "LoKr",
    "oft_blocks": "OFT",
    "oft_diag": "OFT",
    "oft_R": "OFT",
    "on_input": "IA3",
    "a1": "GLoRA",
    "down": "LoRA",
}


def kind_of(file: LoraFile) -> str:
    """What people call it."""
    if any(layer["oft_blocks"].dim() == 4 for layer in file.layers.values() if "oft_blocks" in layer):
        return "BOFT"
    names = {name for layer in file.layers.values() for name in layer}
    return next((kind for name, kind in KINDS.items() if name in names), "difference of weights")


def deltas_of(file: LoraFile, name: str, shape: Shape) -> dict[str, Delta]:
    """What that layer of the file changes, "weight" and "bias"; `shape` is that of the weight that it is for."""
    layer = file.layers[name]
    found: dict[str, Delta] = {}
    if weight := _of_weight(file, name, layer, shape):
        found["weight"] = _decomposed(weight, layer, shape)
    if "diff_b" in layer:
        found["bias"] = Difference(layer["diff_b"].flatten())
    elif "up_bias" in layer:
        found["bias"] = Difference(layer["up_bias"].flatten(), _scale(file, name, layer, len(_get(layer, "down")[0])))
    if not found:
        raise ValueError("nothing that changes a weight")
    return found


def _of_weight(file: LoraFile, name: str, layer: Layer, shape: Shape) -> Delta | None:
    if "up" in layer or "down" in layer:
        return _low_rank(file, name, layer, shape)
    if "hada_w1_a" in layer:
        return _hadamard(file, name, layer)
    if "lokr_w1" in layer or "lokr_w1_a" in layer:
        return _kronecker(file, name, layer)
    if "oft_blocks" in layer or "oft_diag" in layer:
        return _rotated(layer, shape, is_kohya_oft(name))
    if "oft_R" in layer:
        return _turned(layer, shape, file.terms, is_peft(name))
    if "on_input" in layer:
        return _scaled(layer, shape)
    if "a1" in layer:
        return _generalized(file, name, layer, shape)
    return Difference(layer["diff"]) if "diff" in layer else None


def _scale(file: LoraFile, name: str, layer: Layer, rank: int) -> float:
    if not rank:
        raise ValueError("no rank")
    scale = _one(layer["alpha"]) / rank if "alpha" in layer else file.scale(name, rank)
    return scale * (_one(layer["scalar"]) if "scalar" in layer else 1.0)


def _one(tensor: Tensor) -> float:
    if tensor.numel() != 1:
        raise ValueError("not one number")
    return float(tensor)


def _low_rank(file: LoraFile, name: str, layer: Layer, shape: Shape) -> LowRank:
    up, down = _get(layer, "up", "down")
    rank = up[0].numel()
    core = layer.get("mid", down)
    if core.shape[0] != rank or down.dim() < 2:
        raise ValueError("ranks differ")
    if "mid" in layer:
        if rank > shape[0] or math.prod(core.shape[2:]) * down[0].numel() != math.prod(shape[1:]):  # before it is made
            raise ValueError("a core of another size")
        down = torch.einsum("ij...,jr->ir...", core.float(), down.flatten(1).float()).to(down.dtype)
    return LowRank(up.flatten(1), down, _scale(file, name, layer, rank))


def _hadamard(file: LoraFile, name: str, layer: Layer) -> Hadamard:
    a1, b1, a2, b2 = factors = _get(layer, "hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b")
    _check_matrices(factors)
    cores = _get(layer, "hada_t1", "hada_t2") if "hada_t1" in layer else None
    return Hadamard((a1, b1, a2, b2), _scale(file, name, layer, b1.shape[0]), (cores[0], cores[1]) if cores else None)


def _kronecker(file: LoraFile, name: str, layer: Layer) -> Kronecker:
    small = _factors(layer, "lokr_w1")
    large = _factors(layer, "lokr_w2")
    _check_matrices((*small, *large[: 2 if len(large) > 1 else 0]))
    delta = Kronecker(small, large, 1.0)
    return replace(delta, scale=_scale(file, name, layer, delta.rank)) if delta.rank is not None else delta


def _factors(layer: Layer, name: str) -> tuple[Tensor, ...]:
    if name in layer:
        return (layer[name],)
    core = ("lokr_t2",) if name == "lokr_w2" and "lokr_t2" in layer else ()
    return _get(layer, f"{name}_a", f"{name}_b", *core)


def _rotated(layer: Layer, shape: Shape, by_row: bool) -> Delta:
    name = "oft_blocks" if "oft_blocks" in layer else "oft_diag"
    blocks = layer[name].float()
    *_, count, rows, columns = (0, *blocks.shape)
    if blocks.dim() not in (3, 4) or rows != columns or count * rows != shape[0]:
        raise ValueError("blocks of another size")
    rescale = layer.get("rescale")
    if rescale is not None and rescale.numel() != shape[0]:
        raise ValueError("rescales other rows")
    most = (_one(layer["alpha"]) if "alpha" in layer else 0.0) * (shape[0] if by_row else 1)
    if blocks.dim() == 4:
        return Butterfly(blocks, shape, most, rescale)
    orthogonal = name == "oft_diag" and float(blocks.diagonal(dim1=1, dim2=2).mean()) > 0.5  # as LyCORIS did at first
    return Rotated(blocks, shape, most, rescale, orthogonal)


def _turned(layer: Layer, shape: Shape, terms: int, is_peft: bool) -> Delta:
    """How large its blocks are follows from how much stands above their diagonals."""
    vectors = layer["oft_R"]
    inputs = math.prod(shape[1:])
    size = (1 + math.isqrt(1 + 8 * vectors.shape[-1])) // 2
    if vectors.dim() != 2 or size < 2 or size * (size - 1) != 2 * vectors.shape[1] or inputs % size:
        raise ValueError("blocks of another size")
    if len(vectors) not in (1, inputs // size):
        raise ValueError("other inputs")
    turn = 1.0 if is_peft or len(shape) == 2 else -1.0  # OneTrainer turns kernels the other way
    if "scaled_oft" in layer:
        turn /= 2 * math.sqrt(size - 1)
    return TurnedInputs(vectors if turn == 1 else vectors.float() * turn, size, terms, shape)


def _scaled(layer: Layer, shape: Shape) -> Delta:
    [shares] = _get(layer, "weight")
    of_inputs = bool(_one(layer["on_input"]))
    if shares.numel() != shape[1 if of_inputs else 0]:
        raise ValueError("scales others")
    return Scaled(shares.flatten(), of_inputs, shape)


def _generalized(file: LoraFile, name: str, layer: Layer, shape: Shape) -> Delta:
    a1, a2, b1, b2 = (factor.flatten(1) for factor in _get(layer, "a1", "a2", "b1", "b2"))
    inputs = math.prod(shape[1:])
    plus = _pair(b1, b2, (shape[0], inputs))
    times = next((pair for side in (shape[1], inputs) if (pair := _pair(a1, a2, (side, side)))), None)
    if plus is None or times is None:
        raise ValueError("products of another size")
    return Generalized(times, plus, shape, _scale(file, name, layer, plus[1].shape[0]))


def _pair(one: Tensor, other: Tensor, shape: Shape) -> tuple[Tensor, Tensor] | None:
    """In the order in which their product has that shape: LyCORIS has turned it round once. The lower rank is meant."""
    both = ((one, other), (other, one))
    fitting = [(a, b) for a, b in both if a.shape[1] == b.shape[0] and (a.shape[0], b.shape[1]) == shape]
    return min(fitting, key=lambda pair: pair[0].shape[1], default=None)


def _decomposed(delta: Delta, layer: Layer, shape: Shape) -> Delta:
    """PEFT knows lengths of rows only, which it writes as 1 x out x 1 x 1 for convolutions."""
    magnitudes = layer.get("magnitudes", layer.get("dora_scale"))
    if magnitudes is None:
        return delta
    by_row = "magnitudes" in layer or magnitudes.shape[0] == shape[0]
    if magnitudes.numel() != shape[0 if by_row else 1]:
        raise ValueError("lengths of other rows")
    return Decomposed(delta, magnitudes, by_row)


def _get(layer: Layer, *names: str) -> tuple[Tensor, ...]:
    if missing := [name for name in names if name not in layer or not layer[name].numel()]:
        raise ValueError(f"lacks {', '.join(missing)}")
    return tuple(layer[name] for name in names)


def _check_matrices(factors: Iterable[Tensor]) -> None:
    if any(factor.dim() != 2 for factor in factors):
        raise ValueError("not a matrix")
