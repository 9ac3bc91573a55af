"""PixArt-Sigma."""

from desktop.models.family import Family

FAMILY = Family(
    id="pixart",
    name="PixArt-Sigma",
    pipeline="PixArtSigmaPipeline",
    denoiser="transformer",
    parts=("text_encoder", "vae"),
    native=1024,
    sampler="dpmpp_2m",
    steps=20,
    guidance=4.5,
    words=("prompt_embeds", "prompt_attention_mask", "negative_prompt_embeds", "negative_prompt_attention_mask"),
    size_step=16,
    call={"use_resolution_binning": False, "negative_prompt": None},
    longest_text=300,
    lora=False,
)
