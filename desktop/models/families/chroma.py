"""Chroma: made from Flux.1 schnell, with true guidance and T5 alone."""

from desktop.models.family import Family

FAMILY = Family(
    id="chroma",
    name="Chroma",
    pipeline="ChromaPipeline",
    denoiser="transformer",
    parts=("text_encoder", "vae"),
    native=1024,
    sampler="flow_euler",
    steps=35,
    guidance=4.0,
    words=(
        "prompt_embeds",
        "",
        "prompt_attention_mask",
        "negative_prompt_embeds",
        "",
        "negative_prompt_attention_mask",
    ),
    size_step=16,
    packs=4,
    flow=True,
    longest_text=512,
)
