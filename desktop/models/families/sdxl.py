"""Stable Diffusion XL; Turbo and Lightning, which take few steps, are told by their names, if by anything."""

import re

from desktop.models.families.sd15 import INPAINT, V_PREDICTION
from desktop.models.family import Family, Variant

FEW = {"guidance": 1.0, "steps": 4}
TURBO = FEW | {"sampler": "euler_a_trailing", "native": 512}
TRAILING = {"scheduler.timestep_spacing": "trailing"}

FAMILY = Family(
    id="sdxl",
    name="Stable Diffusion XL",
    pipeline="StableDiffusionXLPipeline",
    denoiser="unet",
    parts=("text_encoder", "text_encoder_2", "vae"),
    native=1024,
    sampler="dpmpp_2m_karras",
    steps=25,
    guidance=6.0,
    words=("prompt_embeds", "negative_prompt_embeds", "pooled_prompt_embeds", "negative_pooled_prompt_embeds"),
    widths=(2048,),
    tokenizers=("tokenizer", "tokenizer_2"),
    upcast_vae=True,
    clip=True,
    variants=(
        INPAINT,
        V_PREDICTION,
        Variant("turbo", {"name": re.compile("turbo", re.I)}, TURBO),
        Variant("turbo", TRAILING | {"scheduler._class_name": "EulerAncestralDiscreteScheduler"}, TURBO),
        Variant("lightning", {"name": re.compile("lightning", re.I)}, FEW | {"sampler": "euler_trailing"}),
    ),
)
