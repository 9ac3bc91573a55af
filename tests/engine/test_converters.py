"""Names and rows of original layouts come to where diffusers has them: what cannot be tried with tiny models."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from accelerate import init_empty_weights
from diffusers import AutoencoderKLQwenImage, ChromaTransformer2DModel, FluxTransformer2DModel
from safetensors.torch import save_file
from torch import Tensor

from desktop.engine import tiny
from desktop.engine.originals import CONVERTERS, assemble
from desktop.engine.sources import Source
from desktop.models.layouts import alone
from tests.models.originals import ldm, transformers


def marked(module: torch.nn.Module) -> dict[str, Tensor]:
    """For each weight a column of numbers that are nowhere else."""
    made: dict[str, Tensor] = {}
    first = 0
    for name, weight in module.state_dict().items():
        rows = weight.shape[0]
        column = torch.arange(first, first + rows)
        made[name] = column if weight.ndim == 1 else column[:, None]
        first += rows
    return made


def assert_same(found: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> None:
    assert found.keys() == expected.keys()
    assert [name for name in expected if not torch.equal(found[name], expected[name])] == []


@pytest.mark.parametrize("kind", [FluxTransformer2DModel, ChromaTransformer2DModel])
def test_what_diffusers_reads_at_true_width_only(kind: Any) -> None:
    with init_empty_weights():
        module = kind(num_layers=2, num_single_layers=2)
    weights = marked(module)
    assert_same(CONVERTERS[kind.__name__](transformers.bfl(weights), module.config), weights)


def test_the_statistics_of_a_vae_come_along() -> None:
    vae = tiny.make("flux2").vae
    assert_same(CONVERTERS["AutoencoderKLFlux2"](transformers.flux2_vae(vae), vae.config), vae.state_dict())


def test_a_vae_for_video() -> None:
    with init_empty_weights():
        vae = AutoencoderKLQwenImage()
    weights = marked(vae)
    assert_same(CONVERTERS["AutoencoderKLQwenImage"](transformers.wan_vae(weights), vae.config), weights)


SCALES: dict[str, Callable[[str], dict[str, Tensor]]] = {
    "ComfyUI's first": lambda name: {f"{name}.scale_weight": torch.tensor(0.5), f"{name}.scale_input": torch.ones(1)},
    "ComfyUI's second": lambda name: {f"{name}.weight_scale": torch.tensor(0.5), f"{name}.comfy_quant": torch.ones(1)},
}


@pytest.mark.parametrize("scales", SCALES)
def test_weights_in_8_bits_get_their_scale(models: dict[str, Path], tmp_path: Path, scales: str) -> None:
    unet = tiny.make("sd15").unet
    tensors = {name: weight.contiguous() for name, weight in ldm.unet(unet).items()}
    name = "middle_block.1.transformer_blocks.0.attn1.to_q"
    tensors[f"{name}.weight"] = (tensors[f"{name}.weight"] * 2).to(torch.float8_e4m3fn)
    expected = tensors[f"{name}.weight"].float() / 2
    tensors |= SCALES[scales](name) | {"scaled_fp8": torch.zeros(2, dtype=torch.float8_e4m3fn)}
    save_file(tensors, tmp_path / "unet.safetensors")
    folder = models["sd15"] / "unet"
    source = Source("unet", type(unet), folder, (tmp_path / "unet.safetensors",), 0, None, alone(tensors))
    found = assemble(source, torch.float32).state_dict()
    assert torch.equal(found["mid_block.attentions.0.transformer_blocks.0.attn1.to_q.weight"], expected)
    assert found.keys() == unet.state_dict().keys()


def test_a_text_encoder_in_8_bits(models: dict[str, Path], tmp_path: Path) -> None:
    encoder = tiny.make("flux").text_encoder_2
    tensors = {name: tensor.to(torch.float8_e4m3fn) for name, tensor in transformers.t5(encoder).items()}
    save_file(tensors, tmp_path / "t5.safetensors")
    folder = models["flux"] / "text_encoder_2"
    source = Source("text_encoder_2", type(encoder), folder, (tmp_path / "t5.safetensors",), 0, None, alone(tensors))
    found = assemble(source, torch.bfloat16).state_dict()
    for thread in threading.enumerate():  # transformers does not wait for its own
        if thread.name.startswith("ThreadPoolExecutor"):
            thread.join()
    assert {tensor.dtype for tensor in found.values()} == {torch.bfloat16}
    assert all(torch.equal(found[name], tensor.to(torch.bfloat16)) for name, tensor in tensors.items())
