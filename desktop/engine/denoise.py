"""Denoising: from words, and perhaps a picture to start from, to latents."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from desktop.engine import vae
from desktop.engine.blend import Blend, pooled
from desktop.engine.loaded import Loaded
from desktop.engine.prompt import Words
from desktop.engine.run import Run
from desktop.engine.steps import Show, Watch, as_it_is, check_finite
from desktop.raster import Raster


@dataclass(frozen=True)
class Task:
    """One run of the denoiser: the size it works at, and what it starts from, if not from noise."""

    width: int
    height: int
    seed: int
    picture: Raster | None = None  # of that size
    strength: float = 1.0
    mask: np.ndarray | None = None  # how far each pixel joins in: see masks.py; of any size
    note: str = "denoising"
    show: Show = as_it_is  # what a preview of it becomes


@dataclass(frozen=True)
class Start:
    """The picture's latents, and the generator's state once they are drawn; for inpainting models what they ask."""

    latents: Tensor | None
    noise: Tensor
    hints: Tensor | None = None  # mask and latents of what it hides not: 1 x (1 + C) x h x w


def start(loaded: Loaded, task: Task) -> Start:
    generator = torch.Generator().manual_seed(task.seed)  # on the processor: the same noise on every device
    if task.picture is None:
        return Start(None, generator.get_state())
    latents = _encoded(loaded, task.picture, generator)
    hints = _hints(loaded, task, latents, generator) if loaded.model.inpaints else None
    return Start(latents, generator.get_state(), hints)


def _encoded(loaded: Loaded, picture: Raster, generator: torch.Generator) -> Tensor:
    """Through the VAE only where it is another one than lately."""

    def encode() -> Any:
        found = vae.posterior(loaded.vae, picture)
        check_finite(found.mean)  # else it would be remembered
        return found

    posterior = loaded.memo.get(("picture", picture.sha256), encode)
    return vae.draw(loaded.vae, posterior, generator)


def _hints(loaded: Loaded, task: Task, latents: Tensor, generator: torch.Generator) -> Tensor:
    """As in training: the mask is hard, and what it hides is grey."""
    assert task.picture is not None
    assert task.mask is not None
    hidden = Raster(task.mask[..., None]).resize(task.width, task.height).pixels >= HARD
    seen = Raster(np.where(hidden, GREY, task.picture.rgb().pixels))
    mask = (pooled(hidden[..., 0] * np.uint8(255), latents) > 0).to(latents.dtype)
    return torch.cat([mask, _encoded(loaded, seen, generator)], dim=1)


HARD, GREY = 128, 127


def denoise(run: Run, loaded: Loaded, words: Words, task: Task, begin: Start) -> Tensor:
    recipe, family = run.job.work, loaded.model.family
    generator = torch.Generator()
    generator.set_state(begin.noise)
    precision = next(loaded.denoiser.parameters()).dtype
    blend, given = None, {}
    if begin.latents is None:
        pipe = loaded.pipeline(family.text_to_image, recipe.sampler)
    else:
        pipe = loaded.pipeline(family.image_to_image, recipe.sampler)
        pipe.get_timesteps = partial(_last_steps, pipe.scheduler, recipe.steps, task.strength)
        given = {"image": begin.latents}
        if task.mask is not None:
            blend = Blend(pipe.scheduler, begin.latents.to(precision), task.mask, generator)
            pipe.prepare_latents = blend.start
    size = {"width": task.width, "height": task.height}
    accepted = inspect.signature(pipe.__call__).parameters  # some image-to-image pipelines take the picture's size
    with Watch(run, loaded, pipe, blend, task.note, task.show).watching(), _hinted(loaded, begin.hints):
        return pipe(
            **{name: tensor.to(precision) for name, tensor in words.items()},
            **{side: pixels for side, pixels in size.items() if side in accepted},
            **given,
            num_inference_steps=recipe.steps,
            guidance_scale=recipe.guidance,
            generator=generator,
            output_type="latent",
            return_dict=False,
        )[0]


@contextmanager
def _hinted(loaded: Loaded, hints: Tensor | None) -> Iterator[None]:
    """The denoiser sees the hints behind the latents."""
    if hints is None:
        yield
        return

    def add(_: torch.nn.Module, given: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        latents, *rest = given
        return torch.cat([latents, hints.to(latents).expand(len(latents), -1, -1, -1)], dim=1), *rest

    hook = loaded.denoiser.register_forward_pre_hook(add)
    try:
        yield
    finally:
        hook.remove()


def _last_steps(scheduler: Any, steps: int, strength: float, *_: Any, **__: Any) -> tuple[Tensor, int]:
    """The timesteps of an image-to-image run, and their number: the nearest whole number of steps, one at least.

    Takes the place of the pipelines' own `get_timesteps`, of which some round down, to no step at all, and some up.
    """
    run = max(1, round(steps * strength))
    begin = (steps - run) * scheduler.order
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(begin)
    return scheduler.timesteps[begin:], run
