"""Flux.2: dev, whose guidance is distilled, and Klein, which is smaller and reads with another text encoder."""

from desktop.models.family import Family, Variant

KLEIN = {"class": "Flux2KleinPipeline"}

FAMILY = Family(
    id="flux2",
    name="Flux.2",
    pipeline="Flux2Pipeline",
    denoiser="transformer",
    parts=("text_encoder", "vae"),
    native=1024,
    sampler="flow_euler",
    steps=28,
    guidance=4.0,
    words=("prompt_embeds", ""),
    classes=("Flux2KleinPipeline",),
    size_step=16,
    packs=4,
    flow=True,
    guide="distilled",
    longest_text=480,  # what its template takes is off
    edits=True,
    torchvision=True,
    variants=(
        Variant("klein", KLEIN, {"pipeline": "Flux2KleinPipeline", "guide": "cfg", "torchvision": False}),
        Variant("distilled", KLEIN | {"class.is_distilled": True}, {"guide": "none", "guidance": 1.0, "steps": 4}),
    ),
)
