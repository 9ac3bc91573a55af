"""Parts: files that take the place of a model's components, or are what a diffusion model alone lacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from desktop.errors import UserError
from desktop.models.entries import entry_of
from desktop.models.entry import KINDS, PICKLES, Entry
from desktop.models.extras import Extra, Extras
from desktop.models.model import Model
from desktop.models.tensors import tensors_in, values_of

CLIP_L, CLIP_G, T5 = ("clip-l",), ("clip-g",), ("t5-xxl",)
ENCODERS: dict[str, dict[str, tuple[str, ...]]] = {  # by family and component: variants of text encoders that fit
    "sd15": {"text_encoder": CLIP_L},
    "sd2": {"text_encoder": ("clip-h",)},
    "sdxl": {"text_encoder": CLIP_L, "text_encoder_2": CLIP_G},
    "sdxl-refiner": {"text_encoder_2": CLIP_G},
    "sd3": {"text_encoder": CLIP_L, "text_encoder_2": CLIP_G, "text_encoder_3": T5},
    "flux": {"text_encoder": CLIP_L, "text_encoder_2": T5},
    "flux2": {"text_encoder": ("mistral-24b",)},
    "zimage": {"text_encoder": ("qwen3-4b",)},
    "qwen": {"text_encoder": ("qwen2.5-vl-7b",)},
    "chroma": {"text_encoder": T5},
    "sana": {"text_encoder": ("gemma2-2b",)},
    "pixart": {"text_encoder": T5},
}
KLEIN = {"text_encoder": ("qwen3-4b", "qwen3-8b")}
WANTED = {"vae": ("vae", "VAE"), "text_encoder": ("text_encoder", "text encoder")}  # kinds of files, by component
DENOISER = ("diffusion", "diffusion model")
ALIKE = (("sd15", "sd2"), ("sdxl", "sdxl-refiner", "pixart"), ("flux", "chroma", "zimage"))  # families with one VAE


def suits(model: Model, component: str, entry: Entry) -> bool:
    """Whether that file can take the place of the component, by what is known of it."""
    if entry.path.suffix.lower() in PICKLES:
        return False
    if component == "vae":
        alike = next((group for group in ALIKE if model.family.id in group), (model.family.id,))
        return entry.kind == "vae" and entry.family in ("", *alike) and entry.variant != "tiny"
    fitting = KLEIN if "klein" in model.variants else ENCODERS.get(model.family.id, {})
    return entry.kind == "text_encoder" and entry.variant in fitting.get(component, ())


def needed(model: Model) -> tuple[str, ...]:
    """The components that it lacks and cannot do without."""
    absent = (part for part in model.family.parts if part not in model.part_values)
    return tuple(part for part in absent if part not in model.family.optional)


def joined(model: Model, files: Mapping[str, Path]) -> Model:
    """The model with those files, by component, in place of its own weights. Raises UserError."""
    if wrong := [part for part in files if part not in (model.family.denoiser, *model.family.parts)]:
        raise UserError(f"{model.family.name} has no {wrong[0]}.", f"It has {', '.join(model.family.parts)}.")
    for component, file in files.items():
        _check(component, entry_of(file))
    tensors = {part: tensors_in(file) for part, file in files.items()}
    model = replace(
        model,
        part_values={**model.part_values, **{part: values_of(found, found) for part, found in tensors.items()}},
        bytes=model.bytes + sum(file.stat().st_size for file in files.values()),
        missing=tuple(part for part in model.missing if part not in files),
    )
    if absent := needed(model):
        hint = "Choose a file for each: text encoders and VAEs come as files of their own."
        raise UserError(f"{model.name} comes without {', '.join(absent)}.", hint)
    return model


def _check(component: str, entry: Entry) -> None:
    """Raises UserError for what is something else, or a pickle."""
    kind, words = next((row for start, row in WANTED.items() if component.startswith(start)), DENOISER)
    if entry.kind not in (kind, "unknown"):
        raise UserError(f"{entry.name} is no {words}: {KINDS[entry.kind]}.", "Choose another file.")
    if entry.path.suffix.lower() in PICKLES:
        hint = "Convert it to safetensors, which is safe, or get it so."
        raise UserError(f"{entry.path.name} is a pickle, which may run code when it is loaded.", hint)


def completed(model: Model, chosen: Mapping[str, str], extras: Extras) -> dict[str, str]:
    """Content ids by component: the chosen ones, and for what the model lacks the first file at hand that suits."""
    found = dict(chosen)
    for component in needed(model):
        if component not in found and (fitting := fit_for(model, component, extras)):
            found[component] = fitting[0].id
    return found


def fit_for(model: Model, component: str, extras: Extras) -> list[Extra]:
    """The files at hand that suit, full precision before what was made smaller."""
    fitting = [extra for extra in extras.all if suits(model, component, extra.entry)]
    return sorted(fitting, key=lambda extra: (extra.entry.quantization, extra.entry.precision.startswith("float8")))
