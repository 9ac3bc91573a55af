"""Entry: a file of the catalog and what its header says of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

KINDS = {
    "checkpoint": "Checkpoint",  # a denoiser with its text encoders and VAE: a file, or a diffusers folder
    "diffusion": "Diffusion model",  # the denoiser alone
    "vae": "VAE",
    "text_encoder": "Text encoder",
    "lora": "LoRA",  # and its relatives, told by `variant`: LoKr, LoHa, DoRA, OFT
    "embedding": "Embedding",
    "controlnet": "ControlNet",
    "t2i_adapter": "T2I-Adapter",
    "ip_adapter": "IP-Adapter",
    "upscaler": "Upscaler",
    "motion": "Motion module",
    "unknown": "Unknown",
}


@dataclass(frozen=True)
class Entry:
    """A model file, or a diffusers folder. Whatever is not known is empty."""

    path: Path  # absolute
    kind: str  # a key of KINDS
    bytes: int
    family: str = ""  # a key of FAMILIES
    variant: str = ""  # "inpaint", "v-prediction", "edit", "turbo", ...; of a LoRA "lokr", "loha", "dora", "oft"
    precision: str = ""  # of most of its weights: "float16", "bfloat16", "float8_e4m3fn", ...
    quantization: str = ""  # "Q4_K_M", "nf4", ...
    title: str = ""  # as its author calls it; else the file's name is shown
    triggers: tuple[str, ...] = ()  # words that call up what it was trained on, the most telling first
    preview: Path | None = None  # a picture beside it
    license: str = ""
    hash: str = ""  # sha256 of the whole file, once it is known
    problem: str = ""  # why it cannot be used, for people
