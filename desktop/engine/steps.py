"""What happens at every step of a sampler: stop, progress, preview, and a look whether the numbers are still numbers.

diffusers' schedulers are the one place that every pipeline passes at each step, so this wraps `scheduler.step`.
"""

from __future__ import annotations

import functools
import inspect
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from desktop.engine.api import Preview, Progress
from desktop.engine.beginning import Beginning
from desktop.engine.layout import planes
from desktop.engine.loaded import Loaded
from desktop.engine.run import Run
from desktop.raster import Raster

SCREEN_FRAME = 1 / 60  # seconds; previews more often than that are not seen


Show = Callable[[Raster], Raster]


def as_it_is(preview: Raster) -> Raster:
    return preview


class NotFinite(Exception):
    """A part of the model has produced NaN or infinity."""


def check_finite(*tensors: Tensor) -> None:
    """Raises NotFinite."""
    if not all(bool(torch.isfinite(tensor).all()) for tensor in tensors):
        raise NotFinite


@dataclass
class _Snapshot:
    """What one step looks like, on its way from the device; read a step later, so that the device need not wait."""

    step: int
    finite: Tensor
    colors: Tensor | None
    copied: torch.Event | None

    @staticmethod
    def take(step: int, latents: Tensor, colors: Tensor | None) -> _Snapshot:
        finite = torch.isfinite(latents).all()
        if latents.device.type == "cpu":
            return _Snapshot(step, finite, colors, None)
        finite = finite.to("cpu", non_blocking=True)
        colors = None if colors is None else colors.to("cpu", non_blocking=True)
        copied = torch.Event(latents.device.type)
        copied.record()
        return _Snapshot(step, finite, colors, copied)


class Watch:
    """Follows one run of a pipeline through its scheduler's steps. `size`: of its latents, height and width."""

    def __init__(
        self,
        run: Run,
        loaded: Loaded,
        scheduler: Any,
        size: tuple[int, int],
        beginning: Beginning | None = None,
        note: str = "denoising",
        show: Show = as_it_is,
    ):
        self.run = run
        self.loaded = loaded
        self.scheduler = scheduler
        self.size = size
        self.beginning = beginning
        self.note = note
        self.show = show
        self.timesteps: Tensor | None = None  # all that are run; known once the first is
        self.latents: Tensor | None = None  # as the last step has left them
        self.calls = 0
        self.waiting: _Snapshot | None = None
        self.shown = 0.0

    @contextmanager
    def watching(self, generator: torch.Generator) -> Iterator[None]:
        """Wraps the step of the scheduler, which must be this run's own. All chance in it comes of that generator."""
        scheduler = self.scheduler
        original = scheduler.step
        chance = {"generator": generator} if "generator" in inspect.signature(original).parameters else {}

        @functools.wraps(original)  # pipelines look at its signature
        def step(model_output: Tensor, timestep: Any, sample: Tensor, **options: Any) -> Any:
            if self.timesteps is None:
                self.timesteps = scheduler.timesteps
            before = getattr(scheduler, "step_index", None)
            before = getattr(scheduler, "begin_index", None) if before is None else before
            result = original(model_output, timestep, sample, **(chance | options))
            self.latents = self._after(result[0], lambda: _clean(scheduler, before, result, model_output, sample))
            return self.latents, *(result[each] for each in range(1, len(result)))

        scheduler.step = step
        try:
            yield
            self._read_waiting()
        finally:
            scheduler.step = original

    def _after(self, latents: Tensor, clean: Callable[[], Tensor]) -> Tensor:
        """The latents that the next step goes on from."""
        assert self.timesteps is not None
        self.run.check()
        self._read_waiting()
        self.calls += 1
        order, calls = self.scheduler.order, len(self.timesteps)
        if self.calls % order and self.calls < calls:
            return latents  # Heun and its like make two calls a step
        step, steps = math.ceil(self.calls / order), math.ceil(calls / order)
        if self.beginning and self.beginning.blend:
            ahead = self.timesteps[self.calls :]
            latents = self.beginning.blend.join(latents, step, steps, ahead[0] if len(ahead) else None)
        self.run.measure(self.loaded.device)
        self.run.events.put(Progress(step, steps, self.note))
        due = self.loaded.projection is not None and time.monotonic() - self.shown > SCREEN_FRAME
        self.waiting = _Snapshot.take(step, latents, self._colors(clean()) if due else None)
        if latents.device.type == "cpu":
            self._read_waiting()
        return latents

    def _colors(self, latents: Tensor) -> Tensor:
        assert self.loaded.projection
        return self.loaded.projection(planes(latents, *self.size))

    def _read_waiting(self) -> None:
        if (snapshot := self.waiting) is None:
            return
        self.waiting = None
        if snapshot.copied:
            snapshot.copied.synchronize()
        if not snapshot.finite:
            raise NotFinite
        if snapshot.colors is not None:
            self.shown = time.monotonic()
            self.run.events.put(Preview(self.show(Raster(snapshot.colors.numpy())), snapshot.step))


def _clean(
    scheduler: Any, before: int | None, result: tuple[Tensor, ...], model_output: Tensor, sample: Tensor
) -> Tensor:
    """The finished latents as this step foresees them; each kind of scheduler keeps them elsewhere."""
    if len(result) > 1:
        return result[1]
    if kept := [output for output in getattr(scheduler, "model_outputs", ()) if output is not None]:
        return kept[-1]
    return sample - scheduler.sigmas[before or 0] * model_output  # flow: the output is the way from picture to noise


@contextmanager
def stoppable(modules: list[nn.Module], run: Run) -> Iterator[None]:
    """Lets a cancel take effect between the blocks of these modules, within a fraction of a step."""
    lists = [child for module in modules for child in module.modules() if isinstance(child, nn.ModuleList)]
    blocks = {block for group in lists for block in group if block is not None}
    hooks = [block.register_forward_pre_hook(lambda *_: run.check()) for block in blocks]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
