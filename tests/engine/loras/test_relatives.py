"""Relatives whose change depends on the weight: held against PEFT, or against what their papers write, step by step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import peft
import pytest
import torch
from torch import Tensor

from desktop.engine.loras.building import kind_of
from desktop.engine.loras.deltas import of_rows
from desktop.engine.loras.file import MOST_TERMS, read
from desktop.engine.loras.fitting import fit
from desktop.engine.loras.layouts import DENOISER
from desktop.engine.loras.names import names_of
from tests.engine.loras import files
from tests.engine.loras.test_deltas import NEAR, TARGETS, Block, block, by_peft, changes, deltas, weight  # noqa: F401

SEEDED = torch.Generator().manual_seed


def _kind(folder: Path) -> str:
    return kind_of(read(folder / "some.safetensors", "some"))


@pytest.mark.parametrize("shares", [False, True])
def test_oft_as_peft_writes_it(block: Block, tmp_path: Path, shares: bool) -> None:  # noqa: F811
    config = peft.OFTConfig(r=0, oft_block_size=4, target_modules=TARGETS, block_share=shares)
    tensors, expected = by_peft(block, config)
    found = changes(block, tensors, tmp_path)
    assert found.keys() == expected.keys()
    for path, change in found.items():
        assert change.abs().max() > 1e-2
        assert torch.allclose(change, expected[path], atol=NEAR), path
    assert _kind(tmp_path) == "OFT"


@pytest.mark.parametrize(
    "written", [{"use_cayley_neumann": False}, *({"num_cayley_neumann_terms": n} for n in range(1, 8))]
)
def test_how_far_peft_takes_the_transform(block: Block, tmp_path: Path, written: dict[str, Any]) -> None:  # noqa: F811
    """It says so beside its file."""
    tensors, expected = by_peft(block, peft.OFTConfig(r=0, oft_block_size=4, target_modules=TARGETS, **written))
    file = files.saved(tmp_path / "adapter_model.safetensors", tensors)
    (tmp_path / "adapter_config.json").write_text(json.dumps(written))
    found = fit(read(file, "some"), block, names_of(block), (DENOISER,)).deltas
    assert len(found) == len(expected)
    for (path, _), (delta,) in found.items():
        assert torch.allclose(delta.change(weight(block, path)), expected[path], atol=NEAR), path


def test_terms_without_end_are_cut_short(block: Block, tmp_path: Path) -> None:  # noqa: F811
    tensors = {"base_model.model.linear.oft_R.weight": torch.zeros(3, 6)}
    file = files.saved(tmp_path / "adapter_model.safetensors", tensors)
    (tmp_path / "adapter_config.json").write_text('{"num_cayley_neumann_terms": 999999}')
    assert read(file, "some").terms == MOST_TERMS


def test_oft_as_onetrainer_writes_it(block: Block, tmp_path: Path) -> None:  # noqa: F811
    """It turns the kernels themselves, and what is marked as scaled is divided by twice the root of the size less 1."""
    vectors = {path: torch.randn(weight(block, path)[0].numel() // 4, 6, generator=SEEDED(0)) for path in TARGETS}
    tensors = {f"lora_unet_{path}.oft_R.weight": each for path, each in vectors.items()}
    scaled = {f"lora_unet_{path}.oft_R.scaled_oft": torch.tensor(True) for path in TARGETS}
    for path, change in changes(block, tensors | scaled, tmp_path).items():
        skew = torch.zeros(len(vectors[path]), 4, 4)
        skew[:, *torch.triu_indices(4, 4, 1)] = vectors[path] / (2 * 3**0.5)
        skew = skew - skew.mT
        turns = torch.block_diag(
            *(torch.eye(4) + 2 * (skew + skew @ skew + skew @ skew @ skew) + (skew @ skew) @ (skew @ skew))
        )
        kernel = weight(block, path)
        expected = (kernel.flatten(1) @ (turns.T if path == "linear" else turns)).reshape(kernel.shape) - kernel
        assert torch.allclose(change, expected, atol=1e-4), path


@pytest.mark.parametrize(("path", "most"), [("linear", 0.0), ("conv", 0.0), ("linear", 0.3)])
def test_boft_turns_rows_that_stand_ever_further_apart(block: Block, tmp_path: Path, path: str, most: float) -> None:  # noqa: F811
    """Two blocks of 4 rows, twice: of neighbours two apart, then four apart."""
    blocks, lengths = 0.2 * torch.randn(2, 2, 4, 4, generator=SEEDED(0)), torch.rand(8, 1, generator=SEEDED(1)) + 0.5
    tensors = {"oft_blocks": blocks, "rescale": lengths, "alpha": torch.tensor(most)}
    found = changes(block, {f"lora_unet_{path}.{name}": tensor for name, tensor in tensors.items()}, tmp_path)[path]
    skew = blocks - blocks.transpose(2, 3)
    skew = skew * min(1.0, most / float(skew.norm())) if most else skew
    rows = weight(block, path).flatten(1)
    for turn, order in zip(torch.eye(4) + skew, ([0, 2, 1, 3, 4, 6, 5, 7], [0, 4, 1, 5, 2, 6, 3, 7]), strict=True):
        inverse = torch.linalg.inv(2 * torch.eye(4) - turn)
        butterfly = torch.block_diag(*(turn @ inverse))
        turned = torch.empty_like(rows)
        turned[order] = butterfly @ rows[order]
        rows = turned
    expected = (rows * lengths).reshape(weight(block, path).shape) - weight(block, path)
    assert torch.allclose(found, expected, atol=NEAR)
    assert _kind(tmp_path) == "BOFT"


@pytest.mark.parametrize("of_inputs", [True, False])
@pytest.mark.parametrize("path", ["linear", "conv"])
def test_ia3_scales_inputs_or_outputs(block: Block, tmp_path: Path, path: str, of_inputs: bool) -> None:  # noqa: F811
    shares = torch.randn(12 if of_inputs else 8, generator=SEEDED(0))
    side = (1, 12, 1, 1) if of_inputs else (8, 1, 1, 1)
    written = shares.reshape(side if path == "conv" else side[:2])
    tensors = {f"lora_unet_{path}.weight": written, f"lora_unet_{path}.on_input": torch.tensor(of_inputs)}
    found = changes(block, tensors, tmp_path)[path]
    x = torch.randn(2, 12, 6, 6, generator=SEEDED(1)) if path == "conv" else torch.randn(5, 12, generator=SEEDED(1))

    def out(given: Tensor, kernel: Tensor) -> Tensor:
        return torch.nn.functional.conv2d(given, kernel) if path == "conv" else given @ kernel.T

    sides = (-1, 1, 1) if path == "conv" else (-1,)
    kernel, scale = weight(block, path), 1 + shares.reshape(sides)
    expected = out(x * scale, kernel) if of_inputs else out(x, kernel) * scale
    assert torch.allclose(out(x, kernel + found), expected, atol=1e-4)
    assert _kind(tmp_path) == "IA3"


@pytest.mark.parametrize("turned_round", [False, True])
@pytest.mark.parametrize(("path", "inputs"), [("linear", 12), ("conv", 12), ("conv", 108)])
def test_glora_multiplies_and_adds(
    block: Block,  # noqa: F811
    tmp_path: Path,
    path: str,
    inputs: int,
    turned_round: bool,
) -> None:
    """W A + B; in older files the two factors of either stand the other way round."""
    kernel = weight(block, path)
    left, right = torch.randn(inputs, 2, generator=SEEDED(0)), torch.randn(2, inputs, generator=SEEDED(1))
    up, down = torch.randn(8, 2, generator=SEEDED(2)), torch.randn(2, kernel[0].numel(), generator=SEEDED(3))
    order = ("a2", "a1", "b2", "b1") if turned_round else ("a1", "a2", "b1", "b2")
    tensors = {f"{name}.weight": factor for name, factor in zip(order, (left, right, up, down), strict=True)}
    tensors["alpha"] = torch.tensor(1.0)
    found = changes(block, {f"lora_unet_{path}.{name}": tensor for name, tensor in tensors.items()}, tmp_path)[path]
    matrix = left @ right
    times = (
        kernel.flatten(1) @ matrix
        if inputs == kernel[0].numel()
        else (kernel.transpose(1, -1) @ matrix).transpose(1, -1)
    )
    expected = (times.reshape(kernel.shape) + (up @ down).reshape(kernel.shape)) * 0.5
    assert torch.allclose(found, expected, atol=1e-4)
    assert _kind(tmp_path) == "GLoRA"


def test_those_that_work_on_inputs_can_be_divided_by_rows(block: Block, tmp_path: Path) -> None:  # noqa: F811
    shares = torch.randn(8, generator=SEEDED(0))
    pairs = {f"{name}.weight": torch.randn(shape) for name, shape in zip(("a1", "a2", "b1", "b2"), SIDES, strict=True)}
    several: list[dict[str, Tensor]] = [
        {"oft_R.weight": torch.randn(3, 6)},
        {"weight": shares, "on_input": torch.tensor(0)},
        {"weight": torch.randn(1, 12), "on_input": torch.tensor(1)},
        pairs,
    ]
    for tensors in several:
        [whole] = deltas(block, {f"lora_unet_linear.{name}": each for name, each in tensors.items()}, tmp_path).values()
        part = of_rows(whole, 2, 5)
        assert part
        assert part.shape == (3, 12)
        full = weight(block, "linear")
        assert torch.allclose(part.change(full[2:5]), whole.change(full)[2:5], atol=NEAR)


SIDES = ((12, 2), (2, 12), (8, 2), (2, 12))
MISSHAPEN: dict[str, dict[str, tuple[int, ...]]] = {
    "OFT of other blocks": {"oft_R.weight": (5, 6)},
    "OFT of no triangle": {"oft_R.weight": (3, 5)},
    "OFT of nothing": {"oft_R.weight": (3, 0)},
    "BOFT of other rows": {"oft_blocks": (2, 3, 4, 4)},
    "BOFT too deep": {"oft_blocks": (7, 2, 4, 4)},
    "IA3 of others": {"weight": (9, 1), "on_input": ()},
    "GLoRA of others": {"a1.weight": (9, 2), "a2.weight": (2, 9), "b1.weight": (8, 2), "b2.weight": (2, 12)},
    "GLoRA of senseless rank": {
        "a1.weight": (12, 99),
        "a2.weight": (99, 12),
        "b1.weight": (8, 2),
        "b2.weight": (2, 12),
    },
    "GLoRA of half": {"a1.weight": (12, 2), "a2.weight": (2, 12)},
}


@pytest.mark.parametrize("name", MISSHAPEN)
def test_what_does_not_go_together_fits_nowhere(block: Block, tmp_path: Path, name: str) -> None:  # noqa: F811
    tensors = {f"lora_unet_linear.{key}": torch.zeros(shape) for key, shape in MISSHAPEN[name].items()}
    file = read(files.saved(tmp_path / "a.safetensors", tensors), "a")
    assert fit(file, block, names_of(block), (DENOISER,)).misshapen == {"lora_unet_linear"}
