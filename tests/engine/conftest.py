"""The engines that tests run on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from desktop.app import ENGINES, make_engine
from desktop.engine.api import Engine
from tests.engine.jobs import job
from tests.models.folders import copied


@pytest.fixture(scope="session", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Each engine in turn; tests leave it as they found it: able to run the next job."""
    made = make_engine(request.param, "cpu")
    list(made.run(job()))  # its thread or process is there before the tests that use it
    yield made
    made.close()


@pytest.fixture
def unheld(models: dict[str, Path], tmp_path: Path) -> Path:
    """A model that no engine has in memory yet, nor any of its weights."""
    folder = copied(models["sd15"], tmp_path / "unheld")
    for file in folder.glob("*/*.safetensors"):
        save_file({name: tensor + torch.rand(1) for name, tensor in load_file(file).items()}, file, {"format": "pt"})
    return folder


@pytest.fixture
def local() -> Iterator[Engine]:
    made = make_engine("local", "cpu")
    yield made
    made.close()


@pytest.fixture
def small_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Models that edit bring what they look at to a megapixel; here to 64 x 64."""
    edits = "diffusers.pipelines.qwenimage.pipeline_qwenimage_edit"
    monkeypatch.setattr(f"{edits}.calculate_dimensions", lambda *_: (64, 64, None))
    monkeypatch.setattr(f"{edits}_plus.calculate_dimensions", lambda *_: (64, 64))
    monkeypatch.setattr("diffusers.pipelines.flux.pipeline_flux_kontext.PREFERRED_KONTEXT_RESOLUTIONS", [(64, 64)])
