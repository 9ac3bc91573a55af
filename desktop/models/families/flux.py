"""Flux.1: dev, schnell, Fill, Kontext. The guidance is distilled into the model, or there is none."""

from desktop.models.family import Call, Family, Variant


def at_its_size(call: Call) -> Call:
    """Kontext would bring every picture to a megapixel."""
    return call | {"max_area": call["width"] * call["height"]}


FAMILY = Family(
    id="flux",
    name="Flux.1",
    pipeline="FluxPipeline",
    denoiser="transformer",
    parts=("text_encoder", "text_encoder_2", "vae"),
    native=1024,
    sampler="flow_euler",
    steps=28,
    guidance=3.5,
    words=("prompt_embeds", "pooled_prompt_embeds", ""),
    classes=("FluxFillPipeline", "FluxKontextPipeline"),
    tokenizers=("tokenizer", "tokenizer_2"),
    size_step=16,
    packs=4,
    flow=True,
    guide="distilled",
    longest_text=512,
    sees_pixels=True,
    variants=(
        Variant("schnell", {"transformer.guidance_embeds": False}, {"guide": "none", "guidance": 0.0, "steps": 4}),
        Variant("inpaint", {"transformer.in_channels": 384}, {"inpaints": True, "guidance": 30.0, "steps": 50}),
        Variant(
            "edit",
            {"class": "FluxKontextPipeline"},
            {"pipeline": "FluxKontextPipeline", "edits": True, "guidance": 2.5, "adapt": at_its_size},
        ),
    ),
)
