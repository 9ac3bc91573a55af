"""Model: one that can be run, and what must be known of it before its weights are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from desktop.errors import UserError
from desktop.models.family import Family
from desktop.recipe import Recipe


@dataclass(frozen=True)
class Model:
    """A model that can be run: a diffusers folder, or a single file. `id` follows its content, wherever it lies."""

    id: str
    name: str
    path: Path
    family: Family
    native: int  # side in pixels of the pictures it was trained on
    bytes: int  # of its weights as stored
    part_values: Mapping[str, int]  # number of weights by component
    decoder_width: int  # channels of the VAE's decoder at the full size of the picture
    variant: str | None  # "fp16" where the weights' files are called so
    missing: tuple[str, ...]  # components that the folder lacks and can do without, or a file has to be given
    variants: tuple[str, ...] = ()  # what it is of its family: "inpaint", "v-prediction", "turbo"
    skeleton: Path | None = None  # the folder with the configs and tokenizers of a single file, if there is one
    denoising: Mapping[str, Any] = field(default_factory=dict)  # what a file itself says of its denoiser's config
    scheduling: Mapping[str, Any] = field(default_factory=dict)  # and of its scheduler's

    def check(self, recipe: Recipe, inpainting: bool) -> None:
        """Raises UserError for a recipe that this model cannot follow; `inpainting` says which task it is."""
        self.family.check(recipe, any_size=inpainting)
        if self.family.inpaints and not inpainting:
            hint = "Give it a picture with a mask, or choose the ordinary model of the same name."
            raise UserError(f"{self.name} is a model for inpainting only.", hint)

    @property
    def values(self) -> int:
        return sum(self.part_values.values())

    @property
    def denoiser_values(self) -> int:
        return self.part_values[self.family.denoiser]
