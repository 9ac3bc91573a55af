"""Differential diffusion: each latent pixel joins at a noise level of its own, as early as its mask is strong.

Until then it is the source at the noise level of the step, so that what is made grows together with it.
Method: Levin and Fried, "Differential Diffusion: Giving Each Pixel Its Strength" (2023).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from diffusers.utils.torch_utils import randn_tensor
from torch import Tensor


class Blend:
    """The source's latents and their mask, 0 to 1, through one run of a pipeline."""

    def __init__(self, scheduler: Any, latents: Tensor, mask: np.ndarray, generator: torch.Generator):
        self._scheduler = scheduler
        self._latents = latents
        self._mask = pooled(mask, latents)
        self._noise = randn_tensor(latents.shape, generator=generator, device=latents.device, dtype=latents.dtype)

    def start(self, _image: Tensor, timestep: Tensor, *_: Any, **__: Any) -> Tensor:
        """The source at the first step's noise level; takes the place of a pipeline's `prepare_latents`."""
        return self._noised(timestep)

    def join(self, latents: Tensor, done: int, steps: int, timestep: Tensor | None) -> Tensor:
        """The latents after `done` of the steps, the next of which is at `timestep`; None after the last."""
        source = self._latents if timestep is None else self._noised(timestep[None])
        free = self._mask * steps > steps - done  # each takes its share of the steps, and takes the last ones
        return torch.where(free, latents, source.to(latents.dtype))

    def _noised(self, timestep: Tensor) -> Tensor:
        """The schedulers that count their steps ignore the timestep and take the noise level of their next step."""
        if hasattr(self._scheduler, "scale_noise"):
            return self._scheduler.scale_noise(self._latents, timestep, self._noise)
        return self._scheduler.add_noise(self._latents, self._noise, timestep)


def pooled(mask: np.ndarray, latents: Tensor) -> Tensor:
    """A mask, uint8, height x width, as 1 x 1 x h x w of the latents, 0 to 1.

    The mean of what each covers, which keeps the seam of a hard mask closest; but what is smaller than a latent pixel
    is no weaker for it.
    """
    values = torch.from_numpy(mask)[None, None].to(latents.device, torch.float32) / 255
    mean = F.adaptive_avg_pool2d(values, (latents.shape[-2], latents.shape[-1]))
    return mean * (values.max() / mean.max())
