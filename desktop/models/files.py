"""What a single file is that holds a model, or its denoiser alone. Reads its header, and the configs found for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from desktop.errors import UserError
from desktop.models import skeletons
from desktop.models.entries import examined
from desktop.models.entry import GGUF, KINDS, PICKLES, RUNNABLE, Entry
from desktop.models.families import FAMILIES
from desktop.models.family import Family
from desktop.models.folders import sizes_of
from desktop.models.layouts import alone, split
from desktop.models.measures import measured
from desktop.models.model import Model
from desktop.models.skeletons import Skeleton
from desktop.models.tensors import Stored, tensors_of, values_of
from desktop.models.weights import content_id

UNREADABLE = (
    "nf4",
    "fp4",
    "int8",
    "packed",
    "svdquant",
)  # quantizations of safetensors that need libraries of their own
WIDE = 256  # channels of most decoders at full size
V_PREDICTION = {"prediction_type": "v_prediction"}
ZERO_SNR = V_PREDICTION | {"rescale_betas_zero_snr": True, "timestep_spacing": "trailing"}


def identify_file(file: Path) -> Model:
    """Raises UserError where the file is no model, or a broken one, or of a kind that does not run here."""
    entry, contents = examined(file)
    family = _runnable(entry)
    tensors = tensors_of(file, contents)
    parts = split(tensors, family) if entry.kind == "checkpoint" else {family.denoiser: alone(tensors)}
    if family.denoiser not in parts:
        raise UserError(f"{file.name} holds no {family.denoiser}.", "Choose another file.")
    shapes = {inner: tensors[name].shape for name, inner in parts[family.denoiser].items()}
    skeleton = skeletons.find(family, entry.variant, file)
    model = Model(
        id=content_id(file),
        name=entry.name,
        path=file.resolve(),
        family=family,
        native=family.native,
        bytes=file.stat().st_size,
        part_values={part: values_of(tensors, names) for part, names in parts.items()},
        decoder_width=WIDE,
        variant=None,
        missing=(),
        denoising=measured(family.id, shapes),
        scheduling=_scheduling(entry, tensors),
    )
    return _varied(model, entry, skeleton)


def _runnable(entry: Entry) -> Family:
    """Raises UserError for what cannot be run."""
    name = entry.path.name
    if entry.problem:
        raise UserError(f"{name}: {entry.problem}.", "Fetch the file again, or choose another.")
    if entry.path.suffix.lower() in PICKLES:
        hint = "Convert it to safetensors, which is safe (Models > Convert to safetensors), or get the model so."
        raise UserError(f"{name} is a pickle, which may run code when it is loaded.", hint)
    if entry.quantization in UNREADABLE and entry.path.suffix.lower() != GGUF:
        hint = "Choose the same model in float16 or bfloat16, in 8 bits (fp8), or as GGUF."
        raise UserError(f"{name} is quantized as {entry.quantization}, which does not run here.", hint)
    if entry.kind not in RUNNABLE:
        what = KINDS[entry.kind]
        raise UserError(f"{name} is no model: {what}.", "Choose a checkpoint or a diffusion model.")
    if entry.family not in FAMILIES:
        known = ", ".join(row.name for row in FAMILIES.values())
        raise UserError(f"{name} is of a family that Sfumato does not know.", f"These work: {known}.")
    return FAMILIES[entry.family]


def _scheduling(entry: Entry, tensors: Mapping[str, Stored]) -> dict[str, Any]:
    """What velocity prediction needs; where a tensor called `ztsnr` is beside it, the last step is all noise."""
    if entry.variant != "v-prediction":
        return {}
    return dict(ZERO_SNR if "ztsnr" in tensors else V_PREDICTION)


def _varied(model: Model, entry: Entry, skeleton: Skeleton | None) -> Model:
    """With the row of its variant, and what its skeleton says."""

    def known(key: str) -> Any:
        part, _, value = key.partition(".")
        own = {"name": model.name, "class": skeleton and skeleton.index.get("_class_name")}
        said = {model.family.denoiser: model.denoising, "scheduler": model.scheduling}.get(part, {})
        if key in own or value in said:
            return own[key] if key in own else said[value]
        return skeleton and (skeleton.index if part == "class" else skeleton.config(part)).get(value)

    family, variants = model.family.varied(known)
    if skeleton:
        native, width = sizes_of(skeleton.folder, family)
        model = replace(model, native=native, decoder_width=width, skeleton=skeleton.folder)
    names = dict.fromkeys((*variants, *([entry.variant] if entry.variant else [])))
    absent = tuple(part for part in family.parts if part not in model.part_values)
    return replace(model, family=family, variants=tuple(names), missing=absent)
