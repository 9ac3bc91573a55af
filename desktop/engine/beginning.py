"""Beginning: how a pipeline that makes pictures from noise starts from a picture, late in its schedule."""

from __future__ import annotations

import functools
from typing import Any

import torch
from torch import Tensor

from desktop.engine.blend import Blend, Noised
from desktop.engine.layout import laid_out


class Beginning:
    """The start of one run from latents 1 x C x h x w, in place of what its pipeline draws.

    The pipeline and its scheduler are this run's own, and stay changed. Some lay out their latents before they set
    the timesteps, some after: those are filled once both are there.
    """

    def __init__(self, pipe: Any, latents: Tensor, noise: Tensor, mask: Tensor | None, generator: torch.Generator):
        self.blend: Blend | None = None  # once the latents are laid out
        self._scheduler = pipe.scheduler
        self._given = latents, noise, mask
        self._generator = generator
        self._filled: Tensor | None = None
        self._source: Noised | None = None
        self._timesteps: Tensor | None = None  # of the whole schedule
        self._prepare = pipe.prepare_latents
        pipe.prepare_latents = self._prepared

    def shorten(self, steps: int, strength: float) -> None:
        """Lets the schedule of so many steps begin at the last share of them: a whole number, one at least."""
        scheduler = self._scheduler
        begin = (steps - max(1, round(steps * strength))) * scheduler.order
        set_timesteps, step = scheduler.set_timesteps, scheduler.step

        @functools.wraps(set_timesteps)  # pipelines look at its signature
        def shortened(*args: Any, **options: Any) -> None:
            set_timesteps(*args, **options)
            self._timesteps = scheduler.timesteps
            scheduler.timesteps = scheduler.timesteps[begin:]  # all that the pipeline runs
            self._set_begin(begin)
            if self._filled is not None:
                self._filled.copy_(self._first())

        @functools.wraps(step)
        def within_the_whole(*args: Any, **options: Any) -> Any:
            scheduler.timesteps = self._timesteps  # the steps are counted in all of it
            return step(*args, **options)

        scheduler.set_timesteps, scheduler.step = shortened, within_the_whole

    def _set_begin(self, begin: int) -> None:
        if hasattr(self._scheduler, "set_begin_index"):
            type(self._scheduler).set_begin_index(self._scheduler, begin)
            self._scheduler.set_begin_index = lambda _=0: None  # pipelines may say that it is 0

    def _prepared(self, *args: Any, **options: Any) -> Any:
        """What the pipeline makes ready beside its latents is its own."""
        state = self._generator.get_state()
        made = self._prepare(*args, **options)
        self._generator.set_state(state)
        own, *rest = made if isinstance(made, tuple) else (made,)
        latents, noise, mask = self._given
        self._source = Noised(self._scheduler, laid_out(latents, own), laid_out(noise, own))
        if mask is not None:
            self.blend = Blend(self._source, laid_out(mask.expand_as(latents), own))
        if self._timesteps is None:
            self._filled = torch.empty_like(self._source.noise, dtype=own.dtype)
        else:
            self._filled = self._first().to(own.dtype)
        return (self._filled, *rest) if isinstance(made, tuple) else self._filled

    def _first(self) -> Tensor:
        assert self._source
        return self._source.at(self._scheduler.timesteps[0])
