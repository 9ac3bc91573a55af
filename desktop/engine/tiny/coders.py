"""VAEs."""

from __future__ import annotations

from typing import Any

import torch
from diffusers import AutoencoderDC, AutoencoderKL, AutoencoderKLFlux2, AutoencoderKLQwenImage

SIDE = 64  # pixels: what the tiny models are trained on, as it were
LEVELS: dict[str, Any] = {
    "block_out_channels": (8, 16, 16, 16),
    "layers_per_block": 1,
    "norm_num_groups": 4,
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "sample_size": SIDE,
}
SIXTEEN: dict[str, Any] = {"latent_channels": 16, "shift_factor": 0.1159, "scaling_factor": 0.3611}


def kl(**changes: Any) -> AutoencoderKL:
    return AutoencoderKL(**(LEVELS | changes))


def flux2() -> AutoencoderKLFlux2:
    vae = AutoencoderKLFlux2(**LEVELS, latent_channels=8)
    vae.bn.running_mean = torch.linspace(-0.5, 0.5, 4 * 8)
    vae.bn.running_var = torch.linspace(0.5, 2.0, 4 * 8)
    return vae


def qwen() -> AutoencoderKLQwenImage:
    return AutoencoderKLQwenImage(base_dim=8, num_res_blocks=1)


def deep() -> AutoencoderDC:
    blocks = ("ResBlock",) * 6
    return AutoencoderDC(
        latent_channels=8,
        attention_head_dim=8,
        encoder_block_types=blocks,  # pyright: ignore[reportArgumentType] one for each level
        decoder_block_types=blocks,  # pyright: ignore[reportArgumentType]
        encoder_block_out_channels=(8,) * 6,
        decoder_block_out_channels=(8,) * 6,
        encoder_layers_per_block=(1,) * 6,
        decoder_layers_per_block=(1,) * 6,
        encoder_qkv_multiscales=((),) * 6,
        decoder_qkv_multiscales=((),) * 6,
        scaling_factor=0.41407,
    )
