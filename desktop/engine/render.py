"""Recipe to picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

import desktop
from desktop.engine import inversion, prompt, vae
from desktop.engine.api import Job, Produced, Progress, Warned
from desktop.engine.denoise import Task, denoise, start
from desktop.engine.inpaint import Inpainting
from desktop.engine.loaded import Loaded
from desktop.engine.pipelines import Pipelines
from desktop.engine.prompt import Words
from desktop.engine.run import Run
from desktop.engine.steps import NotFinite, check_finite, stoppable
from desktop.errors import UserError
from desktop.models.extras import READ_BY
from desktop.models.model import Model
from desktop.raster import Raster
from desktop.recipe import SEEDS, Recipe

T = TypeVar("T")
LABELS = {"text_encoder": "text encoder", "unet": "U-Net", "transformer": "transformer", "vae": "VAE"}
DECODER_LAYERS = 4  # of full size that are in memory at once while a VAE decodes, which is the peak; measured
LIBRARIES = ("torch", "diffusers", "transformers")


@dataclass(frozen=True, eq=False)
class Encoded:
    """Prompts as the model reads them, and the ends of those that are too long for that, by what people call them."""

    words: Words
    unread: Mapping[str, str]


@torch.no_grad()
def render(run: Run, pipelines: Pipelines) -> None:
    """Makes the picture of the run's recipe, telling it in events. Raises UserError, Stopped, or whatever breaks."""
    recipe = run.job.work
    with run.phase("load"):
        loaded = _load(run, pipelines)
        _put_on_loras(run, pipelines, loaded)
    with stoppable(list(loaded.parts.values()), run):
        with run.phase("encode"):
            encoded = _safely(run, loaded, "text_encoder", partial(_encode_prompt, run, pipelines, loaded))
            _tell_what_is_unread(run, loaded, encoded)
        words = encoded.words
        inpainting = Inpainting.of(run.job, loaded.model)
        picture = _inpaint(run, loaded, words, inpainting) if inpainting else _make(run, loaded, words, _task(run.job))
    run.measure(loaded.device)
    run.check()
    run.events.put(Produced(picture, recipe, _made(run, loaded)))


def _load(run: Run, pipelines: Pipelines) -> Loaded:
    recipe = run.job.work

    def work_bytes(model: Model) -> int:
        inpainting = Inpainting.of(run.job, model)
        model.check(recipe, inpainting is not None)
        sizes = inpainting.passes if inpainting else [(recipe.width, recipe.height)]
        itemsize = pipelines.device.dtype(model.denoiser_values).itemsize
        return max(size[0] * size[1] for size in sizes) * model.decoder_width * itemsize * DECODER_LAYERS

    def tell(share: float) -> None:
        run.check()
        run.events.put(Progress(round(share * 100), 100, "loading model"))

    return pipelines.load(recipe, run.job.models, work_bytes, tell)


def _put_on_loras(run: Run, pipelines: Pipelines, loaded: Loaded) -> None:
    """Those of the recipe and no others, whatever the run before had on."""
    job, family = run.job, loaded.model.family
    for told in pipelines.adapters.applied(loaded.parts, job.work.loras, job.models, family, job.merges, run.check):
        run.events.put(Warned(told))


def _encode_prompt(run: Run, pipelines: Pipelines, loaded: Loaded) -> Encoded:
    """Anew only where it is another one than lately, or is read in another way."""
    recipe, family = _with_words(run, loaded), loaded.model.family

    def encode() -> Encoded:
        words = prompt.encode(loaded, recipe, run.job.models)
        check_finite(*prompt.tensors(words))
        texts = {"prompt": recipe.prompt} | ({"negative prompt": recipe.negative} if guided else {})
        cut_off = partial(prompt.cut_off, loaded, embeddings=recipe.embeddings, files=run.job.models)
        return Encoded(words, {name: rest for name, text in texts.items() if (rest := cut_off(text))})

    guided = family.is_guided(recipe)
    way = (recipe.clip_skip, *recipe.embeddings.items(), pipelines.adapters.text_key(loaded.parts))
    return loaded.memo.get(("prompt", recipe.prompt, recipe.negative, guided, way), encode)


def _with_words(run: Run, loaded: Loaded) -> Recipe:
    """The recipe with the embeddings that its LoRAs bring, as far as the model reads such."""
    recipe, family = run.job.work, loaded.model.family
    return inversion.with_bundled(recipe, run.job.models) if family.id in READ_BY else recipe


def _tell_what_is_unread(run: Run, loaded: Loaded, encoded: Encoded) -> None:
    recipe, family = run.job.work, loaded.model.family
    for name, rest in encoded.unread.items():
        run.events.put(Warned(f"The {name} is longer than this model reads. Not used: “{rest}”"))
    if family.id not in READ_BY and (words := inversion.bundled(recipe, run.job.models)):
        named = ", ".join(sorted(words))
        run.events.put(Warned(f"{family.name} reads no embeddings: those of a LoRA ({named}) have no effect."))
    if recipe.clip_skip and not family.clip:
        run.events.put(Warned(f"{loaded.model.name} has no layers of CLIP to skip: “clip skip” has no effect."))


def _task(job: Job) -> Task:
    """Of a recipe without a mask."""
    recipe = job.work
    if recipe.source is None:
        return Task(recipe.width, recipe.height, recipe.seed)
    picture = job.inputs[recipe.source.image].cover(recipe.width, recipe.height)
    return Task(recipe.width, recipe.height, recipe.seed, picture, recipe.source.strength)


def _seed(recipe: Recipe, more: int) -> int:
    return (recipe.seed + more) % SEEDS.stop


def _make(run: Run, loaded: Loaded, words: Words, task: Task) -> Raster:
    """One run of all parts."""
    with run.phase("encode"):
        begin = _safely(run, loaded, "vae", partial(start, loaded, task))
    with run.phase("denoise"):
        work = partial(denoise, run, loaded, words, task, begin)
        latents = _safely(run, loaded, loaded.model.family.denoiser, work)
    with run.phase("decode"):
        steps = run.job.work.steps
        run.events.put(Progress(steps, steps, "decoding"))
        if loaded.model.family.decodes:
            return vae.shown(latents)
        return vae.to_raster(_safely(run, loaded, "vae", partial(_decode, loaded, latents)))


def _inpaint(run: Run, loaded: Loaded, words: Words, inpainting: Inpainting) -> Raster:
    """The area is made once or twice, the second time from what the first has put in its place."""
    area = inpainting.start
    for turn, size in enumerate(inpainting.passes):
        task = Task(
            size.width,
            size.height,
            _seed(run.job.work, turn),
            Raster(area).resize(size.width, size.height),
            size.strength,
            inpainting.masks.denoise,
            "refining" if turn else "denoising",
            inpainting.shown,
        )
        area = inpainting.joined(_make(run, loaded, words, task))
    return inpainting.whole(area)


def _decode(loaded: Loaded, latents: Tensor) -> Tensor:
    pixels = vae.decode(loaded.vae, latents)
    check_finite(pixels)
    return pixels


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
        "dtype": str(loaded.precision).removeprefix("torch."),
        "threads": torch.get_num_threads(),
        "fallbacks": list(run.fallbacks),
        "model": loaded.model.name,
        **({"loras": "merged"} if run.job.merges and run.job.work.loras else {}),
        "versions": {"sfumato": desktop.__version__, **{name: version(name) for name in LIBRARIES}},
    }
