"""Layouts: which tensors of a single file belong to which component of a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from desktop.models.family import Family

DENOISERS = ("model.diffusion_model.", "diffusion_model.")
VAES = ("first_stage_model.", "vae.")
WRAPPERS = ("text_encoder.", "module.", "cond_stage_model.model.")  # of text encoders alone
ENCODERS: dict[str, dict[str, str]] = {  # by family: how the names of a text encoder's tensors begin
    "sd15": {"cond_stage_model.transformer.": "text_encoder"},
    "sd2": {"cond_stage_model.model.": "text_encoder"},
    "sdxl": {
        "conditioner.embedders.0.transformer.": "text_encoder",
        "conditioner.embedders.1.model.": "text_encoder_2",
    },
    "sdxl-refiner": {"conditioner.embedders.0.model.": "text_encoder_2"},
    "sd3": {
        "text_encoders.clip_l.transformer.": "text_encoder",
        "text_encoders.clip_g.transformer.": "text_encoder_2",
        "text_encoders.t5xxl.transformer.": "text_encoder_3",
    },
    "flux": {
        "text_encoders.clip_l.transformer.": "text_encoder",
        "text_encoders.t5xxl.transformer.": "text_encoder_2",
    },
    "flux2": {
        "text_encoders.mistral3_24b.transformer.": "text_encoder",
        "text_encoders.qwen3_4b.transformer.": "text_encoder",
        "text_encoders.qwen3_8b.transformer.": "text_encoder",
    },
    "zimage": {"text_encoders.qwen3_4b.transformer.": "text_encoder"},
    "qwen": {"text_encoders.qwen25_7b.transformer.": "text_encoder"},
    "chroma": {"text_encoders.t5xxl.transformer.": "text_encoder"},
    "pixart": {"text_encoders.t5xxl.transformer.": "text_encoder"},
    "sana": {"text_encoders.gemma2_2b.transformer.": "text_encoder"},
}

Names = Mapping[str, str]  # of tensors in the file, and within their component


def split(names: Iterable[str], family: Family) -> dict[str, Names]:
    """The components of a checkpoint, the denoiser first; what belongs to none is left out."""
    prefixes = dict.fromkeys(DENOISERS, family.denoiser) | dict.fromkeys(VAES, "vae") | ENCODERS.get(family.id, {})
    found: dict[str, dict[str, str]] = {name: {} for name in (family.denoiser, *family.parts)}
    for name in names:
        prefix = next((prefix for prefix in prefixes if name.startswith(prefix)), None)
        if prefix and (part := prefixes[prefix]) in found:
            found[part][name] = name.removeprefix(prefix)
    return {part: inner for part, inner in found.items() if inner}


def alone(names: Iterable[str]) -> Names:
    """Of a file that holds one component: its denoiser, or a VAE, or a text encoder."""
    names = list(names)
    counts = {prefix: sum(name.startswith(prefix) for name in names) for prefix in (*DENOISERS, *VAES, *WRAPPERS)}
    prefix = next((prefix for prefix, count in counts.items() if count > len(names) / 2), "")
    return {name: name.removeprefix(prefix) for name in names}
