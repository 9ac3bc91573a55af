"""Deltas: what a LoRA or one of its relatives makes of one weight.

Papers: LoRA (Hu 2021), LoHa (FedPara, Hyeon-Woo 2021), LoKr (KronA, Edalati 2022), DoRA (Liu 2024), OFT (Qiu 2023);
the layouts of their tensors are those of LyCORIS and kohya's scripts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

Shape = tuple[int, ...]


class Delta(Protocol):
    """A change of one weight of `shape`; `rank` is None where there is no such thing."""

    @property
    def shape(self) -> Shape: ...

    @property
    def rank(self) -> int | None: ...

    @property
    def is_nothing(self) -> bool:
        """Whether it surely changes no weight."""
        ...

    def change(self, weight: Tensor) -> Tensor:
        """What is to be added to the weight, in float32 and on its device."""
        ...


@runtime_checkable
class Divisible(Protocol):
    """One that knows its part for some of the rows."""

    def rows(self, start: int, stop: int) -> Delta: ...


@dataclass(frozen=True, eq=False)
class LowRank:
    """up @ down: LoRA itself. `up` out x r, `down` r x in (x the kernel of a convolution)."""

    up: Tensor
    down: Tensor
    scale: float

    @property
    def shape(self) -> Shape:
        return (self.up.shape[0], *self.down.shape[1:])

    @property
    def rank(self) -> int:
        return self.up.shape[1]

    @property
    def is_nothing(self) -> bool:
        return self.scale == 0 or is_zero(self.up, self.down)

    def change(self, weight: Tensor) -> Tensor:
        return (full(self.up, weight) @ full(self.down, weight).flatten(1) * self.scale).reshape(weight.shape)

    def norm(self) -> float:
        """Of the change (Frobenius), without making it."""
        up, down = self.up.float(), self.down.float().flatten(1)
        return abs(self.scale) * math.sqrt(max(0.0, float(((up.T @ up) * (down @ down.T)).sum())))


@dataclass(frozen=True, eq=False)
class Difference:
    """The change as it is."""

    values: Tensor
    scale: float = 1.0
    rank: None = None

    @property
    def shape(self) -> Shape:
        return tuple(self.values.shape)

    @property
    def is_nothing(self) -> bool:
        return self.scale == 0 or is_zero(self.values)

    def change(self, weight: Tensor) -> Tensor:
        return (full(self.values, weight) * self.scale).reshape(weight.shape)


@dataclass(frozen=True, eq=False)
class Hadamard:
    """LoHa: the product, number by number, of two matrices (or kernels, by `cores`) of low rank."""

    factors: tuple[Tensor, Tensor, Tensor, Tensor]  # w1_a, w1_b, w2_a, w2_b
    scale: float
    cores: tuple[Tensor, Tensor] | None = None

    @property
    def shape(self) -> Shape:
        a, b, *_ = self.factors
        return (a.shape[1], b.shape[1], *self.cores[0].shape[2:]) if self.cores else (a.shape[0], b.shape[1])

    @property
    def rank(self) -> int:
        return self.factors[1].shape[0]

    @property
    def is_nothing(self) -> bool:
        return self.scale == 0 or is_zero(*self.factors, *(self.cores or ()))

    def change(self, weight: Tensor) -> Tensor:
        a1, b1, a2, b2 = (full(factor, weight) for factor in self.factors)
        if self.cores:
            first, second = (full(core, weight) for core in self.cores)
            product = _tucker(first, a1, b1) * _tucker(second, a2, b2)
        else:
            product = (a1 @ b1) * (a2 @ b2)
        return (product * self.scale).reshape(weight.shape)


@dataclass(frozen=True, eq=False)
class Kronecker:
    """LoKr: the Kronecker product of a small matrix and a larger one, each whole or a product of two (or three)."""

    small: tuple[Tensor, ...]
    large: tuple[Tensor, ...]
    scale: float

    @property
    def shape(self) -> Shape:
        (rows, columns), (out, into, *kernel) = _product_shape(self.small), _product_shape(self.large)
        return (rows * out, columns * into, *kernel)

    @property
    def rank(self) -> int | None:
        pair = next((factors for factors in (self.large, self.small) if len(factors) > 1), None)
        return pair[1].shape[0] if pair else None

    @property
    def is_nothing(self) -> bool:
        return self.scale == 0 or is_zero(*self.small) or is_zero(*self.large)

    def change(self, weight: Tensor) -> Tensor:
        small, large = (_product(tuple(full(one, weight) for one in some)) for some in (self.small, self.large))
        small = small.reshape(*small.shape, *(1,) * (large.dim() - 2))
        return (torch.kron(small, large) * self.scale).reshape(weight.shape)


@dataclass(frozen=True, eq=False)
class Rows:
    """Some rows of another change, which was made for several weights in one."""

    whole: Delta
    start: int
    stop: int

    @property
    def shape(self) -> Shape:
        return (self.stop - self.start, *self.whole.shape[1:])

    @property
    def rank(self) -> int | None:
        return self.whole.rank

    @property
    def is_nothing(self) -> bool:
        return self.whole.is_nothing

    def change(self, weight: Tensor) -> Tensor:
        whole = weight.new_empty(self.whole.shape)
        return self.whole.change(whole)[self.start : self.stop].reshape(weight.shape)


@dataclass(frozen=True, eq=False)
class Decomposed:
    """DoRA: another delta gives the direction, `magnitudes` the length of each row, or of each column.

    At half its weight a layer is half way there, as ComfyUI does it; PEFT takes half of the direction instead.
    """

    direction: Delta
    magnitudes: Tensor
    by_row: bool
    is_nothing: bool = False

    @property
    def shape(self) -> Shape:
        return self.direction.shape

    @property
    def rank(self) -> int | None:
        return self.direction.rank

    def change(self, weight: Tensor) -> Tensor:
        plain = weight.float()
        turned = plain + self.direction.change(weight)
        flat = turned.flatten(1) if self.by_row else turned.transpose(0, 1).flatten(1)
        ratio = full(self.magnitudes, weight).flatten() / flat.norm(dim=1).clamp(min=1e-12)
        ratio = ratio.reshape(-1, *(1,) * (plain.dim() - 1))
        return turned * (ratio if self.by_row else ratio.transpose(0, 1)) - plain


@dataclass(frozen=True, eq=False)
class Rotated:
    """OFT: the rows are turned, block by block; `blocks` n x b x b become orthogonal by Cayley's transform."""

    blocks: Tensor
    shape: Shape
    most: float = 0.0  # of the norm of what turns; 0: any
    rescale: Tensor | None = None
    orthogonal: bool = False  # the blocks are it already
    rank: None = None

    @property
    def is_nothing(self) -> bool:
        return self.rescale is None and not self.orthogonal and is_zero(self.blocks)

    def change(self, weight: Tensor) -> Tensor:
        count, size, _ = self.blocks.shape
        plain, turn = weight.float(), full(self.blocks, weight)
        if not self.orthogonal:
            turn = orthogonal(turn, self.most)
        turned = torch.einsum("knm,kn...->km...", turn, plain.reshape(count, size, *plain.shape[1:]))
        turned = turned.reshape(plain.shape)
        if self.rescale is not None:
            turned = turned * full(self.rescale, weight).reshape(-1, *(1,) * (plain.dim() - 1))
        return turned - plain


Additive = (LowRank, Difference, Hadamard, Kronecker, Rows)  # the same change for any weight


def of_rows(delta: Delta, start: int, stop: int) -> Delta | None:
    """The part of it for some of the rows; None for kinds that cannot be divided."""
    if isinstance(delta, LowRank):
        return replace(delta, up=delta.up[start:stop])
    if isinstance(delta, Additive):
        return Rows(delta, start, stop)
    if isinstance(delta, Decomposed) and delta.by_row and (part := of_rows(delta.direction, start, stop)):
        return Decomposed(part, delta.magnitudes.flatten()[start:stop], by_row=True)
    return delta.rows(start, stop) if isinstance(delta, Divisible) else None


def with_halves_swapped(delta: Delta) -> Delta | None:
    if isinstance(delta, LowRank):
        return replace(delta, up=torch.cat(delta.up.chunk(2)[::-1]))
    return replace(delta, values=torch.cat(delta.values.chunk(2)[::-1])) if isinstance(delta, Difference) else None


def full(tensor: Tensor, like: Tensor) -> Tensor:
    return tensor.to(like.device, torch.float32)


def orthogonal(blocks: Tensor, most: float) -> Tensor:
    """By Cayley's transform of what is skew in them, no larger than `most` in all if that is not 0."""
    skew = blocks - blocks.transpose(-1, -2)
    if most:
        skew = skew * (most / skew.norm().clamp(min=1e-8)).clamp(max=1)
    one = torch.eye(skew.shape[-1], device=skew.device)
    return torch.linalg.solve(one - skew, one + skew)  # the two commute


def is_zero(*factors: Tensor) -> bool:
    """Of a product: one factor of zeros is enough."""
    return any(not factor.float().any() for factor in factors)


def _tucker(core: Tensor, a: Tensor, b: Tensor) -> Tensor:
    return torch.einsum("ij...,ip,jr->pr...", core, a, b)


def _product(factors: tuple[Tensor, ...]) -> Tensor:
    if len(factors) == 3:
        a, b, core = factors
        return _tucker(core, a, b)
    return factors[0] if len(factors) == 1 else factors[0] @ factors[1]


def _product_shape(factors: tuple[Tensor, ...]) -> Shape:
    if len(factors) == 3:
        a, b, core = factors
        return (a.shape[1], b.shape[1], *core.shape[2:])
    return tuple(factors[0].shape) if len(factors) == 1 else (factors[0].shape[0], factors[1].shape[1])
