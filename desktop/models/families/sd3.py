"""Stable Diffusion 3 and 3.5; the T5 text encoder may be left out."""

from desktop.models.family import Family

FAMILY = Family(
    id="sd3",
    name="Stable Diffusion 3",
    text_to_image="StableDiffusion3Pipeline",
    image_to_image="StableDiffusion3Img2ImgPipeline",
    denoiser="transformer",
    parts=("text_encoder", "text_encoder_2", "text_encoder_3", "vae"),
    native=1024,
    sampler="flow_euler",
    steps=28,
    guidance=5.0,
    widths=(4096,),
    size_step=16,
    flow=True,
    optional=("text_encoder_3", "tokenizer_3"),
    encoding={"prompt_2": None, "prompt_3": None},
    longest_text=256,
)
