"""Denoisers, alone or in checkpoints, in their makers' naming and in that of diffusers."""

from desktop.models.signatures.signature import Side, Signature

PREFIXES = ("model.diffusion_model.", "", "diffusion_model.", "transformer.", "unet.")
WIDTHS = {
    192: "starter",
    768: "sd15",
    1024: "sd2",
    2048: "sdxl",
    1280: "sdxl-refiner",
}  # of the text that a U-Net attends to
CHANNELS = {9: "inpaint", 8: "edit", 5: "depth", 7: "upscale"}  # that a U-Net takes; the latents' own four say nothing
PACKED_CHANNELS = {384: "inpaint", 128: "control"}  # of Flux: 64 are the latents' own
BLOCK = "transformer_blocks.0.attn2.to_k.weight"
MAKERS = tuple(f"{place}.{BLOCK}" for place in ("input_blocks.4.1", "input_blocks.1.1", "middle_block.1"))
DIFFUSERS = tuple(f"{p}.attentions.0.{BLOCK}" for p in ("down_blocks.1", "down_blocks.0", "mid_block"))
# where the text's width is seen
WHOLE = "checkpoint"  # or the denoiser alone, if nothing else is in the file
TRAINED = {"v_pred": "v-prediction", "edm_vpred.sigma_max": "edm", "edm_mean": "edm"}  # notes that mergers leave
TEXTS = {  # of tiny or odd models, whose widths say nothing, the text encoders beside them tell
    "conditioner.embedders.1.model.text_projection": "sdxl",
    "conditioner.embedders.0.model.text_projection": "sdxl-refiner",
    "cond_stage_model.model.text_projection": "sd2",
    "cond_stage_model.model.token_embedding.weight": "sd2",
}

ROWS = (
    Signature(
        WHOLE,
        ("input_blocks.0.0.weight",),
        "sd15",
        prefixes=PREFIXES,
        families=Side(MAKERS, 1, WIDTHS),
        variants=Side(("input_blocks.0.0.weight",), 1, CHANNELS),
        family_marks=TEXTS | {"label_emb.0.0.weight": "sdxl"},
        variant_marks=TRAINED,
    ),
    Signature(
        WHOLE,
        ("conv_in.weight", "time_embedding.linear_1.weight"),
        "sd15",
        prefixes=PREFIXES,
        families=Side(DIFFUSERS, 1, WIDTHS | {4096: ""}),  # Kolors
        variants=Side(("conv_in.weight",), 1, CHANNELS),
        family_marks={"add_embedding.linear_1.weight": "sdxl"},
        variant_marks=TRAINED | {"time_embedding.cond_proj.weight": "lcm"},
    ),
    Signature(WHOLE, ("distilled_guidance_layer.in_proj.weight",), "chroma", prefixes=PREFIXES),
    Signature(WHOLE, ("distilled_guidance_layer.layers.0.in_layer.weight",), "chroma", prefixes=PREFIXES),
    Signature(WHOLE, ("single_stream_modulation.lin.weight", "guidance_in.in_layer.weight"), "flux2", "", PREFIXES),
    Signature(WHOLE, ("single_stream_modulation.lin.weight",), "flux2", "klein", PREFIXES),
    Signature(
        WHOLE,
        ("single_stream_modulation.linear.weight", "time_guidance_embed.guidance_embedder.linear_1.weight"),
        "flux2",
        prefixes=PREFIXES,
    ),
    Signature(WHOLE, ("single_stream_modulation.linear.weight",), "flux2", "klein", PREFIXES),
    Signature(
        WHOLE,
        ("double_blocks.0.img_attn.norm.key_norm.scale", "guidance_in.in_layer.weight"),
        "flux",
        prefixes=PREFIXES,
        variants=Side(("img_in.weight",), 1, PACKED_CHANNELS),
    ),
    Signature(WHOLE, ("double_blocks.0.img_attn.norm.key_norm.scale",), "flux", "schnell", PREFIXES),
    Signature(
        WHOLE,
        ("time_text_embed.guidance_embedder.linear_1.weight", "x_embedder.weight", "context_embedder.weight"),
        "flux",
        prefixes=PREFIXES,
        variants=Side(("x_embedder.weight",), 1, PACKED_CHANNELS),
    ),
    Signature(
        WHOLE,
        ("time_text_embed.text_embedder.linear_1.weight", "x_embedder.weight", "context_embedder.weight"),
        "flux",
        "schnell",
        PREFIXES,
    ),
    Signature(
        WHOLE,
        ("joint_blocks.0.context_block.adaLN_modulation.1.weight",),
        "sd3",
        prefixes=PREFIXES,
        variant_marks={"joint_blocks.0.x_block.attn.ln_q.weight": "3.5"},
    ),
    Signature(
        WHOLE,
        ("time_text_embed.text_embedder.linear_1.weight", "pos_embed.proj.weight", "context_embedder.weight"),
        "sd3",
        prefixes=PREFIXES,
        variant_marks={"transformer_blocks.0.attn.norm_q.weight": "3.5"},
    ),
    Signature(
        WHOLE,
        ("txt_norm.weight", "img_in.weight", "time_text_embed.timestep_embedder.linear_1.weight"),
        "qwen",
        prefixes=PREFIXES,
        variant_marks={"__index_timestep_zero__": "edit"},
    ),
    Signature(WHOLE, ("cap_embedder.0.weight", "layers.0.adaLN_modulation.0.weight"), "zimage", prefixes=PREFIXES),
    Signature(WHOLE, ("y_embedder.y_proj.fc1.weight", "blocks.0.mlp.depth_conv.conv.weight"), "sana", "", PREFIXES),
    Signature(WHOLE, ("caption_norm.weight", "transformer_blocks.0.ff.conv_depth.weight"), "sana", "", PREFIXES),
    Signature(WHOLE, ("y_embedder.y_proj.fc1.weight", "blocks.0.scale_shift_table"), "pixart", "", PREFIXES),
    Signature(
        WHOLE,
        ("adaln_single.linear.weight", "pos_embed.proj.weight"),
        "pixart",
        prefixes=PREFIXES,
    ),
    # those that no family here runs
    *(
        Signature(WHOLE, (key,), prefixes=PREFIXES)
        for key in (
            "cap_embedder.0.weight",  # Lumina
            "cond_seq_linear.weight",  # AuraFlow
            "double_stream_blocks.0.block.adaLN_modulation.1.bias",  # HiDream
            "early_stream_modulations.image.lin.weight",  # Flux.3
            "txt_in.text_norm.weight",  # Qwen-Image 2.1
            "txtfusion.projector.weight",  # Krea 2
            "txt_in.individual_token_refiner.blocks.0.adaLN_modulation.1.bias",  # HunyuanVideo
            "patchify_proj.weight",  # LTX
            "head.modulation",  # Wan
            "clip_txt_mapper.weight",  # Stable Cascade
            "blocks.0.attn.qkv_x.weight",  # Mochi
        )
    ),
)
