"""Stable Diffusion 1.x."""

from desktop.models.family import Family

FAMILY = Family(
    id="sd15",
    name="Stable Diffusion 1.5",
    text_to_image="StableDiffusionPipeline",
    image_to_image="StableDiffusionImg2ImgPipeline",
    denoiser="unet",
    parts=("text_encoder", "vae"),
    native=512,
    sampler="dpmpp_2m_karras",
    steps=25,
    guidance=7.0,
    widths=(768,),
)
