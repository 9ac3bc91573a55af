"""LoRAs beside weights that are quantized, which nothing can be merged into."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from diffusers.quantizers.gguf.utils import GGUFLinear, GGUFParameter
from gguf import GGMLQuantizationType
from torch import Tensor, nn

from desktop.engine.loras.deltas import Decomposed, Delta, Difference, Kronecker, LowRank
from desktop.engine.loras.site import Site, takes
from tests.engine.loras import files

ROWS, COLUMNS = 8, 32


@pytest.fixture
def quantized() -> nn.Module:
    """Q8_0: blocks of a scale in fp16 and 32 numbers of 8 bits."""
    generator = torch.Generator().manual_seed(0)
    numbers = torch.randint(-127, 128, (ROWS, COLUMNS), generator=generator, dtype=torch.int8).view(torch.uint8)
    scales = torch.full((ROWS, 1), 0.01, dtype=torch.float16).view(torch.uint8)
    make: Any = GGUFParameter
    weight = make(torch.cat([scales, numbers], dim=1), quant_type=GGMLQuantizationType.Q8_0)
    module = GGUFLinear(COLUMNS, ROWS, bias=True, compute_dtype=torch.float32)
    module.weight = weight
    return module


def low() -> LowRank:
    down, up = files.low_rank((ROWS, COLUMNS))
    return LowRank(up, down, 0.5)


def kronecker() -> Kronecker:
    return Kronecker((torch.randn(2, 2),), (torch.randn(4, 16),), 0.3)


@pytest.mark.parametrize("fused", [False, True])
def test_they_run_beside_it(quantized: nn.Module, fused: bool) -> None:
    x = torch.randn(3, COLUMNS)
    site, deltas = Site(quantized), [low(), kronecker()]
    with torch.no_grad():
        plain = quantized(x)
        site.set([(delta, 0.7) for delta in deltas], [], fused)
        like = torch.empty(ROWS, COLUMNS)
        expected = plain + x @ sum(delta.change(like) * 0.7 for delta in deltas).T  # pyright: ignore
        assert torch.allclose(quantized(x), expected, atol=1e-5)
        site.clear()
        assert torch.equal(quantized(x), plain)


def test_what_needs_the_weight_itself_is_not_taken(quantized: nn.Module) -> None:
    assert takes(quantized, low(), "weight")
    assert takes(quantized, kronecker(), "weight")
    dora: Delta = Decomposed(low(), torch.ones(ROWS), by_row=True)
    assert not takes(quantized, dora, "weight")
    assert takes(nn.Linear(COLUMNS, ROWS), dora, "weight")
    Site(quantized).set([(dora, 1.0)], [], fused=False)
    assert not quantized._forward_hooks


def test_its_bias_is_plain_all_the_same(quantized: nn.Module) -> None:
    before: Tensor = quantized.bias.detach().clone()  # pyright: ignore
    site = Site(quantized)
    site.set([], [(Difference(torch.ones(ROWS)), 2.0)], fused=False)
    assert torch.equal(quantized.bias, before + 2)  # pyright: ignore
    site.clear()
    assert torch.equal(quantized.bias, before)  # pyright: ignore


def test_convolutions_beside_and_in_groups() -> None:
    """In groups nothing can run beside: it is merged."""
    for groups, hooks in ((1, 1), (4, 0)):
        module = nn.Conv2d(4, 8, 3, stride=2, padding=1, groups=groups)
        down, up = files.low_rank((8, 4 // groups, 3, 3), rank=1)
        delta = LowRank(up.flatten(1), down, 1.0)
        x = torch.randn(2, 4, 9, 9)
        site = Site(module)
        with torch.no_grad():
            expected = torch.conv2d(x, module.weight + delta.change(module.weight), module.bias, 2, 1, groups=groups)
            site.set([(delta, 1.0)], [], fused=False)
            assert torch.allclose(module(x), expected, atol=1e-5)
        assert len(module._forward_hooks) == hooks
