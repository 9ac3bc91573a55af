"""Models of the Flux kind, whose latents are packed into tokens."""

from __future__ import annotations

from typing import Any

import torch
from diffusers import (
    ChromaPipeline,
    ChromaTransformer2DModel,
    FlowMatchEulerDiscreteScheduler,
    Flux2KleinPipeline,
    Flux2Pipeline,
    Flux2Transformer2DModel,
    FluxFillPipeline,
    FluxKontextPipeline,
    FluxPipeline,
    FluxTransformer2DModel,
)
from transformers import CLIPTextModel, Qwen3ForCausalLM

from desktop.engine.tiny import coders, words
from desktop.engine.tiny.words import WIDTH

HEADS: dict[str, Any] = {"attention_head_dim": 16, "num_attention_heads": 2}


def _scheduler() -> FlowMatchEulerDiscreteScheduler:
    return FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=True)


def _flux_parts(**changes: Any) -> dict[str, Any]:
    torch.manual_seed(0)
    options: dict[str, Any] = {
        "in_channels": 64,
        "num_layers": 1,
        "num_single_layers": 1,
        "joint_attention_dim": 2 * WIDTH,
        "pooled_projection_dim": WIDTH,
        "guidance_embeds": True,
        "axes_dims_rope": (4, 6, 6),
    }
    return {
        "transformer": FluxTransformer2DModel(**HEADS, **(options | changes)),
        "vae": coders.kl(**coders.SIXTEEN),
        "text_encoder": CLIPTextModel(words.clip_config()),
        "text_encoder_2": words.t5(),
        "tokenizer": words.clip_tokenizer(),
        "tokenizer_2": words.t5_tokenizer(),
        "scheduler": _scheduler(),
    }


def flux() -> FluxPipeline:
    return FluxPipeline(**_flux_parts())


def schnell() -> FluxPipeline:
    return FluxPipeline(**_flux_parts(guidance_embeds=False))


def fill() -> FluxFillPipeline:
    return FluxFillPipeline(**_flux_parts(in_channels=384, out_channels=64))


def kontext() -> FluxKontextPipeline:
    return FluxKontextPipeline(**_flux_parts())


def _flux2_transformer(**changes: Any) -> Flux2Transformer2DModel:
    torch.manual_seed(0)
    return Flux2Transformer2DModel(
        **HEADS,
        in_channels=4 * 8,
        num_layers=1,
        num_single_layers=1,
        joint_attention_dim=3 * 16,  # of three layers of the text encoder
        timestep_guidance_channels=32,
        axes_dims_rope=(4, 4, 4, 4),
        **changes,
    )


def flux2() -> Flux2Pipeline:
    return Flux2Pipeline(
        transformer=_flux2_transformer(),
        vae=coders.flux2(),
        text_encoder=words.mistral(),
        tokenizer=words.mistral_processor(),
        scheduler=_scheduler(),
    )


def klein(distilled: bool = False) -> Flux2KleinPipeline:
    return Flux2KleinPipeline(
        transformer=_flux2_transformer(guidance_embeds=False),
        vae=coders.flux2(),
        text_encoder=words.qwen3(Qwen3ForCausalLM, layers=28),  # Klein looks at the twenty-seventh
        tokenizer=words.qwen_tokenizer(),
        scheduler=_scheduler(),
        is_distilled=distilled,
    )


def klein_distilled() -> Flux2KleinPipeline:
    return klein(distilled=True)


def chroma() -> ChromaPipeline:
    torch.manual_seed(0)
    transformer = ChromaTransformer2DModel(
        **HEADS,
        in_channels=64,
        num_layers=1,
        num_single_layers=1,
        joint_attention_dim=2 * WIDTH,
        axes_dims_rope=(4, 6, 6),
        approximator_num_channels=16,
        approximator_hidden_dim=32,
        approximator_layers=1,
    )
    return ChromaPipeline(
        transformer=transformer,
        vae=coders.kl(**coders.SIXTEEN),
        text_encoder=words.t5(),
        tokenizer=words.t5_tokenizer(),
        scheduler=_scheduler(),
    )
