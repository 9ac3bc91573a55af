"""Loaded: a model in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
from diffusers import DiffusionPipeline

from desktop.engine.memo import Memo
from desktop.engine.memory import Device
from desktop.engine.preview import Projection
from desktop.engine.reading import accepted, options
from desktop.engine.schedulers import make_scheduler
from desktop.models.model import Model
from desktop.models.samplers import SAMPLERS


@dataclass(eq=False)
class Loaded:
    """A model in memory. Its components are shared by the pipelines made of it; every run has its own scheduler."""

    model: Model
    pipe: DiffusionPipeline  # as it was loaded
    device: Device
    projection: Projection | None  # from its latents to the colours of a preview, where that is known
    memo: Memo = field(default_factory=Memo)  # prompts and pictures that it has encoded

    @property
    def denoiser(self) -> torch.nn.Module:
        return getattr(self.pipe, self.model.family.denoiser)

    @property
    def kind(self) -> Any:
        """The class of its pipelines."""
        return type(self.pipe)

    @property
    def precision(self) -> torch.dtype:
        """That the denoiser works in."""
        return self.denoiser.dtype  # pyright: ignore[reportReturnType] diffusers' own

    @property
    def vae(self) -> Any:
        return self.pipe.components.get("vae")

    @property
    def parts(self) -> dict[str, torch.nn.Module]:
        """The components that hold weights."""
        return {name: part for name, part in self.pipe.components.items() if isinstance(part, torch.nn.Module)}

    def pipeline(self, sampler: str) -> Any:
        """A pipeline over the same weights with a scheduler of its own.

        Where prompts are encoded already, the text encoders stay out: they would have a say in the precision.
        """
        known = accepted(self.kind)
        config = {name: value for name, value in self.pipe.config.items() if name in known}
        components = {name: part for name, part in self.pipe.components.items() if name in known}
        if self.model.family.words:
            components |= {name: None for name in components if name.startswith(("text_encoder", "tokenizer"))}
        scheduler = make_scheduler(SAMPLERS[sampler], dict(self.pipe.components["scheduler"].config))
        pipe = self.kind(**(config | components | options(self.kind) | {"scheduler": scheduler}))
        pipe.set_progress_bar_config(disable=True)
        return pipe
