"""A model of Stable Diffusion 1.5's true size, with random weights."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline, UNet2DConditionModel
from safetensors.torch import load_file, save_file
from transformers import CLIPTextConfig, CLIPTextModel

from desktop.engine.tiny import unets
from tests.models.originals import ldm


def sd15(folder: Path) -> Path:
    """860 million weights in the U-Net, 123 in the text encoder, 84 in the VAE; fp16 on disk, 2 GB."""
    torch.manual_seed(0)
    small = unets.sd15()
    tokenizer = small.tokenizer
    text = CLIPTextConfig(
        vocab_size=49408,
        hidden_size=768,
        intermediate_size=3072,
        num_hidden_layers=12,
        num_attention_heads=12,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.eos_token_id,
    )
    vae: dict[str, Any] = {
        "block_out_channels": (128, 256, 512, 512),
        "layers_per_block": 2,
        "down_block_types": ("DownEncoderBlock2D",) * 4,
        "up_block_types": ("UpDecoderBlock2D",) * 4,
    }
    pipe = StableDiffusionPipeline(
        vae=AutoencoderKL(**vae),
        text_encoder=CLIPTextModel(text),
        tokenizer=tokenizer,
        unet=UNet2DConditionModel(sample_size=64, cross_attention_dim=768),
        scheduler=small.scheduler,
        **unets.UNCHECKED,
    )
    pipe.to(torch.float16).save_pretrained(folder)
    return folder


def twin(folder: Path) -> Path:
    """Another U-Net of that size beside the same text encoder and VAE."""
    other = folder.with_name(f"{folder.name}-twin")
    shutil.copytree(folder, other, copy_function=os.link)
    (file,) = (other / "unet").glob("*.safetensors")
    tensors = load_file(file)
    file.unlink()
    save_file({name: tensor.flip(0) for name, tensor in tensors.items()}, file, {"format": "pt"})
    return other


def checkpoint(folder: Path) -> Path:
    """The same weights in a single file, in the layout of Stable Diffusion 1."""
    pipe = StableDiffusionPipeline.from_pretrained(folder, dtype=torch.float16, **unets.UNCHECKED)
    file = folder.with_suffix(".safetensors")
    save_file({name: tensor.contiguous() for name, tensor in ldm.sd15(pipe).items()}, file)
    return file
