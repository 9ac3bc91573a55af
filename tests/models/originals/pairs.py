"""A diffusers folder and a single file with the same weights."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from desktop.engine import tiny
from desktop.engine.api import Event, Job
from desktop.engine.local import LocalEngine
from tests.models.originals.aligned import align, save
from tests.models.originals.makers import Maker


@dataclass(frozen=True)
class Pair:
    pipe: Any
    folder: Path  # the file's skeleton, too: it lies beside it
    file: Path


def make_pair(name: str, maker: Maker, root: Path) -> Pair:
    pipe = tiny.make(name)
    if name == "sd3":  # takes what its first text encoder says before its projection
        pipe.text_encoder.text_projection.weight.data = torch.eye(pipe.text_encoder.config.projection_dim)
    folder = align(tiny.save(pipe, root / "folder"))
    return Pair(pipe, folder, save(maker(pipe), root / f"{name}.safetensors"))


def made(engine: LocalEngine, job: Job) -> list[Event]:
    """By an engine that has nothing in memory."""
    engine._pipelines.drop_all()
    return list(engine.run(job))
