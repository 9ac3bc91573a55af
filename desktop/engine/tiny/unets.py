"""Models with a U-Net."""

from __future__ import annotations

from typing import Any

import torch
from diffusers import (
    DDIMScheduler,
    StableDiffusionPipeline,
    StableDiffusionXLImg2ImgPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextModel, CLIPTextModelWithProjection

from desktop.engine.tiny.coders import SIDE, kl
from desktop.engine.tiny.words import WIDTH, clip_config, clip_tokenizer

UNCHECKED: dict[str, Any] = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}


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


def betas(**changes: Any) -> Any:
    return DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False, steps_offset=1, **changes
    )


def sd15(**unet: Any) -> StableDiffusionPipeline:
    torch.manual_seed(0)
    parts: dict[str, Any] = {
        "vae": kl(),
        "text_encoder": CLIPTextModel(clip_config()),
        "tokenizer": clip_tokenizer(),
        "unet": _unet(**unet),
        "scheduler": betas(),
    }
    return StableDiffusionPipeline(**parts, **UNCHECKED)


def sd15_inpaint() -> StableDiffusionPipeline:
    return sd15(in_channels=9)


def sd2() -> StableDiffusionPipeline:
    pipe = sd15(use_linear_projection=True, cross_attention_dim=1024)  # a width that tells it from SD 1.5
    encoder = CLIPTextModel(clip_config(hidden_size=1024, num_hidden_layers=1, hidden_act="gelu"))
    pipe.register_modules(text_encoder=encoder, scheduler=betas(prediction_type="v_prediction"))
    return pipe


def _xl_unet(width: int, numbers: int) -> UNet2DConditionModel:
    """`numbers` say what the picture is like: its sizes and crops, or a score."""
    return _unet(
        cross_attention_dim=width,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=numbers * 8 + WIDTH,
        use_linear_projection=True,
    )


def sdxl() -> StableDiffusionXLPipeline:
    torch.manual_seed(0)
    return StableDiffusionXLPipeline(
        vae=kl(),
        text_encoder=CLIPTextModel(clip_config()),
        text_encoder_2=CLIPTextModelWithProjection(clip_config()),
        tokenizer=clip_tokenizer(),
        tokenizer_2=clip_tokenizer(),
        unet=_xl_unet(2 * WIDTH, 6),
        scheduler=betas(),
        add_watermarker=False,
    )


def refiner() -> StableDiffusionXLImg2ImgPipeline:
    torch.manual_seed(0)
    absent: Any = None
    return StableDiffusionXLImg2ImgPipeline(
        vae=kl(),
        text_encoder=absent,
        text_encoder_2=CLIPTextModelWithProjection(clip_config(hidden_size=1280, num_hidden_layers=2)),
        tokenizer=absent,
        tokenizer_2=clip_tokenizer(),
        unet=_xl_unet(1280, 5),  # a width that tells it from SDXL
        scheduler=betas(),
        requires_aesthetics_score=True,
        add_watermarker=False,
    )
