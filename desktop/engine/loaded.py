"""Loaded: a model in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import diffusers
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
    text_to_image: DiffusionPipeline
    device: Device
    projection: Projection  # from its latents to the colours of a preview
    memo: Memo = field(default_factory=Memo)  # prompts and pictures that it has encoded

    @property
    def denoiser(self) -> torch.nn.Module:
        return getattr(self.text_to_image, self.model.family.denoiser)

    @property
    def vae(self) -> Any:
        return self.text_to_image.vae

    @property
    def parts(self) -> dict[str, torch.nn.Module]:
        """The components that hold weights."""
        return {name: part for name, part in self.text_to_image.components.items() if isinstance(part, torch.nn.Module)}

    def pipeline(self, class_name: str, sampler: str) -> Any:
        """A pipeline of that class over the same weights, for prompts that are encoded already.

        Left in, the text encoders would have a say in the precision of the whole.
        """
        kind = getattr(diffusers, class_name)
        components = self.text_to_image.components
        parts: dict[str, Any] = {name: components[name] for name in accepted(kind) if name in components}
        parts |= {name: None for name in parts if name.startswith(("text_encoder", "tokenizer"))}
        scheduler = make_scheduler(SAMPLERS[sampler], dict(components["scheduler"].config))
        pipe = kind(**(parts | options(kind) | {"scheduler": scheduler}))
        pipe.set_progress_bar_config(disable=True)
        return pipe
