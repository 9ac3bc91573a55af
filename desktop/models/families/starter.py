"""The built-in starter model: the architecture of Stable Diffusion 1.x, small."""

from dataclasses import replace

from desktop.models.families import sd15

FAMILY = replace(
    sd15.FAMILY,
    id="starter",
    name="Starter",
    native=128,
    sampler="dpmpp_2m",
    steps=20,
    guidance=4.0,
    widths=(192,),
    longest_text=40,
    variants=(),
)
