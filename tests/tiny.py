"""Tiny models of the true classes with random weights, saved as diffusers folders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    FlowMatchEulerDiscreteScheduler,
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    T5Config,
    T5EncoderModel,
    T5Tokenizer,
)

from desktop.paths import STARTER

WIDTH = 32
SIDE = 64  # native, in pixels
UNCHECKED: dict[str, Any] = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}


def _tokenizer() -> CLIPTokenizer:
    tokenizer = CLIPTokenizer.from_pretrained(STARTER / "tokenizer")
    tokenizer.model_max_length = 77
    return tokenizer


def _text_config(**changes: Any) -> CLIPTextConfig:
    tokenizer = _tokenizer()
    options: dict[str, Any] = {
        "vocab_size": len(tokenizer),
        "hidden_size": WIDTH,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "projection_dim": WIDTH,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.eos_token_id,
    }
    return CLIPTextConfig(**(options | changes))


def _unet(**changes: Any) -> UNet2DConditionModel:
    options: dict[str, Any] = {
        "sample_size": SIDE // 8,
        "block_out_channels": (16, 32),
        "layers_per_block": 1,
        "norm_num_groups": 8,
        "cross_attention_dim": WIDTH,
        "attention_head_dim": 4,
        "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
        "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
    }
    return UNet2DConditionModel(**(options | changes))


def _vae(**changes: Any) -> AutoencoderKL:
    options: dict[str, Any] = {
        "block_out_channels": (8, 16, 16, 16),
        "layers_per_block": 1,
        "norm_num_groups": 4,
        "down_block_types": ("DownEncoderBlock2D",) * 4,
        "up_block_types": ("UpDecoderBlock2D",) * 4,
        "sample_size": SIDE,
    }
    return AutoencoderKL(**(options | changes))


def _betas(**changes: Any) -> Any:
    return DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False, steps_offset=1, **changes
    )


def sd15(**unet: Any) -> StableDiffusionPipeline:
    torch.manual_seed(0)
    parts: dict[str, Any] = {
        "vae": _vae(),
        "text_encoder": CLIPTextModel(_text_config()),
        "tokenizer": _tokenizer(),
        "unet": _unet(**unet),
        "scheduler": _betas(),
    }
    return StableDiffusionPipeline(**parts, **UNCHECKED)


def sd2() -> StableDiffusionPipeline:
    pipe = sd15(use_linear_projection=True, cross_attention_dim=1024)  # a width that tells it from SD 1.5
    encoder = CLIPTextModel(_text_config(hidden_size=1024, num_hidden_layers=1, hidden_act="gelu"))
    pipe.register_modules(text_encoder=encoder, scheduler=_betas(prediction_type="v_prediction"))
    return pipe


def sdxl() -> StableDiffusionXLPipeline:
    torch.manual_seed(0)
    unet = _unet(
        cross_attention_dim=2 * WIDTH,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=6 * 8 + WIDTH,
        use_linear_projection=True,
    )
    return StableDiffusionXLPipeline(
        vae=_vae(),
        text_encoder=CLIPTextModel(_text_config()),
        text_encoder_2=CLIPTextModelWithProjection(_text_config()),
        tokenizer=_tokenizer(),
        tokenizer_2=_tokenizer(),
        unet=unet,
        scheduler=_betas(),
        add_watermarker=False,
    )


def sd3(t5: bool = True) -> StableDiffusion3Pipeline:
    torch.manual_seed(0)
    transformer = SD3Transformer2DModel(
        sample_size=SIDE // 8,
        in_channels=16,
        num_layers=2,
        attention_head_dim=8,
        num_attention_heads=4,
        joint_attention_dim=WIDTH if not t5 else 2 * WIDTH,
        caption_projection_dim=32,
        pooled_projection_dim=2 * WIDTH,
        out_channels=16,
        pos_embed_max_size=64,
    )
    absent: Any = None
    return StableDiffusion3Pipeline(
        transformer=transformer,
        vae=_vae(latent_channels=16, shift_factor=0.0609, scaling_factor=1.5305),
        text_encoder=CLIPTextModelWithProjection(_text_config()),
        text_encoder_2=CLIPTextModelWithProjection(_text_config()),
        text_encoder_3=_t5() if t5 else absent,
        tokenizer=_tokenizer(),
        tokenizer_2=_tokenizer(),
        tokenizer_3=_t5_tokenizer() if t5 else absent,
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
    )


def _t5() -> Any:
    return T5EncoderModel(T5Config(vocab_size=64, d_model=2 * WIDTH, d_kv=8, d_ff=64, num_layers=2, num_heads=4))


def _t5_tokenizer() -> T5Tokenizer:
    letters = [
        ("<pad>", 0.0),
        ("</s>", 0.0),
        ("<unk>", 0.0),
        ("▁", -2.0),
        *((c, -3.0) for c in "abcdefghijklmnopqrstuvwxyz"),
    ]
    return T5Tokenizer(vocab=letters, extra_ids=0, model_max_length=256)


MAKERS: dict[str, Callable[[], Any]] = {"sd15": sd15, "sd2": sd2, "sdxl": sdxl, "sd3": sd3}


def save(pipe: Any, folder: Path) -> Path:
    pipe.save_pretrained(folder, safe_serialization=True)
    return folder
