"""Tiny models of the true classes with random weights: what a family needs, in a moment and without a download."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from tqdm import tqdm

from desktop.engine import vision
from desktop.engine.tiny import flows, fluxes, loras, unets
from desktop.engine.tiny.coders import SIDE

tqdm.monitor_interval = 0  # or the first bar, shown or not, leaves a thread behind

MAKERS: dict[str, Callable[[], Any]] = {  # a pipeline of each family, by its id
    "sd15": unets.sd15,
    "sd2": unets.sd2,
    "sdxl": unets.sdxl,
    "sdxl-refiner": unets.refiner,
    "sd3": flows.sd3,
    "flux": fluxes.flux,
    "flux2": fluxes.flux2,
    "zimage": flows.zimage,
    "qwen": flows.qwen,
    "chroma": fluxes.chroma,
    "sana": flows.sana,
    "pixart": flows.pixart,
}
VARIANTS: dict[str, Callable[[], Any]] = {  # those that take another way through the code
    "sd15-inpaint": unets.sd15_inpaint,
    "sd3-without-t5": flows.sd3_without_t5,
    "flux-schnell": fluxes.schnell,
    "flux-fill": fluxes.fill,
    "flux-kontext": fluxes.kontext,
    "flux2-klein": fluxes.klein,
    "flux2-klein-distilled": fluxes.klein_distilled,
    "qwen-edit": flows.qwen_edit,
    "qwen-edit-plus": flows.qwen_edit_plus,
    "lumina2": flows.lumina2,  # without a row, as the next
    "pixart-alpha": flows.pixart_alpha,
}
SEEING = ("flux2", "qwen-edit", "qwen-edit-plus")  # whose families need torchvision, even to be made


def lacking(name: str) -> str:
    """Why there can be no such pipeline here; empty where there can."""
    return vision.LACKING if name in SEEING and not vision.is_there() else ""


def make(name: str) -> Any:
    """A pipeline, by a key of MAKERS or VARIANTS. Raises KeyError; ImportError where something is lacking."""
    return (MAKERS | VARIANTS)[name]()


def save(pipe: Any, folder: Path) -> Path:
    """As a diffusers folder that says how small its pictures are."""
    pipe.save_pretrained(folder, safe_serialization=True)
    config = next(folder / part / "config.json" for part in ("unet", "transformer") if (folder / part).is_dir())
    said = json.loads(config.read_text(encoding="utf-8"))
    config.write_text(json.dumps({"sample_size": SIDE // 8} | said), encoding="utf-8")
    return folder


def save_lora(pipe: Any, denoiser: str, file: Path) -> Path:
    """One for its denoiser, of random numbers, as diffusers writes it."""
    save_file(loras.lora(getattr(pipe, denoiser), f"{denoiser}."), file)
    return file
