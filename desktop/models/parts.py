"""Parts: files that take the place of a model's components, or are what a diffusion model alone lacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from desktop.errors import UserError
from desktop.models.entries import entry_of
from desktop.models.entry import GGUF, KINDS, PICKLES, Entry
from desktop.models.extras import Extra, Extras, made_for
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
KNOWN = {variant for row in (*ENCODERS.values(), KLEIN) for variants in row.values() for variant in variants}
WANTED = {"vae": ("vae", "VAE"), "text_encoder": ("text_encoder", "text encoder")}  # kinds of files, by component
DENOISER = ("diffusion", "diffusion model")
ALIKE = (  # families with one VAE; the starter's is a small one
    ("sd15", "sd2", "starter"),
    ("sdxl", "sdxl-refiner", "pixart"),
    ("flux", "chroma", "zimage"),
)
WIDTHS = {"float32": 4, "float16": 2, "bfloat16": 2}  # bytes of a weight
LEAST, MOST = 0.4, 4.0  # times as many weights as the model's own: some files hold more than what is asked of them
ANOTHER = "Choose another file, or the model's own."


@dataclass(frozen=True)
class Misfit:
    """Why a file does not suit, for people. `loads`: it can be used all the same, and the picture will look wrong."""

    words: str
    loads: bool = False


def suits(model: Model, component: str, entry: Entry) -> bool:
    """Whether that file can take the place of the component, by what is known of it."""
    return misfit(model, component, entry) is None


def misfit(model: Model, component: str, entry: Entry) -> Misfit | None:
    """What speaks against that file in the place of the component, by what is known of it; None where nothing does."""
    kind, what = next((row for start, row in WANTED.items() if component.startswith(start)), DENOISER)
    if component not in (model.family.denoiser, *model.family.parts):
        return Misfit(f"{model.family.name} has no {component}.")
    if entry.problem:
        return Misfit(f"{entry.path.name}: {entry.problem}.")
    if entry.path.suffix.lower() in PICKLES:
        return Misfit(f"{entry.path.name} is a pickle, which may run code when it is loaded.")
    if entry.kind not in (kind, "unknown"):
        return Misfit(f"{entry.name} is no {what}: {KINDS[entry.kind]}.")
    if entry.path.suffix.lower() == GGUF and not _is_read_from_gguf(model, component):
        return Misfit(f"The {component} of {model.family.name} does not run from GGUF, as {entry.name} is.")
    if words := _of_another_size(model, component, entry, what):
        return Misfit(words)
    if entry.kind == "unknown":
        return Misfit(f"Nothing shows whether {entry.name} is a {what}.", loads=True)
    if kind == "vae":
        return _other_vae(model, entry)
    return _other_encoder(model, component, entry) if kind == "text_encoder" else None


def _is_read_from_gguf(model: Model, component: str) -> bool:
    return component == model.family.denoiser or ENCODERS.get(model.family.id, {}).get(component) == T5


def _other_vae(model: Model, entry: Entry) -> Misfit | None:
    """Of another family: its weights show that, or only its name or what it says of itself."""
    if entry.variant == "tiny":
        return Misfit(f"{entry.name} is a tiny VAE, which is for previews.")
    group = next((group for group in ALIKE if model.family.id in group), (model.family.id,))
    shown = entry.alike or ((entry.family,) if entry.family else group)
    if entry.family and entry.family not in group:
        return Misfit(made_for(entry.name, [entry.family], model.family.id), loads=_has_shapes_of(shown, group))
    if not _has_shapes_of(shown, group):
        return Misfit(made_for(entry.name, shown, model.family.id))
    return None


def _has_shapes_of(shown: tuple[str, ...], group: tuple[str, ...]) -> bool:
    return any(family in group for family in shown)


def _other_encoder(model: Model, component: str, entry: Entry) -> Misfit | None:
    row = KLEIN if "klein" in model.variants else ENCODERS.get(model.family.id)
    if row is None or entry.variant in row.get(component, ()):
        return None
    is_what = f"{entry.name} is a text encoder of another kind" + (f" ({entry.variant})" if entry.variant else "")
    words = f"{is_what}: the {component} of {model.family.name} is {' or '.join(row.get(component, ()))}."
    return Misfit(words, loads=entry.variant not in KNOWN)  # which may be a small one


def _of_another_size(model: Model, component: str, entry: Entry, what: str) -> str:
    """By the sizes of files, which are known without reading them."""
    own, width = model.part_values.get(component), WIDTHS.get(entry.precision)
    if not own or not width or entry.quantization or LEAST <= (values := entry.bytes / width) / own <= MOST:
        return ""
    sizes = f"about {_millions(values)} million weights, that of {model.name} has {_millions(own)} million"
    return f"{entry.name} is a {what} of another size: it has {sizes}."


def _millions(values: float) -> str:
    return f"{values / 1e6:.{0 if values > 1e7 else 1 if values > 1e5 else 3}f}"


def needed(model: Model) -> tuple[str, ...]:
    """The components that it lacks and cannot do without."""
    absent = (part for part in model.family.parts if part not in model.part_values)
    return tuple(part for part in absent if part not in model.family.optional)


def joined(model: Model, files: Mapping[str, Path]) -> Model:
    """The model with those files, by component, in place of its own weights. Raises UserError."""
    if wrong := [part for part in files if part not in (model.family.denoiser, *model.family.parts)]:
        raise UserError(f"{model.family.name} has no {wrong[0]}.", f"It has {', '.join(model.family.parts)}.")
    for component, file in files.items():
        check(model, component, entry_of(file))
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


def check(model: Model, component: str, entry: Entry) -> str:
    """What will look wrong with that file in the component's place, if anything. Raises UserError if it cannot load."""
    found = misfit(model, component, entry)
    if found and not found.loads:
        is_pickle = entry.path.suffix.lower() in PICKLES
        raise UserError(found.words, "Convert it to safetensors, which is safe." if is_pickle else ANOTHER)
    return found.words if found else ""


def completed(model: Model, chosen: Mapping[str, str], extras: Extras) -> dict[str, str]:
    """Content ids by component: the chosen ones, and for what the model lacks the first file at hand that suits.

    Raises UserError where one that was chosen cannot be loaded in its place.
    """
    found = dict(chosen)
    for component, id in chosen.items():
        if extra := extras.by_id(id):
            check(model, component, extra.entry)
    for component in needed(model):
        if component not in found and (fitting := fit_for(model, component, extras)):
            found[component] = fitting[0].id
    return found


def fit_for(model: Model, component: str, extras: Extras) -> list[Extra]:
    """The files at hand that suit, full precision before what was made smaller."""
    fitting = [extra for extra in extras.all if suits(model, component, extra.entry)]
    return sorted(fitting, key=lambda extra: (extra.entry.quantization, extra.entry.precision.startswith("float8")))
