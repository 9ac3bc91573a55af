"""Z-Image and Z-Image Turbo, which takes eight steps without guidance."""

from desktop.models.family import Family, Variant

FAMILY = Family(
    id="zimage",
    name="Z-Image",
    pipeline="ZImagePipeline",
    denoiser="transformer",
    parts=("text_encoder", "vae"),
    native=1024,
    sampler="flow_euler",
    steps=40,
    guidance=4.0,
    words=("prompt_embeds", "negative_prompt_embeds"),
    size_step=16,
    flow=True,
    longest_text=500,  # what its template takes is off
    variants=(Variant("turbo", {"scheduler.shift": 3.0}, {"guidance": 0.0, "steps": 9}),),
)
