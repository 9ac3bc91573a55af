"""Stable Diffusion XL."""

from desktop.models.family import Family

FAMILY = Family(
    id="sdxl",
    name="Stable Diffusion XL",
    text_to_image="StableDiffusionXLPipeline",
    image_to_image="StableDiffusionXLImg2ImgPipeline",
    denoiser="unet",
    parts=("text_encoder", "text_encoder_2", "vae"),
    native=1024,
    sampler="dpmpp_2m_karras",
    steps=25,
    guidance=6.0,
    widths=(2048,),
    upcast_vae=True,
)
