"""Between pixels and latents, with the scale and shift that each VAE's config names."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from desktop.raster import Raster


def posterior(vae: Any, picture: Raster) -> Any:
    """What the VAE makes of a picture: a distribution of latents."""
    # channels last, as diffusers lays pictures out: in another layout convolutions differ in the last bit
    pixels = torch.from_numpy(np.array(picture.rgb().pixels)[None]).movedim(-1, 1)
    scaled = (pixels.float() / 255 * 2 - 1).to(vae.device, vae.dtype)
    return vae.encode(scaled).latent_dist


def draw(vae: Any, posterior: Any, generator: torch.Generator) -> Tensor:
    """Latents 1 x C x h x w as the denoiser knows them, drawn as diffusers does."""
    latents = posterior.sample(generator)
    shift, scale = _statistics(vae, latents)
    return (latents - shift) * scale


def decode(vae: Any, latents: Tensor) -> Tensor:
    """Pixels 1 x 3 x H x W, about -1..1."""
    shift, scale = _statistics(vae, latents)
    return vae.decode((latents / scale + shift).to(vae.dtype), return_dict=False)[0]


def to_raster(pixels: Tensor) -> Raster:
    """Pixels 1 x 3 x H x W in -1..1 to a picture, rounded as diffusers does."""
    scaled = (pixels[0] / 2 + 0.5).clamp(0, 1).movedim(0, -1).float().cpu().numpy()
    return Raster((scaled * 255).round().astype(np.uint8))


def _statistics(vae: Any, like: Tensor) -> tuple[Tensor | float, Tensor | float]:
    """Shift and scale: one number each, or one a channel."""
    config = vae.config
    if getattr(config, "latents_mean", None) is None or getattr(config, "latents_std", None) is None:
        return getattr(config, "shift_factor", None) or 0.0, config.scaling_factor
    mean, deviation = (
        torch.tensor(values).view(1, -1, 1, 1).to(like) for values in (config.latents_mean, config.latents_std)
    )
    return mean, config.scaling_factor / deviation
