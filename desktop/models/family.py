"""Family: a row of facts about a kind of model. The rows are in `families/`, a file each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from desktop.errors import UserError
from desktop.models import samplers
from desktop.recipe import ROOMY, Recipe


@dataclass(frozen=True)
class Family:
    """What the engine and the window need to know about a kind of model. Class names are resolved in the engine."""

    id: str
    name: str
    text_to_image: str  # diffusers pipeline class
    image_to_image: str
    denoiser: str  # the component that takes the steps
    parts: tuple[str, ...]  # the other components that hold weights
    native: int  # side in pixels, where the model's own config does not say
    sampler: str
    steps: int
    guidance: float
    widths: tuple[int, ...]  # of the text that the denoiser attends to: tells families of one pipeline class apart
    size_step: int = 8  # width and height are multiples of it
    flow: bool = False
    upcast_vae: bool = False  # its VAE overflows in fp16
    optional: tuple[str, ...] = ()  # components that a folder may lack
    encoding: Mapping[str, Any] = field(default_factory=dict)  # what its `encode_prompt` insists on beside the prompts
    longest_text: int = 77  # tokens that any one text encoder reads

    @property
    def samplers(self) -> list[str]:
        return [key for key, row in samplers.SAMPLERS.items() if row.flow == self.flow]

    def fits(self, native: int, width: int, height: int) -> bool:
        """Whether a model of that side makes such a picture in one go, without scaling."""
        whole = width % self.size_step == height % self.size_step == 0
        return whole and width * height <= ROOMY * native**2

    def check(self, recipe: Recipe, any_size: bool = False) -> None:
        """Raises UserError for what is legal in general but not for this family.

        `any_size`: it is an inpainting, of a picture that keeps its size; one with a mask is known for that.
        """
        masked = recipe.source is not None and recipe.source.mask
        for side in (recipe.width, recipe.height):
            if side % self.size_step and not (masked or any_size):
                fits = max(64, round(side / self.size_step) * self.size_step)
                raise UserError(
                    f"{self.name} cannot draw {side} pixels.", f"Choose a multiple of {self.size_step}: {fits}."
                )
        sampler = samplers.SAMPLERS[recipe.sampler]
        if sampler.flow != self.flow:
            raise UserError(f"{sampler.name} does not suit {self.name}.", f"Choose one of {', '.join(self.samplers)}.")
        if recipe.steps > sampler.most_steps:
            raise UserError(
                f"{sampler.name} takes at most {sampler.most_steps} steps.", "Choose fewer, or another sampler."
            )
