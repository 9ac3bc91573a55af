"""Models with a transformer, but for those of the Flux kind."""

from __future__ import annotations

from typing import Any

import torch
from diffusers import (
    DPMSolverMultistepScheduler,
    FlowMatchEulerDiscreteScheduler,
    Lumina2Pipeline,
    Lumina2Transformer2DModel,
    PixArtAlphaPipeline,
    PixArtSigmaPipeline,
    PixArtTransformer2DModel,
    QwenImageEditPipeline,
    QwenImageEditPlusPipeline,
    QwenImagePipeline,
    QwenImageTransformer2DModel,
    SanaPipeline,
    SanaTransformer2DModel,
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
    ZImagePipeline,
    ZImageTransformer2DModel,
)
from transformers import CLIPTextModelWithProjection, Qwen3Model

from desktop.engine.tiny import coders, words
from desktop.engine.tiny.coders import SIDE
from desktop.engine.tiny.unets import betas
from desktop.engine.tiny.words import WIDTH

SHIFTS: dict[str, Any] = {"use_dynamic_shifting": True, "base_shift": 0.5, "max_shift": 0.9, "shift_terminal": 0.02}

TWO_HEADS: dict[str, Any] = {"num_layers": 2, "num_attention_heads": 2, "attention_head_dim": 16}
FOUR_HEADS: dict[str, Any] = {"num_layers": 2, "num_attention_heads": 4, "attention_head_dim": 8}


def sd3(t5: bool = True) -> StableDiffusion3Pipeline:
    torch.manual_seed(0)
    transformer = SD3Transformer2DModel(
        sample_size=SIDE // 8,
        in_channels=16,
        **FOUR_HEADS,
        joint_attention_dim=2 * WIDTH,
        caption_projection_dim=32,
        pooled_projection_dim=2 * WIDTH,
        out_channels=16,
        pos_embed_max_size=64,
    )
    absent: Any = None
    return StableDiffusion3Pipeline(
        transformer=transformer,
        vae=coders.kl(latent_channels=16, shift_factor=0.0609, scaling_factor=1.5305),
        text_encoder=CLIPTextModelWithProjection(words.clip_config()),
        text_encoder_2=CLIPTextModelWithProjection(words.clip_config()),
        text_encoder_3=words.t5() if t5 else absent,
        tokenizer=words.clip_tokenizer(),
        tokenizer_2=words.clip_tokenizer(),
        tokenizer_3=words.t5_tokenizer() if t5 else absent,
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
    )


def sd3_without_t5() -> StableDiffusion3Pipeline:
    return sd3(t5=False)


def zimage() -> ZImagePipeline:
    torch.manual_seed(0)
    transformer = ZImageTransformer2DModel(
        in_channels=16,
        dim=32,
        n_layers=2,
        n_refiner_layers=1,
        n_heads=2,
        n_kv_heads=2,
        cap_feat_dim=16,
        axes_dims=[4, 6, 6],
        axes_lens=[1024, 64, 64],
    )
    return ZImagePipeline(
        transformer=transformer,
        vae=coders.kl(**coders.SIXTEEN),
        text_encoder=words.qwen3(Qwen3Model),
        tokenizer=words.qwen_tokenizer(),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=6.0),
    )


def _qwen_parts() -> dict[str, Any]:
    torch.manual_seed(0)
    transformer = QwenImageTransformer2DModel(
        **TWO_HEADS,
        joint_attention_dim=WIDTH,
        axes_dims_rope=(4, 6, 6),
    )
    return {
        "transformer": transformer,
        "vae": coders.qwen(),
        "text_encoder": words.qwen_eye(),
        "tokenizer": words.qwen_tokenizer(),
        "scheduler": FlowMatchEulerDiscreteScheduler(**SHIFTS),
    }


def qwen() -> QwenImagePipeline:
    return QwenImagePipeline(**_qwen_parts())


def qwen_edit() -> QwenImageEditPipeline:
    return QwenImageEditPipeline(**_qwen_parts(), processor=words.qwen_processor())


def qwen_edit_plus() -> QwenImageEditPlusPipeline:
    return QwenImageEditPlusPipeline(**_qwen_parts(), processor=words.qwen_processor())


def sana() -> SanaPipeline:
    torch.manual_seed(0)
    transformer = SanaTransformer2DModel(
        in_channels=8,
        out_channels=8,
        **TWO_HEADS,
        num_cross_attention_heads=2,
        cross_attention_head_dim=16,
        cross_attention_dim=32,
        caption_channels=WIDTH,
        sample_size=SIDE // 32,
    )
    scheduler = DPMSolverMultistepScheduler(
        prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0, beta_schedule="linear"
    )
    return SanaPipeline(
        transformer=transformer,
        vae=coders.deep(),
        text_encoder=words.gemma(),
        tokenizer=words.gemma_tokenizer(),
        scheduler=scheduler,
    )


def _pixart_parts() -> dict[str, Any]:
    torch.manual_seed(0)
    transformer = PixArtTransformer2DModel(
        sample_size=SIDE // 8,
        **FOUR_HEADS,
        cross_attention_dim=32,
        caption_channels=2 * WIDTH,
        use_additional_conditions=False,
    )
    return {
        "transformer": transformer,
        "vae": coders.kl(),
        "text_encoder": words.t5(),
        "tokenizer": words.t5_tokenizer(),
        "scheduler": betas(),
    }


def pixart() -> PixArtSigmaPipeline:
    return PixArtSigmaPipeline(**_pixart_parts())


def pixart_alpha() -> PixArtAlphaPipeline:
    return PixArtAlphaPipeline(**_pixart_parts())


def lumina2() -> Lumina2Pipeline:
    torch.manual_seed(0)
    transformer = Lumina2Transformer2DModel(
        sample_size=SIDE // 8,
        hidden_size=32,
        num_layers=2,
        num_refiner_layers=1,
        num_attention_heads=2,
        num_kv_heads=1,
        multiple_of=8,
        axes_dim_rope=(4, 6, 6),
        axes_lens=(300, 64, 64),
        cap_feat_dim=WIDTH,
    )
    return Lumina2Pipeline(
        transformer=transformer,
        vae=coders.kl(**coders.SIXTEEN),
        text_encoder=words.gemma(),
        tokenizer=words.gemma_tokenizer(),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=6.0),
    )
