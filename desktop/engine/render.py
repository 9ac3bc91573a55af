"""Recipe to picture."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

import desktop
from desktop.engine import prompt, vae
from desktop.engine.api import Produced, Progress, Warned
from desktop.engine.pipelines import Loaded, Pipelines
from desktop.engine.prompt import Words
from desktop.engine.run import Run
from desktop.engine.steps import NotFinite, Watch, stoppable
from desktop.errors import UserError
from desktop.models.identify import Model
from desktop.recipe import Recipe

T = TypeVar("T")
LABELS = {"text_encoder": "text encoder", "unet": "U-Net", "transformer": "transformer", "vae": "VAE"}
DECODER_LAYERS = 4  # of full size that are in memory at once while a VAE decodes, which is the peak; measured
LIBRARIES = ("torch", "diffusers", "transformers")


@torch.no_grad()
def render(run: Run, pipelines: Pipelines) -> None:
    """Makes the picture of the run's recipe, telling it in events. Raises UserError, Stopped, or whatever breaks."""
    recipe = run.job.work
    with run.phase("load"):
        loaded = _load(run, pipelines)
    with stoppable(list(loaded.parts.values()), run):
        with run.phase("encode"):
            words = _safely(run, loaded, "text_encoder", partial(_encode_prompt, loaded, recipe))
            _tell_what_is_cut(run, loaded)
            start = _safely(run, loaded, "vae", partial(_start, run, loaded))
        with run.phase("denoise"):
            denoise = partial(_denoise, run, loaded, words, start)
            latents = _safely(run, loaded, loaded.model.family.denoiser, denoise)
        with run.phase("decode"):
            run.events.put(Progress(recipe.steps, recipe.steps, "decoding"))
            picture = vae.to_raster(_safely(run, loaded, "vae", partial(_decode, loaded, latents)))
    run.measure(loaded.device)
    run.check()
    run.events.put(Produced(picture, recipe, _made(run, loaded)))


def _load(run: Run, pipelines: Pipelines) -> Loaded:
    recipe = run.job.work

    def work_bytes(model: Model) -> int:
        model.family.check(recipe)
        itemsize = pipelines.device.dtype(model.denoiser_values).itemsize
        return recipe.width * recipe.height * model.decoder_width * itemsize * DECODER_LAYERS

    def tell(share: float) -> None:
        run.check()
        run.events.put(Progress(round(share * 100), 100, "loading model"))

    return pipelines.load(recipe.model, run.job.models[recipe.model], work_bytes, tell)


def _encode_prompt(loaded: Loaded, recipe: Recipe) -> Words:
    words = prompt.encode(loaded, recipe)
    _check_finite(*words.values())
    return words


def _tell_what_is_cut(run: Run, loaded: Loaded) -> None:
    for name, text in (("prompt", run.job.work.prompt), ("negative prompt", run.job.work.negative)):
        if rest := prompt.cut_off(loaded, text):
            run.events.put(Warned(f"The {name} is longer than this model reads. Not used: “{rest}”"))


Start = tuple[Tensor | None, Tensor]  # the source's latents, and the state of the noise's generator


def _start(run: Run, loaded: Loaded) -> Start:
    recipe = run.job.work
    generator = torch.Generator().manual_seed(recipe.seed)  # on the processor: the same noise on every device
    if recipe.source is None:
        return None, generator.get_state()
    picture = run.job.inputs[recipe.source.image].cover(recipe.width, recipe.height)
    latents = vae.encode(loaded.vae, picture, generator)
    _check_finite(latents)
    return latents, generator.get_state()


def _denoise(run: Run, loaded: Loaded, words: Words, start: Start) -> Tensor:
    recipe, family = run.job.work, loaded.model.family
    latents, noise = start
    if recipe.source is None:
        pipe, task = loaded.pipeline(family.text_to_image, recipe.sampler), {}
    else:
        pipe = loaded.pipeline(family.image_to_image, recipe.sampler)
        pipe.get_timesteps = partial(_last_steps, pipe.scheduler, recipe.steps, recipe.source.strength)
        task = {"image": latents}
    size = {"width": recipe.width, "height": recipe.height}
    accepted = inspect.signature(
        pipe.__call__
    ).parameters  # some image-to-image pipelines take the size from the picture
    generator = torch.Generator()
    generator.set_state(noise)
    precision = next(loaded.denoiser.parameters()).dtype
    with Watch(run, loaded, pipe).watching():
        return pipe(
            **{name: tensor.to(precision) for name, tensor in words.items()},
            **{side: pixels for side, pixels in size.items() if side in accepted},
            **task,
            num_inference_steps=recipe.steps,
            guidance_scale=recipe.guidance,
            generator=generator,
            output_type="latent",
            return_dict=False,
        )[0]


def _last_steps(scheduler: Any, steps: int, strength: float, *_: Any, **__: Any) -> tuple[Tensor, int]:
    """The timesteps of an image-to-image run, and their number: the nearest whole number of steps, one at least.

    Takes the place of the pipelines' own `get_timesteps`, of which some round down, to no step at all, and some up.
    """
    run = max(1, round(steps * strength))
    begin = (steps - run) * scheduler.order
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(begin)
    return scheduler.timesteps[begin:], run


def _decode(loaded: Loaded, latents: Tensor) -> Tensor:
    pixels = vae.decode(loaded.vae, latents)
    _check_finite(pixels)
    return pixels


def _check_finite(*tensors: Tensor) -> None:
    if not all(bool(torch.isfinite(tensor).all()) for tensor in tensors):
        raise NotFinite


def _safely(run: Run, loaded: Loaded, part: str, work: Callable[[], T]) -> T:
    """The result of `work`; where that part's numbers break, the same again at full precision. Raises UserError."""
    try:
        return work()
    except NotFinite:
        modules = [module for name, module in loaded.parts.items() if name.startswith(part) and not _is_full(module)]
    if not modules:
        message = f"The {LABELS[part]} of {loaded.model.name} yields no valid numbers."
        raise UserError(message, "Its file may be damaged: download it again, or choose another model.")
    run.events.put(
        Warned(f"The {LABELS[part]} left its number range and runs again at full precision, which takes longer.")
    )
    run.fallbacks.append(f"{part} in float32")
    with _full_precision(modules):
        return _safely(run, loaded, part, work)


def _is_full(module: nn.Module) -> bool:
    return next(module.parameters()).dtype == torch.float32


@contextmanager
def _full_precision(modules: list[nn.Module]) -> Iterator[None]:
    """Loses nothing: the way back to the narrower type is exact for weights that came from it."""
    narrow = [next(module.parameters()).dtype for module in modules]
    for module in modules:
        module.float()
    try:
        yield
    finally:
        for module, dtype in zip(modules, narrow, strict=True):
            module.to(dtype)


def _made(run: Run, loaded: Loaded) -> dict[str, Any]:
    """All that the pixels depend on beside the recipe."""
    return {
        "device": loaded.device.describe(),
        "dtype": str(next(loaded.denoiser.parameters()).dtype).removeprefix("torch."),
        "threads": torch.get_num_threads(),
        "fallbacks": list(run.fallbacks),
        "model": loaded.model.name,
        "versions": {"sfumato": desktop.__version__, **{name: version(name) for name in LIBRARIES}},
    }
