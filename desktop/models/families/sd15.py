"""Stable Diffusion 1.x."""

from desktop.models.family import Family, Variant

INPAINT = Variant("inpaint", {"unet.in_channels": 9}, {"inpaints": True})
V_PREDICTION = Variant("v-prediction", {"scheduler.prediction_type": "v_prediction"})

FAMILY = Family(
    id="sd15",
    name="Stable Diffusion 1.5",
    pipeline="StableDiffusionPipeline",
    denoiser="unet",
    parts=("text_encoder", "vae"),
    native=512,
    sampler="dpmpp_2m_karras",
    steps=25,
    guidance=7.0,
    words=("prompt_embeds", "negative_prompt_embeds"),
    widths=(768,),
    clip=True,
    variants=(INPAINT, V_PREDICTION),
)
