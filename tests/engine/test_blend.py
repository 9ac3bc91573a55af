"""Differential diffusion: what is kept has the noise level of its step with every sampler; what joins joins in time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from desktop.engine.beginning import Beginning
from desktop.engine.blend import Blend, Noised, pooled
from desktop.engine.schedulers import make_scheduler
from desktop.models.samplers import SAMPLERS

STEPS = 6
SHAPE = (1, 4, 8, 8)
NOISE: dict[str, Any] = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1}
# with a chance of their own in every step: theirs is another noise of the same strength
DICE = ("euler_a", "euler_a_trailing", "dpmpp_sde", "dpmpp_2m_sde_karras", "lcm", "flow_euler_a", "flow_lcm")


class Pipe:
    """What a pipeline makes ready, in either order."""

    def __init__(self, scheduler: Any):
        self.scheduler = scheduler

    def prepare_latents(self) -> torch.Tensor:
        return torch.randn(SHAPE)

    def ready(self, latents_first: bool) -> tuple[torch.Tensor, torch.Tensor]:
        """Latents and timesteps."""
        latents = self.prepare_latents() if latents_first else None
        self.scheduler.set_timesteps(STEPS)
        timesteps = self.scheduler.timesteps
        return self.prepare_latents() if latents is None else latents, timesteps


def _generator() -> torch.Generator:
    return torch.Generator().manual_seed(3)


def _run(
    sampler: str, strength: float, mask: np.ndarray
) -> tuple[list[tuple[torch.Tensor, torch.Tensor]], torch.Tensor]:
    """Latents after each step, as the sampler has them and as joined, of a denoiser that knows source and noise."""
    row = SAMPLERS[sampler]
    scheduler = make_scheduler(row, {} if row.flow else NOISE)
    source = torch.randn(SHAPE, generator=torch.Generator().manual_seed(1))
    noise = torch.randn(SHAPE, generator=_generator())
    pipe = Pipe(scheduler)
    beginning = Beginning(pipe, source, noise, pooled(mask, source), _generator())
    beginning.shorten(STEPS, strength)
    latents, timesteps = pipe.ready(latents_first=row.flow)
    blend, steps = beginning.blend, -(-len(timesteps) // scheduler.order)
    assert blend
    assert steps == max(1, round(STEPS * strength))
    seen = []
    for call, timestep in enumerate(timesteps, 1):
        taken = scheduler.scale_model_input(latents, timestep) if hasattr(scheduler, "scale_model_input") else latents
        assert taken.shape == SHAPE
        output = noise - source if row.flow else noise
        latents = scheduler.step(output, timestep, latents, return_dict=False)[0]
        if call % scheduler.order and call < len(timesteps):
            continue
        done = -(-call // scheduler.order)
        joined = blend.join(latents, done, steps, timesteps[call] if call < len(timesteps) else None)
        seen.append((latents, joined))
        latents = joined
    assert len(seen) == steps
    return seen, source


@pytest.mark.parametrize("strength", [1.0, 0.5, 0.01])
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_what_is_kept_has_the_noise_level_of_its_step(sampler: str, strength: float) -> None:
    seen, source = _run(sampler, strength, np.zeros((8, 8), np.uint8))
    for made, kept in seen:
        if sampler not in DICE:
            assert torch.allclose(made, kept, atol=0.02 * float(kept.std())), (made - kept).abs().max()
        else:
            assert made.std() == pytest.approx(kept.std().item(), rel=0.25)
    assert torch.equal(seen[-1][1], source)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_what_is_wholly_masked_is_left_to_the_sampler(sampler: str) -> None:
    seen, _ = _run(sampler, 1.0, np.full((8, 8), 255, np.uint8))
    assert all(torch.equal(made, joined) for made, joined in seen)


def test_each_pixel_takes_its_share_of_the_steps() -> None:
    mask = np.zeros((8, 8), np.uint8)
    mask[0] = [0, 1, 64, 102, 128, 204, 254, 255]
    scheduler = make_scheduler(SAMPLERS["ddim"], NOISE)
    scheduler.set_timesteps(10)
    nothing = torch.zeros(SHAPE)
    blend = Blend(Noised(scheduler, nothing, nothing), pooled(mask, nothing))
    made = torch.full(SHAPE, 9.0)
    free = [(blend.join(made, done, 10, None) == 9)[0, 0, 0].tolist() for done in range(1, 11)]
    assert np.sum(free, axis=0).tolist() == [0, 1, 3, 4, 6, 8, 10, 10]
    assert free == sorted(free)  # what has joined stays


def test_a_mask_comes_to_the_latents_as_the_mean_of_what_each_covers() -> None:
    mask = np.zeros((32, 64), np.uint8)
    mask[:, :20] = 255
    mask[:, 40:] = 102
    line = pooled(mask, torch.zeros(1, 4, 4, 8))[0, 0, 1].tolist()
    assert line == pytest.approx([1, 1, 0.5, 0, 0, 0.4, 0.4, 0.4])


def test_what_is_smaller_than_a_latent_pixel_is_no_weaker_for_it() -> None:
    mask = np.zeros((64, 64), np.uint8)
    mask[13, 50] = 255
    small = pooled(mask, torch.zeros(1, 4, 8, 8))[0, 0]
    assert small[1, 6] == 1
    assert small.sum() == 1
    mask[13, 50] = 51
    assert pooled(mask, torch.zeros(1, 4, 8, 8)).max() == pytest.approx(0.2)


def test_an_area_smaller_than_its_latents_is_possible() -> None:
    mask = np.repeat(np.array([[0, 255]], np.uint8), 4, axis=0).repeat(2, axis=1)
    assert pooled(mask, torch.zeros(1, 4, 8, 8))[0, 0, 3].tolist() == [0] * 4 + [1] * 4
