"""Differential diffusion: each latent pixel joins at a noise level of its own, as early as its mask is strong.

Until then it is the source at the noise level of the step, so that what is made grows together with it.
Method: Levin and Fried, "Differential Diffusion: Giving Each Pixel Its Strength" (2023).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor


class Noised:
    """A picture's latents at any noise level of a run; all in the layout of its pipeline."""

    def __init__(self, scheduler: Any, latents: Tensor, noise: Tensor):
        self._scheduler = scheduler
        self._latents = latents
        self.noise = noise

    def at(self, timestep: Tensor | None) -> Tensor:
        """None stands for the end. Schedulers that count their steps take the noise level of their next one."""
        if timestep is None:
            return self._latents
        if hasattr(self._scheduler, "scale_noise"):
            return self._scheduler.scale_noise(self._latents, timestep[None], self.noise)
        return self._scheduler.add_noise(self._latents, self.noise, timestep[None])


class Blend:
    """What is kept of the source, and how long; the mask is 0 to 1 and of the shape of the latents."""

    def __init__(self, source: Noised, mask: Tensor):
        self._source = source
        self._mask = mask

    def join(self, latents: Tensor, done: int, steps: int, timestep: Tensor | None) -> Tensor:
        """The latents after `done` of the steps, the next of which is at `timestep`; None after the last."""
        free = self._mask * steps > steps - done  # each takes its share of the steps, and takes the last ones
        return torch.where(free, latents, self._source.at(timestep).to(latents.dtype))


def pooled(mask: np.ndarray, latents: Tensor) -> Tensor:
    """A mask, uint8, height x width, as 1 x 1 x h x w of the latents, 0 to 1.

    The mean of what each covers, which keeps the seam of a hard mask closest; but what is smaller than a latent pixel
    is no weaker for it.
    """
    values = torch.from_numpy(mask)[None, None].to(latents.device, torch.float32) / 255
    mean = F.adaptive_avg_pool2d(values, (latents.shape[-2], latents.shape[-1]))
    return mean * (values.max() / mean.max())
