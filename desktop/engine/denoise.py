"""Denoising: from words, and perhaps a picture to start from, to latents."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from diffusers.utils.torch_utils import randn_tensor
from torch import Tensor

from desktop.engine import vae
from desktop.engine.beginning import Beginning
from desktop.engine.blend import pooled
from desktop.engine.layout import laid_out, planes
from desktop.engine.loaded import Loaded
from desktop.engine.prompt import READ, Words, remember, to
from desktop.engine.run import Run
from desktop.engine.steps import Show, Watch, as_it_is, check_finite
from desktop.models.family import Call
from desktop.raster import Raster
from desktop.recipe import Recipe

HARD = 128  # of a mask for an inpainting model: from here on it hides what is beneath


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
    """The picture's latents and the noise for them, and the generator's state once both are drawn.

    None where the pipeline draws its own noise. `hints`: what models for inpainting take beside the latents.
    """

    state: Tensor
    latents: Tensor | None = None
    noise: Tensor | None = None
    hints: Tensor | None = None  # 1 x C x h x w


def start(loaded: Loaded, task: Task) -> Start:
    generator = torch.Generator().manual_seed(task.seed)  # on the processor: the same noise on every device
    latents = _latents(loaded, task, generator)
    if latents is None:
        return Start(generator.get_state())
    precision = loaded.precision
    noise = randn_tensor(latents.shape, generator=generator, device=latents.device, dtype=precision)
    hints = _hints(loaded, task, generator) if loaded.model.family.inpaints else None
    return Start(generator.get_state(), latents.to(precision), noise, hints)


def _latents(loaded: Loaded, task: Task, generator: torch.Generator) -> Tensor | None:
    """What is noised: nothing at all where the denoiser makes a whole picture by itself."""
    family = loaded.model.family
    if task.picture and (task.mask is not None or not family.edits):
        return _encoded(loaded, task.picture, generator)
    return vae.empty(loaded.vae, task.width, task.height) if "strength" in _accepted(loaded) else None


def _encoded(loaded: Loaded, picture: Raster, generator: torch.Generator, hidden: np.ndarray | None = None) -> Tensor:
    """Through the VAE only where it is another one than lately."""

    def encode() -> Any:
        found = vae.posterior(loaded.vae, picture, hidden)
        check_finite(found.mean)  # else it would be remembered
        return found

    key = ("picture", picture.sha256, None if hidden is None else hidden.tobytes())
    return vae.draw(loaded.vae, loaded.memo.get(key, encode), generator)


def _hints(loaded: Loaded, task: Task, generator: torch.Generator) -> Tensor:
    """As in training: the mask is hard, and what it hides is grey."""
    assert task.picture is not None
    assert task.mask is not None
    hidden = Raster(task.mask[..., None]).resize(task.width, task.height).pixels[..., 0] >= HARD
    seen = _encoded(loaded, task.picture, generator, hidden)
    if loaded.model.family.sees_pixels:
        each = vae.factor(loaded.vae)
        pixels = torch.from_numpy(hidden).to(seen).view(seen.shape[2], each, seen.shape[3], each)
        return torch.cat([seen, pixels.permute(1, 3, 0, 2).reshape(1, each * each, *seen.shape[2:])], dim=1)
    mask = (pooled(hidden * np.uint8(255), seen) > 0).to(seen.dtype)
    return torch.cat([mask, seen], dim=1)


def denoise(run: Run, loaded: Loaded, words: Words, task: Task, begin: Start) -> Tensor:
    """Latents 1 x C x h x w, or pixels in 0..1 of a family that decodes."""
    recipe, family = run.job.work, loaded.model.family
    generator = torch.Generator()
    generator.set_state(begin.state)
    pipe = loaded.pipeline(recipe.sampler)
    if READ in words:
        remember(pipe, words, task.picture.sha256 if task.picture else "", loaded.precision)
    beginning = None
    if begin.latents is not None and begin.noise is not None:
        mask = None if task.mask is None else pooled(task.mask, begin.latents)
        beginning = Beginning(pipe, begin.latents, begin.noise, mask, generator)
        beginning.shorten(recipe.steps, task.strength)
    each = vae.factor(loaded.vae) if family.starts else 1
    size = task.height // each, task.width // each
    watch = Watch(run, loaded, pipe.scheduler, size, beginning, task.note, task.show)
    with watch.watching(generator), _hinted(loaded, begin.hints):
        made = pipe(
            **_call(loaded, recipe, words, task, begin),
            num_inference_steps=recipe.steps,
            generator=generator,
            output_type="pt" if family.decodes else "latent",
            return_dict=False,
        )[0]
    if family.decodes:
        return made
    assert watch.latents is not None
    return planes(watch.latents, *size)  # of what comes out, some pipelines have taken the statistics off


def _call(loaded: Loaded, recipe: Recipe, words: Words, task: Task, begin: Start) -> Call:
    """What the pipeline is called with, of all that may be said to one."""
    family, accepted = loaded.model.family, _accepted(loaded)
    given: Call = {name: to(value, loaded.precision) for name, value in words.items()}
    given |= {"width": task.width, "height": task.height}
    if family.edits and task.picture:
        given["image"] = task.picture.image()
    elif "strength" in accepted:  # it insists on a picture, of which it makes nothing here
        given |= {"image": begin.latents, "strength": 1.0}
    if family.guide != "none":
        given[family.guide_as] = recipe.guidance
    given |= family.call
    return family.adapt({name: value for name, value in given.items() if name in accepted})


def _accepted(loaded: Loaded) -> set[str]:
    """What its pipeline can be called with."""
    return set(inspect.signature(loaded.kind.__call__).parameters)


@contextmanager
def _hinted(loaded: Loaded, hints: Tensor | None) -> Iterator[None]:
    """The denoiser sees the hints behind the latents."""
    if hints is None:
        yield
        return

    def behind(latents: Tensor) -> Tensor:
        beside = laid_out(hints, latents).to(latents)
        return torch.cat([latents, beside.expand(len(latents), *beside.shape[1:])], dim=1 if latents.ndim == 4 else 2)

    def add(_: torch.nn.Module, given: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        if given:
            return (behind(given[0]), *given[1:]), named
        return given, named | {"hidden_states": behind(named["hidden_states"])}

    hook = loaded.denoiser.register_forward_pre_hook(add, with_kwargs=True)
    try:
        yield
    finally:
        hook.remove()
