"""Between pixels and latents, with the scale and shift that each VAE's config or layers name.

Latents are 1 x C x h x w here, whatever the VAE: one that is made for video takes a picture for a video of one frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from desktop.raster import Raster


@dataclass(frozen=True)
class Certain:
    """The latents of a VAE that has no doubts; looks like the distribution of one that has."""

    mean: Tensor

    def sample(self, _: torch.Generator) -> Tensor:
        return self.mean


def posterior(vae: Any, picture: Raster, hidden: np.ndarray | None = None) -> Any:
    """What the VAE makes of a picture: a distribution of latents. What is `hidden`, height x width, is grey."""
    # channels last, as diffusers lays pictures out: in another layout convolutions differ in the last bit
    pixels = torch.from_numpy(np.array(picture.rgb().pixels)[None]).movedim(-1, 1)
    scaled = pixels.float() / 255 * 2 - 1
    if hidden is not None:
        scaled = scaled * torch.from_numpy(~hidden)
    scaled = scaled.to(vae.device, vae.dtype)
    encoded = vae.encode(scaled.unsqueeze(2) if _is_for_video(vae) else scaled)
    return encoded.latent_dist if hasattr(encoded, "latent_dist") else Certain(encoded.latent)


def draw(vae: Any, posterior: Any, generator: torch.Generator) -> Tensor:
    """Latents 1 x C x h x w as the denoiser knows them, drawn as diffusers does."""
    latents = posterior.sample(generator)
    latents = latents.squeeze(2) if _is_for_video(vae) else latents
    if hasattr(vae, "bn"):
        mean, deviation = _batch_norm(vae, latents)
        return (latents - mean) / deviation
    shift, scale = _statistics(vae, latents)
    return (latents - shift) * scale


def empty(vae: Any, width: int, height: int) -> Tensor:
    """Latents of nothing, for a picture of that size."""
    return torch.zeros(1, channels(vae), height // factor(vae), width // factor(vae), device=vae.device)


def decode(vae: Any, latents: Tensor) -> Tensor:
    """Pixels 1 x 3 x H x W, about -1..1."""
    if hasattr(vae, "bn"):
        mean, deviation = _batch_norm(vae, latents)
        latents = latents * deviation + mean
    else:
        shift, scale = _statistics(vae, latents)
        latents = latents / scale + shift
    latents = latents.to(vae.dtype)
    if _is_for_video(vae):
        return vae.decode(latents.unsqueeze(2), return_dict=False)[0][:, :, 0]
    return vae.decode(latents, return_dict=False)[0]


def to_raster(pixels: Tensor) -> Raster:
    """Pixels 1 x 3 x H x W in -1..1 to a picture, rounded as diffusers does."""
    return shown((pixels / 2 + 0.5).clamp(0, 1))


def shown(pixels: Tensor) -> Raster:
    """The same of pixels in 0..1."""
    return Raster((pixels[0].movedim(0, -1).float().cpu().numpy() * 255).round().astype(np.uint8))


def channels(vae: Any) -> int:
    return vae.config.z_dim if _is_for_video(vae) else vae.config.latent_channels


def factor(vae: Any) -> int:
    """Pixels a side that one latent stands for."""
    config = vae.config
    if _is_for_video(vae):
        return 2 ** len(config.temperal_downsample)
    blocks = config.get("block_out_channels") or config.encoder_block_out_channels
    return 2 ** (len(blocks) - 1)


def _is_for_video(vae: Any) -> bool:
    return "temperal_downsample" in vae.config


def _batch_norm(vae: Any, like: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and deviation of a VAE that keeps them for each place in a square of latents."""
    side = round((len(vae.bn.running_mean) / like.shape[1]) ** 0.5)
    repeated = (1, 1, like.shape[2] // side, like.shape[3] // side)
    mean = vae.bn.running_mean
    deviation = torch.sqrt(vae.bn.running_var + vae.config.batch_norm_eps)
    planes = (values.view(1, -1, side, side).repeat(repeated) for values in (mean, deviation))
    mean, deviation = (values.to(like) for values in planes)
    return mean, deviation


def _statistics(vae: Any, like: Tensor) -> tuple[Tensor | float, Tensor | float]:
    """Shift and scale: one number each, or one a channel."""
    config = vae.config
    if getattr(config, "latents_mean", None) is None or getattr(config, "latents_std", None) is None:
        return getattr(config, "shift_factor", None) or 0.0, config.scaling_factor
    mean, deviation = (
        torch.tensor(values).view(1, -1, 1, 1).to(like) for values in (config.latents_mean, config.latents_std)
    )
    return mean, getattr(config, "scaling_factor", 1.0) / deviation
