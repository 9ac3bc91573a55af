"""What each kind of file makes of a weight: held against PEFT's own maths, or against the formula written plainly."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import peft
import pytest
import torch
from torch import Tensor, nn

from desktop.engine.loras.building import kind_of
from desktop.engine.loras.deltas import Delta
from desktop.engine.loras.file import read
from desktop.engine.loras.fitting import fit
from desktop.engine.loras.layouts import DENOISER
from desktop.engine.loras.names import names_of
from tests.engine.loras import files

NEAR = 1e-5
RANK, ALPHA = 4, 2


class Block(nn.Module):
    """A layer of each kind that has weights of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(12, 8)
        self.conv = nn.Conv2d(12, 8, 3, padding=1)
        self.point = nn.Conv2d(8, 8, 1)


@pytest.fixture
def block() -> Block:
    torch.manual_seed(3)
    return Block()


def deltas(block: nn.Module, tensors: dict[str, Tensor], folder: Path) -> dict[str, Delta]:
    """By path; those of biases behind "bias:"."""
    found = fit(read(files.saved(folder / "some.safetensors", tensors), "some"), block, names_of(block), (DENOISER,))
    assert not found.misshapen
    return {path if kind == "weight" else f"bias:{path}": delta for (path, kind), (delta,) in found.deltas.items()}


def changes(block: nn.Module, tensors: dict[str, Tensor], folder: Path) -> dict[str, Tensor]:
    found = deltas(block, tensors, folder)
    return {path: delta.change(weight(block, path)) for path, delta in found.items()}


def weight(block: nn.Module, path: str) -> Tensor:
    return block.get_submodule(path.removeprefix("bias:")).get_parameter("bias" if ":" in path else "weight").detach()


def by_peft(block: nn.Module, config: Any) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """What PEFT would save of random adapters, and the changes that it makes itself."""
    torch.manual_seed(4)
    model: Any = peft.get_peft_model(copy.deepcopy(block), config)  # pyright: ignore[reportArgumentType]
    for name, parameter in model.named_parameters():
        if "default" in name and "magnitude" not in name:
            nn.init.normal_(parameter, std=0.3)
    tensors = {name: tensor.clone() for name, tensor in peft.get_peft_model_state_dict(model).items()}
    merged = model.merge_and_unload()
    return tensors, {path: weight(merged, path) - weight(block, path) for path in ("linear", "conv", "point")}


TARGETS = ["linear", "conv", "point"]
CONFIGS: dict[str, Any] = {
    "LoRA": peft.LoraConfig(r=RANK, lora_alpha=RANK, target_modules=TARGETS),
    "DoRA": peft.LoraConfig(r=RANK, lora_alpha=RANK, target_modules=TARGETS, use_dora=True),
    "LoHa": peft.LoHaConfig(r=RANK, alpha=RANK, target_modules=TARGETS),
    "LoHa with cores": peft.LoHaConfig(r=RANK, alpha=RANK, target_modules=TARGETS, use_effective_conv2d=True),
    "LoKr": peft.LoKrConfig(r=RANK, alpha=RANK, target_modules=TARGETS),
    "LoKr with cores": peft.LoKrConfig(r=RANK, alpha=RANK, target_modules=TARGETS, use_effective_conv2d=True),
    "LoKr of whole factors": peft.LoKrConfig(r=64, alpha=64, target_modules=TARGETS),
    "LoKr of four factors": peft.LoKrConfig(r=1, alpha=1, target_modules=TARGETS, decompose_both=True),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_peft(block: Block, tmp_path: Path, name: str) -> None:
    tensors, expected = by_peft(block, CONFIGS[name])
    found = changes(block, tensors, tmp_path)
    assert found.keys() == expected.keys()
    for path, change in found.items():
        assert change.abs().max() > 1e-3
        assert torch.allclose(change, expected[path], atol=NEAR), path
    assert kind_of(read(tmp_path / "some.safetensors", "some")) == name.split()[0]


@pytest.mark.parametrize("by_root", [False, True])
def test_alphas_that_peft_writes_beside_its_file(block: Block, tmp_path: Path, by_root: bool) -> None:
    pattern = {"conv": 7.0}
    config = peft.LoraConfig(r=RANK, lora_alpha=3, target_modules=TARGETS, use_rslora=by_root, alpha_pattern=pattern)
    tensors, expected = by_peft(block, config)
    written = {"lora_alpha": 3, "use_rslora": by_root, "alpha_pattern": pattern}
    beside = tmp_path / "folder"
    files.saved(beside / "adapter_model.safetensors", tensors)
    (beside / "adapter_config.json").write_text(json.dumps(written))
    inside = {f"unet.{name}": value for name, value in written.items()}
    named = {f"unet.{key.removeprefix('base_model.model.')}": tensor for key, tensor in tensors.items()}
    metadata = {"lora_adapter_metadata": json.dumps(inside)}
    within = files.saved(tmp_path / "diffusers.safetensors", named, metadata)
    for file in (beside / "adapter_model.safetensors", within):
        found = fit(read(file, "some"), block, names_of(block), (DENOISER,)).deltas
        for (path, _), (delta,) in found.items():
            assert torch.allclose(delta.change(weight(block, path)), expected[path], atol=NEAR), (file.name, path)


def test_kohya_round_trip_against_peft(block: Block, tmp_path: Path) -> None:
    """PEFT's tensors under kohya's names, with alpha as a tensor."""
    tensors, expected = by_peft(block, peft.LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=TARGETS))
    kohya = {f"lora_unet_{path}.alpha": torch.tensor(ALPHA) for path in TARGETS}
    for key, tensor in tensors.items():
        path, kind = key.removeprefix("base_model.model.").split(".")[:2]
        kohya[f"lora_unet_{path}.{'lora_down' if kind == 'lora_A' else 'lora_up'}.weight"] = tensor
    for path, change in changes(block, kohya, tmp_path).items():
        assert torch.allclose(change, expected[path], atol=NEAR), path


def test_a_convolution_with_a_core_in_the_middle(block: Block, tmp_path: Path) -> None:
    """LoCon by CP decomposition: the three convolutions one after the other."""
    generator = torch.Generator().manual_seed(0)
    down, mid = torch.randn(4, 12, 1, 1, generator=generator), torch.randn(4, 4, 3, 3, generator=generator)
    up = torch.randn(8, 4, 1, 1, generator=generator)
    tensors = {
        "lora_down.weight": down,
        "lora_mid.weight": mid,
        "lora_up.weight": up,
        "alpha": torch.tensor(ALPHA),
    }
    found = changes(block, {f"lora_unet_conv.{name}": tensor for name, tensor in tensors.items()}, tmp_path)["conv"]
    x = torch.randn(1, 12, 5, 5, generator=generator)
    expected = nn.functional.conv2d(nn.functional.conv2d(nn.functional.conv2d(x, down), mid, padding=1), up)
    assert torch.allclose(nn.functional.conv2d(x, found, padding=1), expected * ALPHA / 4, atol=1e-4)


def test_differences_of_weights_and_biases(block: Block, tmp_path: Path) -> None:
    tensors = {
        "linear.diff": torch.randn(8, 12),
        "linear.diff_b": torch.randn(8),
        "point.diff": torch.randn(8, 8, 1, 1),
    }
    found = changes(block, {f"diffusion_model.{name}": tensor for name, tensor in tensors.items()}, tmp_path)
    assert torch.equal(found["linear"], tensors["linear.diff"])
    assert torch.equal(found["bias:linear"], tensors["linear.diff_b"])
    assert torch.equal(found["point"], tensors["point.diff"])


def test_dora_by_columns_as_lycoris_writes_it(block: Block, tmp_path: Path) -> None:
    down, up = files.low_rank((8, 12), rank=RANK)
    lengths = torch.rand(1, 12) + 0.5
    tensors = {
        "lora_down.weight": down,
        "lora_up.weight": up,
        "dora_scale": lengths,
        "alpha": torch.tensor(ALPHA),
    }
    found = changes(block, {f"lora_unet_linear.{name}": tensor for name, tensor in tensors.items()}, tmp_path)["linear"]
    whole = block.linear.weight.detach() + up @ down * ALPHA / RANK
    expected = whole / whole.norm(dim=0, keepdim=True) * lengths
    assert torch.allclose(block.linear.weight.detach() + found, expected, atol=NEAR)


def test_dora_over_another_relative_on_a_convolution(block: Block, tmp_path: Path) -> None:
    """LyCORIS knows it for all of them; their factors are flat where they have no cores."""
    shapes = {"hada_w1_a": (8, 2), "hada_w1_b": (2, 108), "hada_w2_a": (8, 2), "hada_w2_b": (2, 108)}
    tensors = {name: torch.randn(shape) for name, shape in shapes.items()}
    lengths = torch.rand(1, 12, 1, 1) + 0.5
    named = {f"lora_unet_conv.{name}": tensor for name, tensor in {**tensors, "dora_scale": lengths}.items()}
    found = changes(block, named, tmp_path)["conv"]
    a1, b1, a2, b2 = tensors.values()
    whole = block.conv.weight.detach() + ((a1 @ b1) * (a2 @ b2)).reshape(8, 12, 3, 3)
    expected = whole / whole.transpose(0, 1).flatten(1).norm(dim=1).view(1, 12, 1, 1) * lengths
    assert torch.allclose(block.conv.weight.detach() + found, expected, atol=NEAR)


@pytest.mark.parametrize(("prefix", "most"), [("lora_unet_", 0.0), ("lora_unet_", 0.5), ("oft_unet_", 0.02)])
def test_oft_turns_what_comes_out(block: Block, tmp_path: Path, prefix: str, most: float) -> None:
    """As kohya's forward does, which turns a layer's output; its bound is that of a row."""
    blocks = torch.randn(2, 4, 4, generator=torch.Generator().manual_seed(0))
    tensors = {f"{prefix}linear.oft_blocks": blocks, f"{prefix}linear.alpha": torch.tensor(most)}
    found = changes(block, tensors, tmp_path)["linear"]
    skew = blocks - blocks.transpose(1, 2)
    bound = most * 8 if prefix == "oft_unet_" else most
    if bound and skew.norm() > bound:
        skew = skew * bound / skew.norm()
    turns = (torch.eye(4) + skew) @ torch.linalg.inv(torch.eye(4) - skew)
    x = torch.randn(5, 12)
    plain = x @ block.linear.weight.detach().T
    expected = torch.einsum("knm,bkn->bkm", turns, plain.view(5, 2, 4)).reshape(5, 8)
    assert torch.allclose(x @ (block.linear.weight.detach() + found).T, expected, atol=NEAR)
    assert torch.allclose(turns @ turns.transpose(1, 2), torch.eye(4).expand(2, 4, 4), atol=NEAR)


def test_old_oft_that_holds_the_turns_themselves(block: Block, tmp_path: Path) -> None:
    turns = torch.linalg.qr(torch.eye(4) + 0.1 * torch.randn(2, 4, 4, generator=torch.Generator().manual_seed(0)))[0]
    turns = turns * turns.diagonal(dim1=1, dim2=2).sign()[:, None]
    found = changes(block, {"lora_unet_linear.oft_diag": turns}, tmp_path)["linear"]
    original = block.linear.weight.detach()
    expected = torch.einsum("knm,kni->kmi", turns, original.view(2, 4, 12)).reshape(8, 12)
    assert torch.allclose(original + found, expected, atol=NEAR)


def test_biases_of_peft_are_scaled_as_the_rest(block: Block, tmp_path: Path) -> None:
    down, up = files.low_rank((8, 12), rank=RANK)
    tensors = {
        "lora_A.weight": down,
        "lora_B.weight": up,
        "lora_B.bias": torch.ones(8),
        "alpha": torch.tensor(ALPHA),
    }
    found = changes(block, {f"unet.linear.{name}": tensor for name, tensor in tensors.items()}, tmp_path)
    assert torch.equal(found["bias:linear"], torch.full((8,), ALPHA / RANK))
