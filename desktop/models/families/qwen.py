"""Qwen-Image, and Qwen-Image-Edit in its two ways of looking at a picture. Their VAE is one for video."""

from desktop.models.family import Family, Variant

# the picture is read together with the prompt
EDIT = {"edits": True, "only_edits": True, "words": (), "torchvision": True}

FAMILY = Family(
    id="qwen",
    name="Qwen-Image",
    pipeline="QwenImagePipeline",
    denoiser="transformer",
    parts=("text_encoder", "vae"),
    native=1024,
    sampler="flow_euler",
    steps=30,
    guidance=4.0,
    words=("prompt_embeds", "prompt_embeds_mask"),
    classes=("QwenImageEditPipeline", "QwenImageEditPlusPipeline"),
    size_step=16,
    packs=4,
    flow=True,
    guide_as="true_cfg_scale",
    longest_text=512,
    variants=(
        Variant("edit", {"class": "QwenImageEditPipeline"}, EDIT | {"pipeline": "QwenImageEditPipeline"}),
        Variant("edit", {"class": "QwenImageEditPlusPipeline"}, EDIT | {"pipeline": "QwenImageEditPlusPipeline"}),
    ),
)
