"""Our pictures are those of a plain diffusers pipeline with the same weights, seed and settings, bit for bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
import torch

from desktop.engine.api import Engine
from desktop.models.identify import identify
from desktop.models.samplers import SAMPLERS
from desktop.paths import STARTER
from desktop.raster import Raster
from desktop.recipe import Source
from tests.engine.jobs import job, picture

FAMILIES = ["sd15", "sd2", "sdxl", "sd3", "starter"]


def plain(folder: Path, class_name: str, sampler: str, **options: Any) -> np.ndarray:
    pipe = getattr(diffusers, class_name).from_pretrained(folder, dtype=torch.float32)
    scheduler = getattr(diffusers, SAMPLERS[sampler].scheduler)
    pipe.scheduler = scheduler.from_config(pipe.scheduler.config, **SAMPLERS[sampler].config)
    pipe.set_progress_bar_config(disable=True)
    made = pipe(
        "a house with a red roof",
        negative_prompt="",
        num_inference_steps=4,
        guidance_scale=3.0,
        generator=torch.Generator().manual_seed(1),
        output_type="np",
        **options,
    ).images[0]
    return (made * 255).round().astype(np.uint8)


@pytest.mark.parametrize("family", FAMILIES)
def test_text_to_image(local: Engine, models: dict[str, Path], family: str) -> None:
    folder = models.get(family, STARTER)
    asked = job(folder)
    expected = plain(folder, identify(folder).family.text_to_image, asked.work.sampler, width=64, height=64)
    assert np.array_equal(picture(list(local.run(asked))).pixels, expected)


@pytest.mark.parametrize("family", FAMILIES)
def test_image_to_image(local: Engine, models: dict[str, Path], family: str) -> None:
    folder = models.get(family, STARTER)
    source = Raster(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8))
    asked = job(folder, (source,), source=Source(source.sha256, 0.5))
    size = {"width": 64, "height": 64} if family == "sd3" else {}  # the others take it from the picture
    class_name = identify(folder).family.image_to_image
    expected = plain(folder, class_name, asked.work.sampler, image=source.image(), strength=0.5, **size)
    assert np.array_equal(picture(list(local.run(asked))).pixels, expected)


@pytest.mark.parametrize("sampler", ["euler_a", "dpmpp_2m", "dpmpp_sde", "dpmpp_2m_sde_karras", "unipc", "ddim", "lcm"])
def test_samplers(local: Engine, models: dict[str, Path], sampler: str) -> None:
    asked = job(models["sd15"], sampler=sampler)
    expected = plain(models["sd15"], "StableDiffusionPipeline", sampler, width=64, height=64)
    assert np.array_equal(picture(list(local.run(asked))).pixels, expected)
