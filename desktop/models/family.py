"""Family: a row of facts about a kind of model. The rows are in `families/`, a file each."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from desktop.errors import UserError
from desktop.models import samplers
from desktop.recipe import ROOMY, Recipe

Call = dict[str, Any]  # what a pipeline is called with, by name


def as_it_is(call: Call) -> Call:
    return call


@dataclass(frozen=True)
class Variant:
    """A member of a family that differs from the row, and how it is told: see `Family.varied`."""

    name: str  # as the catalog says it: "turbo", "inpaint", "v-prediction"
    when: Mapping[str, Any]  # "scheduler.shift": 3.0, of a component's config; "class" and "name" are the model's own
    changes: Mapping[str, Any] = field(default_factory=dict)  # of the row's fields


@dataclass(frozen=True)
class Family:
    """What the engine and the window need to know about a kind of model. Class names are resolved in the engine."""

    id: str
    name: str
    pipeline: str  # diffusers pipeline class; starts from a picture, too: see engine/beginning.py
    denoiser: str  # the component that takes the steps
    parts: tuple[str, ...]  # the other components that hold weights
    native: int  # side in pixels, where the model's own config does not say
    sampler: str
    steps: int
    guidance: float
    words: tuple[
        str, ...
    ] = ()  # what its `encode_prompt` returns, by the names its pipeline takes; none: text is given
    widths: tuple[int, ...] = ()  # of the text that the denoiser attends to: tells families of one class apart
    classes: tuple[str, ...] = ()  # other pipeline classes that folders of it name
    tokenizers: tuple[str, ...] = ("tokenizer",)
    size_step: int = 8  # width and height are multiples of it
    packs: int = 1  # latents that the denoiser takes as one, which is so many times as wide
    flow: bool = False
    guide: str = "cfg"  # with a negative prompt; "distilled": learned, without one; "none"
    guide_as: str = "guidance_scale"  # what its pipeline calls the guidance
    upcast_vae: bool = False  # its VAE overflows in fp16
    optional: tuple[str, ...] = ()  # components that a folder may lack
    encoding: Mapping[str, Any] = field(default_factory=dict)  # what its `encode_prompt` insists on beside the prompts
    call: Mapping[str, Any] = field(default_factory=dict)  # what its pipeline insists on
    adapt: Callable[[Call], Call] = as_it_is  # what else its pipeline's call needs
    longest_text: int = 77  # tokens that any one text encoder reads
    clip: bool = False  # layers of its text encoders can be skipped
    edits: bool = False  # a picture to start from is one to look at: the whole is made, after what the prompt says
    only_edits: bool = False  # there must be one
    inpaints: bool = False  # it takes a mask beside the latents, and cannot do without
    sees_pixels: bool = False  # that mask is given pixel by pixel, after what is seen; else by latents, before it
    decodes: bool = False  # what comes out of its pipeline are pixels: little is known of it
    starts: bool = True  # from a picture; else little is known of its latents
    lora: bool = True  # diffusers has LoRA for it
    torchvision: bool = False  # transformers feeds its text encoder with that; some builds of torch lack it
    variants: tuple[Variant, ...] = ()

    @property
    def samplers(self) -> list[str]:
        return [key for key, row in samplers.SAMPLERS.items() if row.flow == self.flow]

    @property
    def takes_negative(self) -> bool:
        return self.guide == "cfg"

    def is_guided(self, recipe: Recipe) -> bool:
        """Whether the negative prompt has a say (CFG)."""
        return self.takes_negative and recipe.guidance > 1

    def fits(self, native: int, width: int, height: int) -> bool:
        """Whether a model of that side makes such a picture in one go, without scaling."""
        whole = width % self.size_step == height % self.size_step == 0
        return whole and width * height <= ROOMY * native**2

    def varied(self, known: Callable[[str], Any]) -> tuple[Family, tuple[str, ...]]:
        """The row as it is for one model, and the names of its variants. `known` says a value by a key of `when`."""
        found = [variant for variant in self.variants if _holds(variant, known)]
        row = self
        for variant in found:
            row = replace(row, **variant.changes)
        return row, tuple(dict.fromkeys(variant.name for variant in found))

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
        if recipe.source and not self.starts:
            raise UserError(f"{self.name} makes pictures from text only.", "Leave the picture out, or choose another.")
        if self.only_edits and not recipe.source:
            raise UserError(f"{self.name} edits pictures only.", "Give it a picture, and say what is to change.")


def _holds(variant: Variant, known: Callable[[str], Any]) -> bool:
    return all(_suits(known(key), wanted) for key, wanted in variant.when.items())


def _suits(value: Any, wanted: Any) -> bool:
    """A pattern suits the text it is found in, anything else only its like."""
    if isinstance(wanted, re.Pattern):
        return isinstance(value, str) and wanted.search(value) is not None
    return value == wanted
