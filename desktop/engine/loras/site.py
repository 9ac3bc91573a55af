"""Site: one module of a model and what LoRAs change there, put on and taken off without a trace.

Deltas of low rank run beside the module, all in one pair of matrices, so that three cost little more than one. The
others are merged into its weight; the original is kept as it was and comes back, bit for bit. Quantized weights
cannot be merged into: there the others run beside, too, made anew each time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from desktop.engine.loras.deltas import Additive, Delta, LowRank
from desktop.engine.loras.names import shape_of

PLAIN = (torch.float32, torch.float16, torch.bfloat16)  # weights that are stored as they are

Weighted = tuple[Delta, float]  # and how much of it
Low = tuple[LowRank, float]


def takes(module: nn.Module, delta: Delta, parameter: str) -> bool:
    """Whether it can be had there at all."""
    beside = parameter == "weight" and isinstance(delta, Additive) and _branches(module)
    return beside or _is_plain(module, parameter)


def _branches(module: nn.Module) -> bool:
    """Whether something can run beside it."""
    if isinstance(module, nn.Conv2d):
        return module.groups == 1 and module.padding_mode == "zeros"
    return isinstance(module, nn.Linear)


def _is_plain(module: nn.Module, parameter: str) -> bool:
    tensor = getattr(module, parameter, None)
    return type(tensor) is nn.Parameter and type(tensor.data) is Tensor and tensor.dtype in PLAIN


class Site:
    """The weight and the bias of one module."""

    def __init__(self, module: nn.Module):
        self._module = module
        self._originals: dict[str, Tensor] = {}
        self._branch: _Branch | None = None
        self._hook: Any = None

    def set(self, weight: Sequence[Weighted], bias: Sequence[Weighted], fused: bool) -> None:
        """Exactly these, whatever was there before; those that it does not take are left out."""
        low = [(delta, factor) for delta, factor in weight if isinstance(delta, LowRank) and _branches(self._module)]
        if _is_plain(self._module, "weight"):
            if fused or self._is_thick(low):
                low = []
            self._merge("weight", [each for each in weight if each not in low])
            self._run_beside(low, [])
        else:
            others = [each for each in weight if each not in low and takes(self._module, each[0], "weight")]
            self._run_beside(low, others)
        if _is_plain(self._module, "bias"):
            self._merge("bias", bias)

    def clear(self) -> None:
        self.set((), (), fused=False)

    def _is_thick(self, low: Sequence[Low]) -> bool:
        """A branch of so many ranks would take longer than the module itself."""
        rows, *columns = shape_of(self._module)
        width = math.prod(columns)
        return sum(delta.rank for delta, _ in low) * (rows + width) > rows * width

    def _merge(self, name: str, changes: Sequence[Weighted]) -> None:
        """The original lies in the main memory meanwhile, on the processor without being copied."""
        parameter = getattr(self._module, name)
        if name in self._originals:
            parameter.data = self._originals.pop(name).to(parameter.device)
        if not changes:
            return
        original = parameter.data
        merged = original.float()
        low = [(delta, factor) for delta, factor in changes if isinstance(delta, LowRank)]
        if low:  # in one pass
            merged = torch.addmm(merged.flatten(1), _ups(low, merged), _downs(low, merged).flatten(1)).view_as(merged)
        for delta, factor in changes:
            if not isinstance(delta, LowRank):
                merged = torch.add(merged, delta.change(original), alpha=factor)
        parameter.data = merged.to(original.dtype)
        self._originals[name] = original.cpu()

    def _run_beside(self, low: Sequence[Low], others: Sequence[Weighted]) -> None:
        if not low and not others:
            if self._hook:
                self._hook.remove()
            self._hook = self._branch = None
            return
        if self._branch is None:
            self._branch = _Branch(self._module)
            self._hook = self._module.register_forward_hook(self._branch)
        self._branch.set(low, others)


class _Branch:
    """A forward hook that adds to its module's output what deltas make of the input."""

    def __init__(self, module: nn.Module):
        self._shape = shape_of(module)
        weight: Any = module.weight
        self._like = torch.empty(
            0, dtype=weight.dtype if weight.dtype in PLAIN else torch.float32, device=weight.device
        )
        self._low: list[LowRank] = []
        self._down = self._up = self._like
        self._others: Sequence[Weighted] = ()

    def set(self, low: Sequence[Low], others: Sequence[Weighted]) -> None:
        """Of other weights alone, only one of the matrices is made anew."""
        self._others = others
        deltas = [delta for delta, _ in low]
        if deltas != self._low:
            self._low = deltas
            self._down = _downs(low, self._like) if low else self._like
        self._up = _ups(low, self._like) if low else self._like

    def __call__(self, module: Any, given: tuple[Any, ...], output: Tensor) -> Tensor:
        x = given[0]
        if self._low:
            output = self._with_low(module, x, output)
        if self._others:
            like = torch.zeros(self._shape, device=x.device)
            for delta, factor in self._others:
                like = torch.add(like, delta.change(like), alpha=factor)
            output = output + _passed(module, x, like.to(x.dtype)).to(output.dtype)
        return output

    def _with_low(self, module: Any, x: Tensor, output: Tensor) -> Tensor:
        if self._up.dtype != x.dtype or self._up.device != x.device:  # offloaded, or run at another precision
            self._down, self._up, self._like = (each.to(x) for each in (self._down, self._up, self._like))
        inner = _passed(module, x, self._down)
        if isinstance(module, nn.Conv2d):
            return output.add_(F.conv2d(inner, self._up[:, :, None, None]))
        if output.dtype != x.dtype or not output.is_contiguous():
            return output + F.linear(inner, self._up).to(output.dtype)
        output.view(-1, output.shape[-1]).addmm_(inner.view(-1, inner.shape[-1]), self._up.T)
        return output


def _downs(low: Sequence[Low], like: Tensor) -> Tensor:
    return torch.cat([delta.down.to(like) for delta, _ in low])


def _ups(low: Sequence[Low], like: Tensor) -> Tensor:
    """With their scales and weights."""
    scaled = [delta.up.to(like.device).float() * (delta.scale * factor) for delta, factor in low]
    return torch.cat(scaled, dim=1).to(like)


def _passed(module: Any, x: Tensor, weight: Tensor) -> Tensor:
    """Through the module with another weight and no bias."""
    if isinstance(module, nn.Conv2d):
        return F.conv2d(x, weight, None, module.stride, module.padding, module.dilation)
    return F.linear(x, weight)
