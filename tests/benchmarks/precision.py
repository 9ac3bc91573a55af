"""What bf16 gains on this processor, by size of the denoiser, and over a whole picture.

python -m tests.benchmarks.precision
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import copy
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import torch
from diffusers import UNet2DConditionModel
from torch import nn

from desktop.app import make_engine
from tests.benchmarks import sized
from tests.benchmarks.engines import ours, plain
from tests.benchmarks.table import compare, heading, seconds

SHAPES = {
    (48, 80, 128, 160): 1,  # channels: layers a block
    (64, 128, 256, 256): 1,
    (96, 192, 384, 384): 2,
    (160, 320, 640, 640): 2,
}


def forward(unet: nn.Module, dtype: torch.dtype) -> Callable[[], object]:
    latents, words = torch.randn(2, 4, 32, 32, dtype=dtype), torch.randn(2, 40, 192, dtype=dtype)

    def run() -> object:
        with torch.no_grad():
            return unet(latents, 5, words)

    return run


def by_size() -> None:
    heading("One step of a U-Net, bf16 against fp32")
    for channels, layers in SHAPES.items():
        unet = UNet2DConditionModel(
            sample_size=32,
            block_out_channels=channels,
            layers_per_block=layers,
            norm_num_groups=16,
            cross_attention_dim=192,
            attention_head_dim=4,
        ).eval()
        name = f"{sum(weights.numel() for weights in unet.parameters()) / 1e6:.0f} million weights"
        half = forward(copy.deepcopy(unet).bfloat16(), torch.bfloat16)
        compare(name, seconds(half), seconds(forward(unet, torch.float32)), "")


def whole_picture(side: int, count: int) -> None:
    heading(f"SD 1.5-sized, {side} x {side}, {count} steps: the precision chosen, against diffusers' fp32")
    with tempfile.TemporaryDirectory() as folder, closing(make_engine("local", "cpu")) as engine:
        model = sized.sd15(Path(folder) / "sd15")
        chosen, full = ours(engine, model, side, count), plain(model, torch.float32, side, count)
        compare("local engine / plain diffusers in fp32", seconds(chosen), seconds(full), "<= 0.55")


if __name__ == "__main__":
    by_size()
    whole_picture(256, 4)
