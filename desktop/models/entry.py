"""Entry: a file of the catalog and what its header says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

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
RUNNABLE = ("checkpoint", "diffusion")  # the kinds that pictures are made with


@dataclass(frozen=True)
class Entry:
    """A model file, or a diffusers folder. Whatever is not known is empty."""

    path: Path  # absolute
    kind: str  # a key of KINDS
    bytes: int
    family: str = ""  # a key of FAMILIES
    variant: str = ""  # "inpaint", "v-prediction", "edit", "turbo", ...; of a LoRA "lokr", "loha", "dora", "oft", of a
    # text encoder "clip-l", "t5-xxl", ..., of an upscaler "esrgan", ...
    precision: str = ""  # of most of its weights: "float16", "bfloat16", "float8_e4m3fn", ...
    quantization: str = ""  # "Q4_K_M", "nf4", ...
    title: str = ""  # as its author calls it; else the file's name is shown
    alias: str = ""  # as its trainer called it (`ss_output_name`): prompts may name it so
    triggers: tuple[str, ...] = ()  # words that call up what it was trained on, the most telling first
    preview: Path | None = None  # a picture beside it
    license: str = ""
    hash: str = ""  # sha256 of the whole file, once it is known
    problem: str = ""  # why it cannot be used, for people
    weight: float = 0.0  # that people prefer, of a LoRA; 0 where none is told
    alike: tuple[str, ...] = ()  # families that it may be for as well: its weights do not tell them apart

    def may_be_for(self, family: str) -> bool:
        """Also where it is not known what for."""
        return self.family in ("", family) or family in self.alike

    @property
    def name(self) -> str:
        """As people call the file: a folder's name may hold dots, a file's ends in what it is."""
        return self.path.stem if self.path.suffix.lower() in SUFFIXES else self.path.name

    def to_json(self) -> dict[str, Any]:
        """JSON-ready; `from_json` gives back an equal entry."""
        data = asdict(self)
        return data | {"path": str(self.path), "preview": str(self.preview) if self.preview else None}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Entry:
        """Of what `to_json` gave. Raises KeyError or TypeError for something else."""
        given = {row.name: data[row.name] for row in fields(Entry)}
        given |= {name: tuple(given[name]) for name in ("triggers", "alike")}
        preview = Path(given["preview"]) if given["preview"] else None
        return Entry(**given | {"path": Path(given["path"]), "preview": preview})


SAFE = (".safetensors", ".sft")
PICKLES = (".ckpt", ".pt", ".pth", ".bin", ".pkl")  # may run code when they are loaded
GGUF = ".gguf"
SUFFIXES = (*SAFE, GGUF, *PICKLES)
