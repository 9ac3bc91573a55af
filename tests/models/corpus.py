"""The cases: one of each kind, family and layout."""

from __future__ import annotations

from tests.models.layouts import (
    CHECKPOINT,
    CLIP_L,
    ESRGAN,
    FLUX,
    JOINT,
    OPEN_CLIP,
    QWEN,
    SCHNELL,
    SD2,
    SD15,
    SDXL,
    STAGE,
    T5,
    VAE,
    VAE_16,
    Z_IMAGE,
    Case,
    diffusers_unet,
    kohya,
    lora,
    makers_unet,
    peft,
    prefixed,
)

DENOISERS = {
    "sd15": Case("checkpoint", "sd15", "", SD15),
    "sd15 inpaint": Case("checkpoint", "sd15", "inpaint", SD15 | prefixed(CHECKPOINT, makers_unet(768, 9))),
    "pix2pix": Case("checkpoint", "sd15", "edit", SD15 | prefixed(CHECKPOINT, makers_unet(768, 8))),
    "sd15 lcm": Case("checkpoint", "sd15", "lcm", SD15, name="Dreamshaper_LCM.safetensors"),
    "sd2": Case("checkpoint", "sd2", "", SD2),
    "sd2 inpaint": Case("checkpoint", "sd2", "inpaint", SD2 | prefixed(CHECKPOINT, makers_unet(1024, 9))),
    "sd2 v, as is told": Case("checkpoint", "sd2", "v-prediction", SD2, {"modelspec.prediction_type": "v"}),
    "sdxl": Case("checkpoint", "sdxl", "", SDXL),
    "sdxl v": Case("checkpoint", "sdxl", "v-prediction", SDXL | {"v_pred": (), "ztsnr": ()}),
    "sdxl turbo": Case("checkpoint", "sdxl", "turbo", SDXL, name="dreamshaperXL_sdxlTurbo.safetensors"),
    "sdxl lightning": Case(
        "checkpoint", "sdxl", "lightning", SDXL, name="juggernautXL_v9Rdphoto2Lightning.safetensors"
    ),
    "sdxl of people": Case("checkpoint", "sdxl", "", SDXL, name="hyperRealism_turbonique.safetensors"),
    "refiner": Case("checkpoint", "sdxl-refiner", "", prefixed(CHECKPOINT, makers_unet(1280, labels=2560)) | STAGE),
    "sdxl alone": Case("diffusion", "sdxl", "", prefixed(CHECKPOINT, makers_unet(2048, labels=2816))),
    "sdxl of diffusers": Case("diffusion", "sdxl", "", diffusers_unet(2048)),
    "sd15 of diffusers": Case("diffusion", "sd15", "inpaint", diffusers_unet(768, 9)),
    "lcm of diffusers": Case(
        "diffusion", "sd15", "lcm", diffusers_unet(768) | {"time_embedding.cond_proj.weight": (320, 256)}
    ),
    "kolors": Case("diffusion", "", "", diffusers_unet(4096)),
    "flux": Case("diffusion", "flux", "", FLUX, dtype="BF16"),
    "flux as a checkpoint": Case(
        "checkpoint", "flux", "", prefixed(CHECKPOINT, FLUX) | prefixed("text_encoders.t5xxl.transformer.", T5)
    ),
    "flux fill": Case("diffusion", "flux", "inpaint", FLUX | {"img_in.weight": (3072, 384)}),
    "flux kontext": Case("diffusion", "flux", "edit", FLUX, name="flux1-dev-kontext_fp8_scaled.safetensors"),
    "schnell": Case("diffusion", "flux", "schnell", SCHNELL),
    "chroma": Case(
        "diffusion", "chroma", "", SCHNELL | {"distilled_guidance_layer.in_proj.weight": (5120, 64)}, dtype="BF16"
    ),
    "flux2": Case(
        "diffusion",
        "flux2",
        "",
        {
            "img_in.weight": (6144, 128),
            "single_stream_modulation.lin.weight": (18432, 6144),
            "guidance_in.in_layer.weight": (6144, 256),
            "double_blocks.0.img_attn.norm.key_norm.scale": (128,),
        },
    ),
    "flux2 klein": Case(
        "diffusion",
        "flux2",
        "klein",
        {"img_in.weight": (3072, 128), "single_stream_modulation.lin.weight": (9216, 3072)},
    ),
    "sd3": Case("diffusion", "sd3", "", JOINT),
    "sd3.5": Case("diffusion", "sd3", "3.5", JOINT | {"joint_blocks.0.x_block.attn.ln_q.weight": (64,)}),
    "zimage": Case("diffusion", "zimage", "", Z_IMAGE),
    "qwen": Case("diffusion", "qwen", "", QWEN),
    "qwen edit": Case("diffusion", "qwen", "edit", QWEN, name="qwen_image_edit_2509_fp8.safetensors"),
    "sana": Case(
        "diffusion",
        "sana",
        "",
        {"y_embedder.y_proj.fc1.weight": (2240, 2304), "blocks.0.mlp.depth_conv.conv.weight": (11200, 1, 3, 3)},
    ),
    "pixart": Case(
        "diffusion",
        "pixart",
        "",
        {"y_embedder.y_proj.fc1.weight": (1152, 4096), "blocks.0.scale_shift_table": (6, 1152)},
    ),
    "a video model": Case("diffusion", "", "", {"head.modulation": (1, 2, 5120)}),
}
PARTS = {
    "vae": Case("vae", "", "", VAE),
    "vae of a name": Case("vae", "sdxl", "", VAE, name="sdxl_vae_fp16_fix.safetensors"),
    "vae of sd15": Case("vae", "sd15", "", VAE, name="vae-ft-mse-840000-ema-pruned.safetensors"),
    "flux vae": Case("vae", "flux", "", VAE_16, name="ae.safetensors"),
    "sd3 vae": Case("vae", "sd3", "", VAE_16, name="sd3_vae.safetensors"),
    "flux2 vae": Case("vae", "flux2", "", VAE_16 | {"bn.running_mean": (128,)}),
    "qwen vae": Case("vae", "qwen", "", {"decoder.middle.0.residual.0.gamma": (384, 1, 1, 1)}),
    "sana vae": Case(
        "vae",
        "sana",
        "",
        {"encoder.down_blocks.0.0.conv1.weight": (128, 128, 3, 3), "decoder.conv_in.weight": (1024, 32, 3, 3)},
    ),
    "clip-l": Case("text_encoder", "", "clip-l", CLIP_L),
    "clip-g": Case("text_encoder", "", "clip-g", {"text_model.embeddings.token_embedding.weight": (49408, 1280)}),
    "open clip": Case("text_encoder", "sd2", "clip-h", OPEN_CLIP),
    "t5-xxl in fp8": Case("text_encoder", "", "t5-xxl", T5, dtype="F8_E4M3"),
    "qwen2.5-vl": Case(
        "text_encoder",
        "qwen",
        "qwen2.5-vl-7b",
        {"model.embed_tokens.weight": (152064, 3584), "model.layers.0.self_attn.q_proj.bias": (3584,)},
    ),
    "qwen3": Case(
        "text_encoder",
        "",
        "qwen3-4b",
        {"model.embed_tokens.weight": (151936, 2560), "model.layers.0.self_attn.q_norm.weight": (128,)},
    ),
    "gemma": Case(
        "text_encoder",
        "sana",
        "gemma2-2b",
        {"model.embed_tokens.weight": (256000, 2304), "model.layers.0.pre_feedforward_layernorm.weight": (2304,)},
    ),
    "mistral": Case(
        "text_encoder",
        "flux2",
        "mistral-24b",
        {
            "model.embed_tokens.weight": (131072, 5120),
            "model.layers.0.self_attn.q_proj.weight": (4096, 5120),
            "model.layers.0.input_layernorm.weight": (5120,),
        },
    ),
    "t5 with names of gguf": Case("text_encoder", "", "t5-xxl", {"enc.blk.0.attn_q.weight": (4096, 4096)}),
    "qwen3 with names of gguf": Case(
        "text_encoder", "", "qwen3-4b", {"blk.0.attn_q.weight": (4096, 2560), "token_embd.weight": (151936, 2560)}
    ),
    "image encoder": Case(
        "unknown", "", "clip-vision", {"vision_model.embeddings.patch_embedding.weight": (1280, 3, 14)}
    ),
    "esrgan": Case("upscaler", "", "esrgan", ESRGAN),
    "controlnet": Case(
        "controlnet",
        "sd15",
        "",
        prefixed("control_model.", makers_unet(768) | {"input_hint_block.0.weight": (16, 3, 3, 3)}),
    ),
    "controlnet of diffusers": Case(
        "controlnet", "sdxl", "", diffusers_unet(2048) | {"controlnet_cond_embedding.conv_in.weight": (16, 3, 3, 3)}
    ),
    "t2i": Case(
        "t2i_adapter", "sdxl", "", {"conv_in.weight": (320, 768, 3, 3), "body.0.block1.weight": (320, 320, 3, 3)}
    ),
    "ip": Case(
        "ip_adapter",
        "sd15",
        "",
        {"image_proj.proj.weight": (3072, 1024), "ip_adapter.1.to_k_ip.weight": (320, 768)},
    ),
    "motion": Case(
        "motion",
        "sd15",
        "",
        {f"down_blocks.{level}.motion_modules.0.temporal_transformer.norm.weight": (320,) for level in (0, 3)},
    ),
    "embedding": Case("embedding", "sd15", "", {"emb_params": (8, 768)}),
    "embedding with a lying name": Case(
        "embedding", "sd15", "", {"emb_params": (8, 768)}, name="sdxl_hands.pt.safetensors"
    ),
    "lllite": Case("controlnet", "sdxl", "lllite", {"lllite_unet_input_blocks_4_1_attn1_to_q.down.0.weight": (8, 640)}),
    "embedding of diffusers": Case("embedding", "sd2", "", {"<cat-toy>": (1024,)}),
    "embedding of sdxl": Case("embedding", "sdxl", "", {"clip_l": (8, 768), "clip_g": (8, 1280)}),
    "something else": Case("unknown", "", "", {"layer.weight": (3, 4), "layer.bias": (3,)}),
}
SD15_K = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
SDXL_K = "lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k"
FLUX_QKV = "lora_unet_double_blocks_0_img_attn_qkv"
LORAS = {
    "kohya sd15": Case("lora", "sd15", "", kohya({SD15_K: (320, 768)})),
    "kohya sd2": Case("lora", "sd2", "", kohya({SD15_K: (320, 1024)})),
    "kohya sdxl": Case("lora", "sdxl", "", kohya({SDXL_K: (640, 2048)})),
    "shapes win over labels": Case(
        "lora", "sdxl", "", kohya({SDXL_K: (640, 2048)}), {"ss_base_model_version": "sd_v1", "ss_v2": "False"}
    ),
    "lcm": Case("lora", "sdxl", "lcm", kohya({SDXL_K: (640, 2048)}), name="lcm-lora-sdxl.safetensors"),
    "lightning": Case(
        "lora", "sdxl", "lightning", kohya({SDXL_K: (640, 2048)}), name="sdxl_lightning_8step_lora.safetensors"
    ),
    "weather": Case("lora", "sdxl", "", kohya({SDXL_K: (640, 2048)}), name="lightning_storm.safetensors"),
    "diffusers sd15": Case(
        "lora",
        "sd15",
        "",
        lora(
            {"unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.processor.to_k_lora": (320, 768)},
            "down.weight",
            "up.weight",
        ),
    ),
    "peft sdxl": Case(
        "lora",
        "sdxl",
        "",
        peft({"unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k": (640, 2048)}),
    ),
    "text encoder only": Case(
        "lora", "sdxl", "", kohya({"lora_te2_text_model_encoder_layers_0_mlp_fc1": (5120, 1280)})
    ),
    "kohya flux": Case("lora", "flux", "", kohya({FLUX_QKV: (9216, 3072)})),
    "flux in full": Case("lora", "flux", "", kohya({"lora_unet_single_blocks_0_linear1": (21504, 3072)})),
    "labels choose between equals": Case(
        "lora", "chroma", "", kohya({FLUX_QKV: (9216, 3072)}), {"modelspec.architecture": "chroma/lora"}
    ),
    "flux2": Case(
        "lora", "flux2", "", peft({"diffusion_model.double_blocks.0.img_attn.qkv": (18432, 6144)}), dtype="BF16"
    ),
    "flux2 klein": Case("lora", "flux2", "", kohya({"lora_unet_single_blocks_0_linear1": (27648, 3072)})),
    "a video model": Case("lora", "", "", kohya({FLUX_QKV: (9216, 3072), FLUX_QKV.replace("0", "19"): (9216, 3072)})),
    "one text encoder only": Case(
        "lora", "sdxl", "", kohya({"lora_te1_text_model_encoder_layers_0_mlp_fc1": (3072, 768)})
    ),
    "ai-toolkit flux": Case(
        "lora", "flux", "", peft({"transformer.single_transformer_blocks.0.attn.to_q": (3072, 3072)})
    ),
    "xlabs": Case(
        "lora",
        "flux",
        "",
        lora({"double_blocks.0.processor.proj_lora1": (3072, 3072)}, "down.weight", "up.weight"),
    ),
    "onetrainer flux": Case(
        "lora", "flux", "", kohya({"lora_transformer_single_transformer_blocks_0_attn_to_q": (3072, 3072)})
    ),
    "qwen": Case("lora", "qwen", "", peft({"transformer_blocks.0.img_mlp.net.0.proj": (12288, 3072)})),
    "zimage": Case("lora", "zimage", "", peft({"diffusion_model.layers.0.attention.to_q": (3840, 3840)})),
    "sd3": Case("lora", "sd3", "", peft({"transformer.transformer_blocks.0.attn.to_q": (1536, 1536)})),
    "loha": Case(
        "lora",
        "sd15",
        "loha",
        {f"{SD15_K}.{part}": shape for part, shape in (("hada_w1_a", (320, 4)), ("hada_w1_b", (4, 768)))},
    ),
    "lokr": Case("lora", "sdxl", "lokr", {f"{SDXL_K}.lokr_w1": (16, 16), f"{SDXL_K}.lokr_w2": (40, 128)}),
    "lokr in parts": Case(
        "lora",
        "sd15",
        "lokr",
        {f"{SD15_K}.lokr_w1": (16, 16), f"{SD15_K}.lokr_w2_a": (20, 4), f"{SD15_K}.lokr_w2_b": (4, 48)},
    ),
    "dora": Case("lora", "sdxl", "dora", kohya({SDXL_K: (640, 2048)}) | {f"{SDXL_K}.dora_scale": (1, 2048)}),
    "oft": Case(
        "lora",
        "sdxl",
        "oft",
        {"lora_unet_input_blocks_4_1_transformer_blocks_1_attn1_to_q.oft_blocks": (4, 160, 160)},
    ),
    "full difference": Case("lora", "sd15", "full", {f"{SD15_K}.diff": (320, 768)}),
    "of motion": Case(
        "lora",
        "sd15",
        "motion",
        lora(
            {"down_blocks.0.motion_modules.0.temporal_transformer.transformer_blocks.0.attention_blocks.0": (320, 320)},
            "processor.to_q_lora.down.weight",
            "processor.to_q_lora.up.weight",
        ),
    ),
    "told by its label alone": Case(
        "lora", "sana", "", kohya({"lora_odd_name": (5, 5)}), {"modelspec.architecture": "Sana/lora"}
    ),
}
CASES = DENOISERS | PARTS | {f"lora {name}": case for name, case in LORAS.items()}
