"""VAEs and text encoders: parts of models as files of their own."""

from desktop.models.signatures.signature import Side, Signature

VAES = ("", "first_stage_model.", "vae.")  # what their names begin with
FOUR_CHANNELS = ("", "sd15", "sd2", "sdxl")  # all of the same shapes
SIXTEEN_CHANNELS = ("", "flux", "sd3", "zimage", "chroma")
TEXTS = ("", "text_encoder.", "transformer.", "model.", "module.")
LANGUAGE = ("model.", "model.language_model.", "language_model.model.", "language_model.", "", "transformer.model.")
CLIPS = {768: "clip-l", 1024: "clip-h", 1280: "clip-g"}
CLIP_FAMILIES = {1024: "sd2"}
QWEN_VL = {3584: "qwen2.5-vl-7b", 2048: "qwen2.5-vl-3b"}
QWEN3 = {2560: "qwen3-4b", 4096: "qwen3-8b", 1024: "qwen3-0.6b"}
EMBEDDING, GGUF_EMBEDDING = ("embed_tokens.weight",), ("token_embd.weight",)
GGUF_FAMILIES = {3584: "qwen", 2304: "sana", 5120: "flux2"}
GGUF_LANGUAGES = {**QWEN3, **QWEN_VL, 2304: "gemma2-2b", 5120: "mistral-24b"}

ROWS = (
    Signature("vae", ("bn.running_mean", "decoder.conv_in.weight"), "flux2", prefixes=VAES),
    Signature("vae", ("decoder.middle.0.residual.0.gamma",), "qwen", prefixes=VAES),
    Signature("vae", ("decoder.mid_block.resnets.0.norm1.gamma",), "qwen", prefixes=VAES),
    Signature("vae", ("decoder.stages.1.op_list.0.main.conv.conv.bias",), "sana", prefixes=VAES),
    Signature("vae", ("encoder.down_blocks.0.0.conv1.weight", "decoder.conv_in.weight"), "sana", prefixes=VAES),
    Signature(
        "vae",
        ("decoder.conv_in.weight", "decoder.conv_out.weight"),
        prefixes=VAES,
        families=Side(("decoder.conv_in.weight",), 1, {4: FOUR_CHANNELS, 16: SIXTEEN_CHANNELS}),
    ),
    Signature(
        "vae",
        ("decoder.conv_in.weight", "encoder.conv_in.weight"),
        prefixes=VAES,
        families=Side(("decoder.conv_in.weight",), 1, {4: FOUR_CHANNELS, 16: SIXTEEN_CHANNELS}),
    ),
    Signature("vae", ("decoder.conv_in.conv.weight",), prefixes=VAES),  # of videos
    Signature("vae", ("decoder.layers.0.weight", "encoder.layers.0.weight"), FOUR_CHANNELS, "tiny"),
    Signature("vae", ("1.weight", "3.conv.0.weight"), FOUR_CHANNELS, "tiny"),
    Signature(
        "text_encoder",
        ("text_model.embeddings.token_embedding.weight",),
        prefixes=TEXTS,
        families=Side(("text_model.embeddings.token_embedding.weight",), 1, CLIP_FAMILIES),
        variants=Side(("text_model.embeddings.token_embedding.weight",), 1, CLIPS),
    ),
    Signature(
        "text_encoder",
        ("embeddings.token_embedding.weight", "encoder.layers.0.mlp.fc1.weight"),
        prefixes=TEXTS,
        families=Side(("embeddings.token_embedding.weight",), 1, CLIP_FAMILIES),
        variants=Side(("embeddings.token_embedding.weight",), 1, CLIPS),
    ),
    Signature(
        "text_encoder",
        ("token_embedding.weight", "transformer.resblocks.0.attn.in_proj_weight"),
        prefixes=("", "model.", "cond_stage_model.model."),
        families=Side(("token_embedding.weight",), 1, CLIP_FAMILIES),
        variants=Side(("token_embedding.weight",), 1, CLIPS),
    ),
    Signature(
        "text_encoder",
        ("encoder.block.0.layer.0.SelfAttention.q.weight",),
        variant="t5",
        prefixes=TEXTS,
        variants=Side(("encoder.block.0.layer.0.SelfAttention.q.weight",), 1, {4096: "t5-xxl"}),
    ),
    Signature("text_encoder", ("enc.blk.0.attn_q.weight",), variant="t5-xxl"),
    Signature(
        "text_encoder",
        ("layers.0.self_attn.q_proj.bias",),
        "qwen",
        "qwen2.5-vl-7b",
        LANGUAGE,
        variants=Side(EMBEDDING, 1, QWEN_VL),
    ),
    Signature(
        "text_encoder",
        ("layers.0.pre_feedforward_layernorm.weight",),
        "sana",
        "gemma",
        LANGUAGE,
        variants=Side(EMBEDDING, 1, {2304: "gemma2-2b"}),
    ),
    Signature(
        "text_encoder",
        ("layers.0.self_attn.q_norm.weight",),
        "",
        "qwen3",
        LANGUAGE,
        variants=Side(EMBEDDING, 1, QWEN3),
    ),
    Signature(
        "text_encoder",
        ("layers.0.self_attn.q_proj.weight", "layers.0.input_layernorm.weight"),
        prefixes=LANGUAGE,
        families=Side(EMBEDDING, 1, {5120: "flux2"}),
        variants=Side(EMBEDDING, 1, {5120: "mistral-24b", 4096: "llama-8b"}),
    ),
    Signature(
        "text_encoder",
        ("blk.0.attn_q.weight", "token_embd.weight"),
        families=Side(GGUF_EMBEDDING, 1, GGUF_FAMILIES),
        variants=Side(GGUF_EMBEDDING, 1, GGUF_LANGUAGES),
    ),
    Signature("unknown", ("vision_model.embeddings.patch_embedding.weight",), variant="clip-vision"),
    Signature("unknown", ("visual.transformer.resblocks.0.attn.in_proj_weight",), variant="clip-vision"),
)
