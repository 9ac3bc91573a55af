"""Parts: files that take the place of a model's components, or fill in what a diffusion model alone lacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from desktop.errors import UserError
from desktop.models.model import Model
from desktop.models.tensors import tensors_in, values_of


def needed(model: Model) -> tuple[str, ...]:
    """The components that it lacks and cannot do without."""
    absent = (part for part in model.family.parts if part not in model.part_values)
    return tuple(part for part in absent if part not in model.family.optional)


def joined(model: Model, files: Mapping[str, Path]) -> Model:
    """The model with those files, by component, in place of its own weights. Raises UserError."""
    if wrong := [part for part in files if part not in (model.family.denoiser, *model.family.parts)]:
        raise UserError(f"{model.family.name} has no {wrong[0]}.", f"It has {', '.join(model.family.parts)}.")
    tensors = {part: tensors_in(file) for part, file in files.items()}
    model = replace(
        model,
        part_values={**model.part_values, **{part: values_of(found, found) for part, found in tensors.items()}},
        bytes=model.bytes + sum(file.stat().st_size for file in files.values()),
        missing=tuple(part for part in model.missing if part not in files),
    )
    if absent := needed(model):
        hint = "Choose a file for each: text encoders and VAEs come as files of their own."
        raise UserError(f"{model.name} is a diffusion model alone. It lacks {', '.join(absent)}.", hint)
    return model
