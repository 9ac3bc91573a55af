"""Relatives of LoRA that turn or scale what is there: their change depends on the weight.

Papers: OFTv2 (Qiu 2025), BOFT (Liu 2023), GLoRA (Chavan 2023), IA3 (Liu 2022); the layouts of their tensors are those
of PEFT (`oft_R`), which OneTrainer and others write as well, and of LyCORIS.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from desktop.engine.loras.deltas import Delta, Shape, full, is_zero, orthogonal


@dataclass(frozen=True, eq=False)
class TurnedInputs:
    """OFT as PEFT has it: inputs are turned, block by block, by the first terms of Cayley's transform.

    `vectors` n x b(b-1)/2 are what stands above the diagonals; a single one counts for all blocks.
    """

    vectors: Tensor
    size: int  # b
    terms: int  # 0: all there are, and, in PEFT, the other way round
    shape: Shape
    rank: None = None

    @property
    def is_nothing(self) -> bool:
        return is_zero(self.vectors)

    def change(self, weight: Tensor) -> Tensor:
        flat = weight.float().flatten(1)
        blocks = flat.unflatten(1, (-1, self.size))
        turns = self._turns(weight).expand(blocks.shape[1], -1, -1)
        return (torch.einsum("rnj,nij->rni", blocks, turns).flatten(1) - flat).reshape(weight.shape)

    def rows(self, start: int, stop: int) -> Delta:
        return replace(self, shape=(stop - start, *self.shape[1:]))

    def _turns(self, like: Tensor) -> Tensor:
        vectors = full(self.vectors, like)
        blocks = vectors.new_zeros(len(vectors), self.size, self.size)
        above = torch.triu_indices(self.size, self.size, 1, device=vectors.device)
        blocks[:, above[0], above[1]] = vectors
        return _begun(blocks - blocks.transpose(1, 2), self.terms) if self.terms else orthogonal(-blocks, 0.0)


@dataclass(frozen=True, eq=False)
class Butterfly:
    """BOFT: rows are turned as in OFT several times, those of each block standing further apart every time."""

    blocks: Tensor  # times x n x b x b
    shape: Shape
    most: float = 0.0  # of the norm of what turns; 0: any
    rescale: Tensor | None = None
    rank: None = None

    @property
    def is_nothing(self) -> bool:
        return self.rescale is None and is_zero(self.blocks)

    def change(self, weight: Tensor) -> Tensor:
        turned = weight.float()
        for number, turn in enumerate(orthogonal(full(self.blocks, weight), self.most)):
            count, size, _ = turn.shape
            apart = 2**number * size // 2
            near = turned.unflatten(0, (-1, 2, apart)).transpose(1, 2).flatten(0, 2)
            near = torch.einsum("nij,nj...->ni...", turn, near.unflatten(0, (count, size))).flatten(0, 1)
            turned = near.unflatten(0, (-1, apart, 2)).transpose(1, 2).flatten(0, 2)
        if self.rescale is not None:
            turned = turned * full(self.rescale, weight).reshape(-1, *(1,) * (turned.dim() - 1))
        return turned - weight.float()


@dataclass(frozen=True, eq=False)
class Scaled:
    """IA3: each row, or each column, becomes longer or shorter by that share of it."""

    shares: Tensor
    of_inputs: bool
    shape: Shape
    rank: None = None

    @property
    def is_nothing(self) -> bool:
        return is_zero(self.shares)

    def change(self, weight: Tensor) -> Tensor:
        place = 1 if self.of_inputs else 0
        sides = [len(self.shares) if side == place else 1 for side in range(weight.dim())]
        return weight.float() * full(self.shares, weight).reshape(sides)

    def rows(self, start: int, stop: int) -> Delta:
        shares = self.shares if self.of_inputs else self.shares[start:stop]
        return replace(self, shares=shares, shape=(stop - start, *self.shape[1:]))


@dataclass(frozen=True, eq=False)
class Generalized:
    """GLoRA: the weight times a matrix of low rank, and another one; both as pairs whose product they are."""

    times: tuple[Tensor, Tensor]
    plus: tuple[Tensor, Tensor]
    shape: Shape
    scale: float

    @property
    def rank(self) -> int:
        """The larger one."""
        return max(self.times[1].shape[0], self.plus[1].shape[0])

    @property
    def is_nothing(self) -> bool:
        return self.scale == 0 or (is_zero(*self.times) and is_zero(*self.plus))

    def change(self, weight: Tensor) -> Tensor:
        (left, right), (up, down) = ((full(one, weight), full(other, weight)) for one, other in (self.times, self.plus))
        inputs = weight.float() if len(left) == weight.shape[1] else weight.float().flatten(1)
        times = torch.einsum("oi...,ir,rj->oj...", inputs, left, right).reshape(weight.shape)
        return (times + (up @ down).reshape(weight.shape)) * self.scale

    def rows(self, start: int, stop: int) -> Delta:
        up, down = self.plus
        return replace(self, plus=(up[start:stop], down), shape=(stop - start, *self.shape[1:]))


def _begun(skew: Tensor, terms: int) -> Tensor:
    """1 + 2Q + 2Q² + …, the last counting half, as PEFT has it: four terms are three, which are a power more."""
    turn = torch.eye(skew.shape[-1], device=skew.device).expand_as(skew)
    last = max(terms - 1, 3) if terms > 2 else 0
    power = skew
    if terms > 1:
        turn = turn + 2 * skew
    for exponent in range(2, last + 1):
        power = power @ skew
        turn = turn + power * (1 if exponent == last else 2)
    return turn
