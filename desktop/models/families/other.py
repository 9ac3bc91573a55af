"""Pipelines of diffusers that have no row: what can be told of them by their index and their scheduler alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from desktop.models.family import Family

NO_PICTURES = re.compile("Video|Audio|Control|Adapter|Wan|LTX|Cosmos|Mochi|Allegro|Latte|ShapE|Upscale|Inverse|Prior")
DENOISERS = ("transformer", "unet")
VAES = ("AutoencoderKL", "AutoencoderKLFlux2", "AutoencoderKLQwenImage", "AutoencoderDC")  # whose latents are known


def family(class_name: str, index: Mapping[str, Any], flow: bool) -> Family | None:
    """None where it is no pipeline that makes pictures from text."""
    components = [name for name, entry in index.items() if isinstance(entry, list) and entry and entry[0]]
    denoiser = next((name for name in DENOISERS if name in components), None)
    encoders = [name for name in components if name.startswith("text_encoder")]
    if not class_name.endswith("Pipeline") or NO_PICTURES.search(class_name) or not denoiser or not encoders:
        return None
    name = re.sub(r"(Img2Img|Inpaint)?Pipeline$", "", class_name)
    decoders = [name for name in ("vae", "movq") if name in components]
    return Family(
        id=name.lower(),
        name=name,
        pipeline=f"{name}Pipeline",
        denoiser=denoiser,
        parts=(*encoders, *decoders),
        native=1024,
        sampler="flow_euler" if flow else "dpmpp_2m",
        steps=28,
        guidance=4.0,
        tokenizers=tuple(name for name in components if name.startswith("tokenizer")),
        size_step=32,
        flow=flow,
        call={"use_resolution_binning": False},
        longest_text=10**6,  # not known
        decodes=True,
        starts="vae" in decoders and index["vae"][-1] in VAES,
        lora=False,
    )
