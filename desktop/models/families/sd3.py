"""Stable Diffusion 3 and 3.5; the T5 text encoder may be left out."""

import re

from desktop.models.family import Family, Variant

FAMILY = Family(
    id="sd3",
    name="Stable Diffusion 3",
    pipeline="StableDiffusion3Pipeline",
    denoiser="transformer",
    parts=("text_encoder", "text_encoder_2", "text_encoder_3", "vae"),
    native=1024,
    sampler="flow_euler",
    steps=28,
    guidance=5.0,
    words=("prompt_embeds", "negative_prompt_embeds", "pooled_prompt_embeds", "negative_pooled_prompt_embeds"),
    widths=(4096,),
    tokenizers=("tokenizer", "tokenizer_2", "tokenizer_3"),
    size_step=16,
    flow=True,
    optional=("text_encoder_3", "tokenizer_3"),
    encoding={"prompt_2": None, "prompt_3": None},
    longest_text=256,
    clip=True,
    variants=(
        Variant("3.5", {"transformer.qk_norm": "rms_norm"}, {"guidance": 4.0}),
        Variant("turbo", {"name": re.compile("turbo", re.I)}, {"guidance": 1.0, "steps": 4}),
    ),
)
