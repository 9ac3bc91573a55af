"""The refiner of Stable Diffusion XL: one text encoder, and a score of how good the picture is to look."""

from dataclasses import replace

from desktop.models.families import sdxl

FAMILY = replace(
    sdxl.FAMILY,
    id="sdxl-refiner",
    name="Stable Diffusion XL Refiner",
    pipeline="StableDiffusionXLImg2ImgPipeline",  # the only class that knows of that score
    classes=("StableDiffusionXLPipeline",),
    parts=("text_encoder_2", "vae"),
    tokenizers=("tokenizer_2",),
    widths=(1280,),
    variants=(),
)
