"""Sana: latents of 32 x 32 pixels each."""

from desktop.models.family import Family

FAMILY = Family(
    id="sana",
    name="Sana",
    pipeline="SanaPipeline",
    denoiser="transformer",
    parts=("text_encoder", "vae"),
    native=1024,
    sampler="flow_dpmpp_2m",
    steps=20,
    guidance=4.5,
    words=("prompt_embeds", "prompt_attention_mask", "negative_prompt_embeds", "negative_prompt_attention_mask"),
    size_step=32,
    flow=True,
    upcast_vae=True,
    call={"use_resolution_binning": False, "negative_prompt": None},
    longest_text=300,
)
