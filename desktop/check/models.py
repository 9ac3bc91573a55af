"""A tiny model of every family and variant: made, saved, told, run, with a LoRA on it, and its picture read back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from desktop.check.engine import made
from desktop.check.trial import Missing, Trial, Ways
from desktop.engine import tiny
from desktop.engine.api import Job, Produced
from desktop.engine.local import LocalEngine
from desktop.library.metadata.reading import describe
from desktop.library.metadata.writing import png
from desktop.models.identify import identify
from desktop.models.model import Model
from desktop.models.weights import content_id
from desktop.raster import Raster
from desktop.recipe import LoraUse, Recipe, Source

PROMPT = "a house with a red roof"
STEPS = 2


def trials(ways: Ways) -> Iterator[Trial]:
    for name in (*tiny.MAKERS, *tiny.VARIANTS):
        yield Trial(f"model {name}", partial(_tried, name, ways))


def _tried(name: str, ways: Ways) -> str:
    if lacking := tiny.lacking(name):
        raise Missing(lacking)
    with (
        TemporaryDirectory(dir=ways.folder, ignore_cleanup_errors=True) as place,
        closing(LocalEngine(ways.device, ways.precision)) as engine,
    ):
        folder = Path(place)
        pipe = tiny.make(name)
        model = identify(tiny.save(pipe, folder / name))
        job = _job(model)
        produced, _ = made(engine, job)
        _check_file(folder / "picture.png", produced)
        lora = tiny.save_lora(pipe, model.family.denoiser, folder / "lora.safetensors")
        other, _ = made(engine, _with_lora(job, lora))
        if other.picture == produced.picture:
            raise RuntimeError("a LoRA on it changes nothing")
    return " ".join((model.family.name, *model.variants))


def _job(model: Model) -> Job:
    """What it can do of least: from text, or else from a picture."""
    family, side = model.family, tiny.SIDE
    before, mask = _noise(side), Raster(np.full((side, side, 1), 255, np.uint8))
    source = None
    if family.inpaints:
        source = Source(before.sha256, 1.0, mask.sha256)
    elif family.only_edits:
        source = Source(before.sha256, 1.0)
    recipe = Recipe(model.id, PROMPT, side, side, STEPS, 3.0, family.sampler, seed=1, source=source)
    return Job(recipe, {model.id: model.path}, {each.sha256: each for each in (before, mask)})


def _noise(side: int) -> Raster:
    return Raster(np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8))


def _with_lora(job: Job, file: Path) -> Job:
    use = LoraUse(content_id(file), file.stem)
    return Job(replace(job.work, loras=(use,)), {**job.models, use.file: file}, job.inputs)


def _check_file(file: Path, produced: Produced) -> None:
    """Its picture says how it was made."""
    if produced.picture.pixels.std() == 0:
        raise RuntimeError("its picture is blank")
    file.write_bytes(png(produced))
    if Recipe.from_json(describe(file).recipe) != produced.recipe or Raster.read(file) != produced.picture:
        raise RuntimeError("what is read from its file is something else than was written")
