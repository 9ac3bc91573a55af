"""The U-Net, which learns to take noise out of latents as a caption asks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers.models.attention_processor import AttnProcessor
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from torch import Tensor, nn
from transformers import CLIPTextModel

from desktop.starter.data import CAPTIONS_PER_PICTURE, SIZE, Data
from desktop.starter.learn import STATE, Plan, autocast, device, learn
from desktop.starter.text import TEXT_WIDTH
from desktop.starter.tokenizer import load_tokenizer, tokenize
from desktop.starter.vae import FACTOR

NOISE: dict[str, Any] = {
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    # without zero SNR the noisiest latents still betray the mean of the picture, and sampling then takes the time of
    # day from the noise instead of from the prompt
    "rescale_betas_zero_snr": True,
    "prediction_type": "v_prediction",
    "clip_sample": False,
    "set_alpha_to_one": False,
    "timestep_spacing": "trailing",
    "steps_offset": 1,
}
NO_CAPTION = 0.1  # the share of pictures that are learned without one, for guidance


def new_unet() -> UNet2DConditionModel:
    """Attention where it is cheap (8 x 8 and 4 x 4); every residual branch starts at zero."""
    unet = UNet2DConditionModel(
        sample_size=SIZE // FACTOR,
        block_out_channels=(48, 80, 128, 160),
        layers_per_block=1,
        norm_num_groups=16,
        cross_attention_dim=TEXT_WIDTH,
        attention_head_dim=4,
        down_block_types=("DownBlock2D", "DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D", "UpBlock2D"),
    )
    last_of = {"ResnetBlock2D": "conv2", "Transformer2DModel": "proj_out"}
    ends = [getattr(m, last_of[type(m).__name__]) for m in unet.modules() if type(m).__name__ in last_of]
    for module in [*ends, unet.conv_out]:
        nn.init.zeros_(module.weight)
        nn.init.zeros_(module.bias)
    return unet


def train_unet(out: Path, data: Data, plan: Plan) -> None:
    """Starts from the U-Net that lies in `out`, if there is one."""
    tokenizer = load_tokenizer(out / "tokenizer")
    text: Any = CLIPTextModel.from_pretrained(out / "text_encoder")
    text.eval().requires_grad_(False).to(device())
    unet: Any = _first_unet(out / "unet")
    unet.to(device())
    unet.set_attn_processor(AttnProcessor())  # a fifth faster than sdpa in bf16 on a processor
    ids, empty = data.tokens(tokenizer).to(device()), tokenize(tokenizer, [""]).to(device())
    latents = torch.load(out / "latents.pt", weights_only=True).to(device())
    alphas = DDIMScheduler(**NOISE).alphas_cumprod.to(device())
    snr = alphas / (1 - alphas)
    weight = (snr.clamp(max=5) + 1) / (snr + 1)  # min-SNR-5 for v-prediction

    def loss() -> Tensor:
        chosen = torch.randint(0, len(latents), (plan.batch,), device=device())
        clean = latents[chosen].float()
        noise = torch.randn_like(clean)
        words = ids[chosen, torch.randint(0, CAPTIONS_PER_PICTURE, (plan.batch,), device=device())]
        words = torch.where(torch.rand(plan.batch, 1, device=device()) < NO_CAPTION, empty, words)
        t = _spread_times(plan.batch)
        a = alphas[t, None, None, None]
        with autocast():
            made = unet(a.sqrt() * clean + (1 - a).sqrt() * noise, t, text(words).last_hidden_state).sample.float()
        error = (made - (a.sqrt() * noise - (1 - a).sqrt() * clean)).square().mean((1, 2, 3))
        return (weight[t] * error).mean()

    learn(unet, plan, loss, out / "unet", lambda average: average.save_pretrained(out / "unet"))


def _first_unet(folder: Path) -> UNet2DConditionModel:
    torch.manual_seed(4)
    if (folder / "config.json").exists() and not (folder / STATE).exists():
        return UNet2DConditionModel.from_pretrained(folder)
    return new_unet()


def _spread_times(batch: int) -> Tensor:
    """Timesteps spread evenly over all of them: less noise in the loss than by free choice."""
    spread = torch.arange(batch, device=device()) + torch.rand(1, device=device())
    return (spread * 1000 / batch).long() % 1000
