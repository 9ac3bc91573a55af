"""Previews: latents to colours by one small matrix, fitted from the VAE itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from desktop.engine import vae as coder

MOST = 512  # pixels a side


@dataclass(frozen=True)
class Projection:
    """rgb = latent x matrix + bias, each pixel by itself. matrix: channels x 3."""

    matrix: Tensor
    bias: Tensor

    def __call__(self, latents: Tensor) -> Tensor:
        """Latents 1 x C x H x W to uint8 H x W x 3 on the same device, at most MOST a side."""
        side = max(latents.shape[-2:])
        if side > MOST:
            scale = MOST / side
            latents = F.interpolate(latents, scale_factor=scale, mode="area")
        colors = latents[0].movedim(0, -1).to(self.matrix.dtype) @ self.matrix + self.bias
        return colors.clamp(0, 255).to(torch.uint8)


@torch.no_grad()
def fit(vae: Any) -> Projection:
    """Least squares between random smooth latents and what the VAE makes of them."""
    channels = coder.channels(vae)
    random = torch.Generator().manual_seed(0)
    coarse = torch.randn(4, channels, 4, 4, generator=random) * 1.3
    latents = F.interpolate(coarse, size=(16, 16), mode="bicubic") + 0.2 * torch.randn(
        4, channels, 16, 16, generator=random
    )
    pictures = torch.cat([coder.decode(vae, one[None]) for one in latents.to(vae.device)]).float().cpu()
    pictures = pictures.nan_to_num()  # of a broken VAE the picture's own decoding tells
    small = F.adaptive_avg_pool2d(pictures, 16)
    known = torch.cat([latents, torch.ones(4, 1, 16, 16)], dim=1).movedim(1, -1).flatten(0, 2)
    wanted = ((small + 1) * 127.5).movedim(1, -1).flatten(0, 2)
    solution = torch.linalg.lstsq(known, wanted).solution.to(vae.device)
    return Projection(solution[:-1], solution[-1])
