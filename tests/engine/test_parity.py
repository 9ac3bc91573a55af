"""Our pictures are those of a plain diffusers pipeline with the same weights, seed and settings, bit for bit."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
import torch

from desktop.engine import tiny
from desktop.engine.api import Engine, Job
from desktop.engine.local import LocalEngine
from desktop.models.identify import identify
from desktop.models.samplers import SAMPLERS
from desktop.paths import STARTER
from desktop.raster import Raster
from desktop.recipe import Source
from tests.engine.jobs import job, picture

NO_TEXT_ALONE = ("sdxl-refiner", "sd15-inpaint", "flux-fill", "qwen-edit", "qwen-edit-plus")
FROM_TEXT = [name for name in ("starter", *tiny.MAKERS, *tiny.VARIANTS) if name not in NO_TEXT_ALONE]
SIZED: dict[str, Any] = {"width": 64, "height": 64}
FROM_PICTURES: dict[str, tuple[str, dict[str, Any]]] = {  # the class, and what its call needs beside
    "starter": ("StableDiffusionImg2ImgPipeline", {}),
    "sd15": ("StableDiffusionImg2ImgPipeline", {}),
    "sd2": ("StableDiffusionImg2ImgPipeline", {}),
    "sdxl": ("StableDiffusionXLImg2ImgPipeline", {}),
    "sdxl-refiner": ("StableDiffusionXLImg2ImgPipeline", {}),
    "sd3": ("StableDiffusion3Img2ImgPipeline", SIZED),
    "sd3-without-t5": ("StableDiffusion3Img2ImgPipeline", SIZED),
    "flux": ("FluxImg2ImgPipeline", SIZED),
    "flux-schnell": ("FluxImg2ImgPipeline", SIZED),
    "zimage": ("ZImageImg2ImgPipeline", SIZED),
    "qwen": ("QwenImageImg2ImgPipeline", SIZED),
    "chroma": ("ChromaImg2ImgPipeline", SIZED),
}
EDITS = ["flux-kontext", "flux2", "flux2-klein", "qwen-edit", "qwen-edit-plus"]
OWN_SAMPLER = {"sana": "flow_dpmpp_2m"}  # where the folder's own scheduler is the test


def folder_of(models: Mapping[str, Path], name: str) -> Path:
    return STARTER if name == "starter" else models[name]


def asked_of(models: Mapping[str, Path], name: str, *inputs: Raster, **changes: Any) -> Job:
    sampler = {"sampler": OWN_SAMPLER[name]} if name in OWN_SAMPLER else {}
    return job(folder_of(models, name), inputs, **sampler, **changes)


def noise() -> Raster:
    return Raster(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8))


def plain_pipeline(asked: Job, class_name: str) -> Any:
    recipe, model = asked.work, identify(asked.models[asked.work.model])
    absent: dict[str, Any] = dict.fromkeys(model.missing)
    pipe = getattr(diffusers, class_name).from_pretrained(model.path, dtype=torch.float32, **absent)
    scheduler = getattr(diffusers, SAMPLERS[recipe.sampler].scheduler)
    if type(pipe.scheduler) is not scheduler:
        shift = {"flow_shift": pipe.scheduler.config.shift} if "flow" in recipe.sampler else {}
        pipe.scheduler = scheduler.from_config(pipe.scheduler.config, **SAMPLERS[recipe.sampler].config, **shift)
    pipe.set_progress_bar_config(disable=True)
    return pipe


def plain(asked: Job, class_name: str, **options: Any) -> np.ndarray:
    """What diffusers makes of the same settings."""
    recipe, pipe = asked.work, plain_pipeline(asked, class_name)
    family = identify(asked.models[recipe.model]).family
    accepted = inspect.signature(pipe.__call__).parameters
    given = {family.guide_as: recipe.guidance, "use_resolution_binning": False, **options}
    if family.is_guided(recipe):
        given["negative_prompt"] = recipe.negative
    made = pipe(
        prompt=recipe.prompt,
        num_inference_steps=recipe.steps,
        generator=torch.Generator().manual_seed(recipe.seed),
        output_type="np",
        **family.adapt({name: value for name, value in given.items() if name in accepted}),
    ).images[0]
    return (made * 255).round().astype(np.uint8)


@pytest.mark.parametrize("name", FROM_TEXT)
def test_text_to_image(local: Engine, models: Mapping[str, Path], name: str) -> None:
    asked = asked_of(models, name)
    expected = plain(asked, identify(folder_of(models, name)).family.pipeline, **SIZED)
    assert np.array_equal(picture(list(local.run(asked))).pixels, expected)


@pytest.mark.parametrize("name", FROM_PICTURES)
def test_image_to_image(local: Engine, models: Mapping[str, Path], name: str) -> None:
    source = noise()
    asked = asked_of(models, name, source, source=Source(source.sha256, 0.5))
    class_name, size = FROM_PICTURES[name]
    expected = plain(asked, class_name, image=source.image(), strength=0.5, **size)
    assert np.array_equal(picture(list(local.run(asked))).pixels, expected)


@pytest.mark.parametrize("name", EDITS)
def test_editing(local: Engine, models: Mapping[str, Path], name: str, small_looks: None) -> None:
    source = noise()
    asked = asked_of(models, name, source, source=Source(source.sha256, 0.5))
    expected = plain(asked, identify(models[name]).family.pipeline, image=source.image(), **SIZED)
    assert np.array_equal(picture(list(local.run(asked))).pixels, expected)


def test_flux_fill_sees_what_it_was_trained_on(local: Engine, models: Mapping[str, Path]) -> None:
    """The picture that comes out differs: what lies outside the mask is held at every step, and put back at the end."""
    source, half = noise(), np.zeros((64, 64, 1), np.uint8)
    half[:, 24:] = 255
    mask = Raster(half)
    masked = Source(source.sha256, 1.0, mask.sha256, feather=0)
    asked = asked_of(models, "flux-fill", source, mask, source=masked)
    seen: list[torch.Tensor] = []
    watch = {"with_kwargs": True}
    list(local.run(asked))
    assert isinstance(local, LocalEngine)
    (loaded,) = local._pipelines._loaded.values()
    inner: Any = loaded.denoiser.x_embedder
    inner.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    list(local.run(asked))
    pipe = plain_pipeline(asked, "FluxFillPipeline")
    pipe.transformer.register_forward_pre_hook(lambda _, __, given: seen.append(given["hidden_states"]), **watch)
    generator = torch.Generator().manual_seed(asked.work.seed)
    call = {"image": source.image(), "mask_image": mask.image(), "generator": generator, "output_type": "latent"}
    pipe(asked.work.prompt, num_inference_steps=4, **call, **SIZED)
    assert torch.equal(seen[0], seen[4])


@pytest.mark.parametrize("sampler", ["euler_a", "dpmpp_2m", "dpmpp_sde", "dpmpp_2m_sde_karras", "unipc", "ddim", "lcm"])
def test_samplers(local: Engine, models: Mapping[str, Path], sampler: str) -> None:
    asked = job(models["sd15"], sampler=sampler)
    expected = plain(asked, "StableDiffusionPipeline", **SIZED)
    assert np.array_equal(picture(list(local.run(asked))).pixels, expected)


@pytest.mark.parametrize("sampler", ["flow_heun", "flow_unipc"])
def test_samplers_of_flow(local: Engine, models: Mapping[str, Path], sampler: str) -> None:
    asked = job(models["sd3"], sampler=sampler)
    expected = plain(asked, "StableDiffusion3Pipeline", **SIZED)
    assert np.array_equal(picture(list(local.run(asked))).pixels, expected)
