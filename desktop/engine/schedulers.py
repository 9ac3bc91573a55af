"""Schedulers: a sampler's way through a model's own noise schedule."""

from __future__ import annotations

import inspect
import math
from typing import Any

import diffusers
import numpy as np
import torch

from desktop.models.samplers import Sampler

WAYS = (  # what a model's own scheduler config says of the way and not of the noise: the sampler's business
    "algorithm_type",
    "final_sigmas_type",
    "lower_order_final",
    "solver_order",
    "solver_type",
    "stochastic_sampling",
    "use_beta_sigmas",
    "use_exponential_sigmas",
    "use_karras_sigmas",
)
LEAST_SIGNAL = 2e-4  # of the variance, at the last step: a noise of 70 times the signal


def make_scheduler(sampler: Sampler, config: dict[str, Any]) -> Any:
    """A diffusers scheduler with the model's own noise schedule and the sampler's way through it."""
    noise = {name: value for name, value in config.items() if name not in WAYS}
    changes: dict[str, Any] = dict(sampler.config)
    if noise.get("rescale_betas_zero_snr") and not sampler.zero_snr:
        changes |= {"rescale_betas_zero_snr": False, "trained_betas": _nearly_zero_snr(noise)}
    if sampler.flow:
        changes |= dict.fromkeys(("shift", "flow_shift"), noise.get("shift", noise.get("flow_shift", 1.0)))
    scheduler = _from_config(getattr(diffusers, sampler.scheduler), noise | changes)
    if sampler.flow:
        _accept_sigmas(scheduler, noise)
    return scheduler


def _from_config(kind: Any, config: dict[str, Any]) -> Any:
    known = inspect.signature(kind).parameters
    return kind.from_config({name: value for name, value in config.items() if name in known})


def _accept_sigmas(scheduler: Any, config: dict[str, Any]) -> None:
    """Pipelines hand over noise levels, and a shift that follows the size; some schedulers make their own levels."""
    set_timesteps = scheduler.set_timesteps
    takes_them = "sigmas" in inspect.signature(set_timesteps).parameters

    def accepting(
        num_inference_steps: int | None = None, device: Any = None, sigmas: Any = None, mu: float | None = None
    ) -> None:
        levels = None if sigmas is None else np.asarray(sigmas)
        if levels is not None and len(levels) == 1 and config.get("shift_terminal"):
            scheduler.register_to_config(shift_terminal=None)  # one level cannot be stretched: its share would be 0/0
        if takes_them:
            set_timesteps(num_inference_steps, device=device, sigmas=levels, mu=mu)
            return
        if mu is not None and config.get("use_dynamic_shifting"):
            shift = mu if config.get("time_shift_type") == "linear" else math.exp(mu)
            scheduler.register_to_config(shift=shift, flow_shift=shift)
        set_timesteps(num_inference_steps if levels is None else len(levels), device=device)

    scheduler.set_timesteps = accepting


def _nearly_zero_snr(config: dict[str, Any]) -> list[float]:
    """The betas of a model whose last step is pure noise, with a trace of signal left.

    For schedulers that cannot take pure noise, or spread their steps over its endless range (Karras).
    """
    scheduler: Any = diffusers.DDIMScheduler.from_config(config)
    alphas = scheduler.alphas_cumprod.double().clamp(min=LEAST_SIGNAL)
    return (1 - alphas / torch.cat([torch.ones(1), alphas[:-1]])).tolist()
