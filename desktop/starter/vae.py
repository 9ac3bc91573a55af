"""The autoencoder: 128 x 128 x 3 pictures to 32 x 32 x 4 latents and back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from torch import Tensor, nn

from desktop.starter.data import SIZE, Data, to_tensor
from desktop.starter.learn import Plan, autocast, device, learn

FACTOR = 4  # how much smaller a latent is than its picture
SCALE = 0.18215  # Stable Diffusion's: latents times this have mean 0 and variance 1
KL_WEIGHT = 3e-4
CARRIERS = 8
CONSTANT = 3.0


SHAPE: dict[str, Any] = {
    "block_out_channels": (16, 32, 64),
    "down_block_types": ("DownEncoderBlock2D",) * 3,
    "up_block_types": ("UpDecoderBlock2D",) * 3,
    "latent_channels": 4,
    "layers_per_block": 1,
    "norm_num_groups": 2,
    "sample_size": SIZE,
    "mid_block_add_attention": False,  # over 1024 places it takes a quarter of the time and gives little
    "scaling_factor": SCALE,
}


@torch.no_grad()
def start_as_average_pool(vae: Any, sample: Tensor) -> None:
    """Initial weights with which the autoencoder already averages blocks of pixels and enlarges them again.

    Eight carrier channels (r, -r, g, -g, b, -b, k, -k) are copied through the trunk. Pairs survive the last activation,
    as silu(x) - silu(-x) = x, and the constant k keeps the last group norm from rescaling them. Training then only has
    to add detail; from random weights it spends its first several hundred steps on finding this path.
    """
    for module in vae.modules():
        kind = type(module).__name__
        if kind == "ResnetBlock2D":
            nn.init.zeros_(module.conv2.weight)
            nn.init.zeros_(module.conv2.bias)
            if module.conv_shortcut is not None:
                _copy_carriers(module.conv_shortcut, [(0, 0)])
        elif kind == "Downsample2D":
            _copy_carriers(module.conv, [(0, 0), (0, 1), (1, 0), (1, 1)])
        elif kind == "Upsample2D":
            _copy_carriers(module.conv, [(1, 1)])
    for part in (vae.encoder, vae.decoder):
        _pairs_in(part.conv_in)
        _pairs_out(part.conv_out)
    vae.encoder.conv_out.weight[4:] = 0
    vae.encoder.conv_out.bias[4:] = -6  # little noise at first
    for conv in (vae.quant_conv, vae.post_quant_conv):
        conv.weight.copy_(torch.eye(conv.in_channels)[:, :, None, None])
        conv.bias.zero_()
    latent = 2 * F.avg_pool2d(sample, FACTOR)
    _match(vae.encoder, sample, latent)
    _match(vae.decoder, F.pad(latent, (0, 0, 0, 0, 0, 1)), sample)


def _copy_carriers(conv: Any, taps: list[tuple[int, int]]) -> None:
    conv.weight[:CARRIERS] = 0
    conv.bias[:CARRIERS] = 0
    for channel in range(CARRIERS):
        for y, x in taps:
            conv.weight[channel, channel, y, x] = 1 / len(taps)


def _pairs_in(conv: Any) -> None:
    conv.weight[:CARRIERS] = 0
    conv.bias[:CARRIERS] = 0
    for c in range(3):
        conv.weight[2 * c, c, 1, 1], conv.weight[2 * c + 1, c, 1, 1] = 1, -1
    conv.bias[6], conv.bias[7] = CONSTANT, -CONSTANT


def _pairs_out(conv: Any) -> None:
    conv.weight[:3] = 0
    conv.bias[:3] = 0
    for c in range(3):
        conv.weight[c, 2 * c, 1, 1], conv.weight[c, 2 * c + 1, 1, 1] = 1, -1


def _match(part: Any, given: Tensor, wanted: Tensor) -> None:
    """Undoes what the last norm divides by."""
    made = part(given)[:, :3]
    part.conv_out.weight[:3] *= (made * wanted[:, :3]).sum() / made.square().sum()


def picture_loss(made: Tensor, true: Tensor) -> Tensor:
    """L1 on pixels plus L1 on edges at three scales: sharp outlines without a pretrained network."""
    loss = F.l1_loss(made, true)
    for _ in range(3):
        for side in (2, 3):
            loss = loss + 0.5 * F.l1_loss(made.diff(dim=side), true.diff(dim=side))
        made, true = F.avg_pool2d(made, 2), F.avg_pool2d(true, 2)
    return loss + F.l1_loss(made, true)


def train_vae(out: Path, data: Data, plan: Plan) -> None:
    torch.manual_seed(0)
    held_out = to_tensor(data.pixels[data.train :][:64])
    vae: Any = AutoencoderKL(**SHAPE)
    start_as_average_pool(vae, held_out)
    _place(vae)
    held_out = held_out.to(device())

    def loss() -> Tensor:
        true = _pictures(data.pixels[_some(data.train, plan.batch)])
        with autocast():
            mean, logvar = vae.quant_conv(vae.encoder(true)).float().chunk(2, 1)
            logvar = logvar.clamp(-20, 10)
            latent = mean + torch.randn_like(mean) * (0.5 * logvar).exp()
            made = vae.decoder(vae.post_quant_conv(latent)).float()
        kl = 0.5 * (mean.square() + logvar.exp() - 1 - logvar).mean()
        return picture_loss(made, true) + KL_WEIGHT * kl

    def save(average: Any) -> None:
        with torch.inference_mode():
            made = average(held_out).sample.clamp(-1, 1)
        error = (made - held_out).square().mean() / 4
        print(f"pictures not seen: PSNR {-10 * error.log10():.2f} dB", flush=True)
        average.save_pretrained(out / "vae")

    learn(vae, plan, loss, out / "vae", save)


def load_vae(folder: Path) -> Any:
    return _place(AutoencoderKL.from_pretrained(folder)).eval()


def reconstruct(vae: Any, pixels: np.ndarray) -> Iterator[Tensor]:
    """What is left of pictures (uint8 N x H x W x 3) after the autoencoder, in batches, float in -1..1."""
    for i in range(0, len(pixels), 50):
        with torch.inference_mode(), autocast():
            yield vae(_pictures(pixels[i : i + 50])).sample.float().clamp(-1, 1)


@torch.inference_mode()
def encode(out: Path, data: Data) -> None:
    """Writes the latents of every picture, and folds their normalisation into the autoencoder in `out`.

    Folding twice changes nothing, so an interrupted run may simply start over.
    """
    vae, latents = load_vae(out / "vae"), []
    for i in range(0, data.count, 50):
        with autocast():
            latents.append(vae.encode(_pictures(data.pixels[i : i + 50])).latent_dist.mode().float().cpu())
    latents = torch.cat(latents)
    mean, std = latents.mean((0, 2, 3)), latents.std((0, 2, 3))
    fold(vae, mean.to(device()), std.to(device()))
    vae.save_pretrained(out / "vae")
    torch.save(((latents - mean[:, None, None]) / std[:, None, None]).half(), out / "latents.pt")


@torch.no_grad()
def fold(vae: Any, mean: Tensor, std: Tensor) -> None:
    """Makes latents that have this mean and deviation per channel come out with mean 0 and deviation 1 / SCALE."""
    gain = 1 / (std * SCALE)
    into, back = vae.quant_conv, vae.post_quant_conv
    into.weight[:4] *= gain[:, None, None, None]
    into.bias[:4] = (into.bias[:4] - mean) * gain
    into.bias[4:] += 2 * gain.log()  # the second half is the log of the variance
    back.bias += back.weight[:, :, 0, 0] @ mean
    back.weight /= gain[None, :, None, None]


def _some(count: int, batch: int) -> np.ndarray:
    return torch.randint(0, count, (batch,)).sort().values.numpy()


def _place(vae: Any) -> Any:
    return vae.to(device(), memory_format=torch.channels_last)


def _pictures(pixels: np.ndarray) -> Tensor:
    return to_tensor(pixels).to(device(), memory_format=torch.channels_last)
