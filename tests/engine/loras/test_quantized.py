"""LoRAs on a denoiser in GGUF, whose weights nothing can be merged into."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch

from desktop.engine import tiny
from desktop.engine.api import Checkup, Engine, Examined, Job, Report, Warned
from desktop.engine.local import LocalEngine
from tests.engine.jobs import picture
from tests.engine.loras import files
from tests.engine.loras.test_adapters import lokr
from tests.engine.loras.test_pictures import apart, with_loras
from tests.engine.test_gguf import whole
from tests.models.originals import gguf_files, ldm
from tests.models.originals.aligned import save

Q8 = gguf.GGMLQuantizationType["Q8_0"]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with closing(LocalEngine("cpu", "float32")) as made:
        yield made


@pytest.fixture
def twins(models: Mapping[str, Path], tmp_path: Path) -> list[Job]:
    """A picture by the quantized denoiser, and one by the weights that this has left."""
    weights = ldm.unet(tiny.make("sd15").unet)
    quantized = gguf_files.save(weights, tmp_path / "quantized.gguf", "sd1", Q8)
    restored = save(gguf_files.restored(weights, Q8), tmp_path / "restored.safetensors")
    return [whole(file, models["sd15"], tmp_path) for file in (quantized, restored)]


@pytest.mark.parametrize("kind", ["LoRA", "LoKr"])
def test_the_picture_is_that_of_plain_weights(engine: Engine, twins: list[Job], tmp_path: Path, kind: str) -> None:
    unet = tiny.make("sd15").unet
    tensors = files.kohya(unet, size=0.4) if kind == "LoRA" else {name: each * 3 for name, each in lokr(unet).items()}
    file = files.saved(tmp_path / "ink.safetensors", tensors)
    pictures = [picture(list(engine.run(with_loras(each, (file, 0.8))))).pixels for each in twins]
    bare = picture(list(engine.run(twins[0]))).pixels
    assert apart(*pictures) <= 1
    assert apart(pictures[0], bare) > 10


def test_layers_that_cannot_be_had_are_told(engine: Engine, twins: list[Job], tmp_path: Path) -> None:
    unet = tiny.make("sd15").unet
    tensors = files.kohya(unet)
    for path, shape in files.layers(unet).items():
        tensors[f"lora_unet_{path.replace('.', '_')}.dora_scale"] = torch.ones(shape[0], 1)
    file = files.saved(tmp_path / "ink.safetensors", tensors)
    events = list(engine.run(with_loras(twins[0], (file, 1.0))))
    told = [event.message for event in events if isinstance(event, Warned)]
    assert any("layers of ink are not used: the weights of this model are quantized" in each for each in told)


def test_the_doctor_sees_the_same_effect(engine: Engine, twins: list[Job], tmp_path: Path) -> None:
    file = files.saved(tmp_path / "ink.safetensors", files.kohya(tiny.make("sd15").unet))
    reports = [examined(engine, each, file) for each in twins]
    effects = [report.effect or 0.0 for report in reports]
    assert np.isclose(*effects, rtol=1e-3)
    assert effects[0] > 0


def examined(engine: Engine, asked: Job, file: Path) -> Report:
    use: Any = files.use(file)
    checkup = Checkup(asked.work.model, use.file, use.name, asked.work.parts)
    events = list(engine.run(Job(checkup, {**asked.models, use.file: file})))
    return next(event.report for event in events if isinstance(event, Examined))
