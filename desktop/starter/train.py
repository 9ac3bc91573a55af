"""Trains the starter model: a small text-to-image model with the layout of Stable Diffusion 1.x, from nothing.

    python -m desktop.starter.train OUT              every stage that OUT does not hold yet
    python -m desktop.starter.train OUT --only unet  this stage, whatever OUT holds

The model lands in OUT/model. A stage that was stopped goes on where it last saved. Most of the time goes into the
U-Net, on two processor cores some four hours; `--only unet` goes on from a U-Net that lies in OUT/unet already.
"""

from __future__ import annotations

import argparse
import os

# Threads that spin while they wait cost up to ten times the speed when another program shares the processor.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from transformers import CLIPTextModel

from desktop.starter.data import Data
from desktop.starter.learn import Plan, is_learning
from desktop.starter.reader import train_reader
from desktop.starter.text import train_text
from desktop.starter.tokenizer import load_tokenizer, make_tokenizer
from desktop.starter.unet import NOISE, train_unet
from desktop.starter.vae import encode, train_vae


@dataclass(frozen=True)
class Course:
    """How much is rendered, and how long each part learns from that."""

    pictures: int
    vae: Plan
    text: Plan
    unet: Plan
    reader: Plan


COURSE = Course(
    pictures=40_000,
    vae=Plan(steps=4000, batch=8, rate=2.5e-4),  # a higher rate destroys the weights that it starts from
    text=Plan(steps=1100, batch=128, rate=1.2e-3),
    unet=Plan(steps=11_000, batch=32, rate=8e-4),  # the shipped one: 4000, on top of an earlier one
    reader=Plan(steps=1000, batch=64, rate=2e-3),
)
PRODUCTS = {  # what each stage leaves in OUT, in the order of the stages
    "data": "pixels.npy",
    "tokenizer": "tokenizer/vocab.json",
    "vae": "vae/config.json",
    "latents": "latents.pt",
    "text": "text_encoder/config.json",
    "unet": "unet/config.json",
    "reader": "reader/reader.safetensors",
    "model": "model/reader.safetensors",
}


def train(out: Path, course: Course, only: str | None = None) -> None:
    """Runs the stages that are not done, or `only` one."""
    out.mkdir(parents=True, exist_ok=True)
    stages = _stages(out, course)
    for name in [only] if only else PRODUCTS:
        if only or not is_done(out, course, name):
            print(f"{name} ...", flush=True)
            stages[name]()


def is_done(out: Path, course: Course, stage: str) -> bool:
    product, plan = out / PRODUCTS[stage], getattr(course, stage, None)
    return product.exists() and not (plan and is_learning(product.parent, plan))


def _stages(out: Path, course: Course) -> dict[str, Callable[[], object]]:
    data = Data(out, course.pictures)
    return {
        "data": lambda: data.pixels,
        "tokenizer": lambda: make_tokenizer(out / "tokenizer", (text for group in data.captions for text in group)),
        "vae": lambda: train_vae(out, data, course.vae),
        "latents": lambda: encode(out, data),
        "text": lambda: train_text(out, data, course.text),
        "unet": lambda: train_unet(out, data, course.unet),
        "reader": lambda: train_reader(out, data, course.reader),
        "model": lambda: assemble(out),
    }


def assemble(out: Path) -> None:
    """Writes OUT/model: what `resources/starter` holds, in half precision."""
    parts: dict[str, Any] = {
        "vae": AutoencoderKL.from_pretrained(out / "vae"),
        "text_encoder": CLIPTextModel.from_pretrained(out / "text_encoder"),
        "tokenizer": load_tokenizer(out / "tokenizer"),
        "unet": UNet2DConditionModel.from_pretrained(out / "unet"),
        "scheduler": DDIMScheduler(**NOISE),
        "safety_checker": None,
        "feature_extractor": None,
    }
    for name in ("vae", "unet"):
        parts[name].register_to_config(_name_or_path="starter")  # and not the folder of whoever trained it
    pipeline = StableDiffusionPipeline(**parts, requires_safety_checker=False)
    pipeline.to(dtype=torch.float16).save_pretrained(out / "model")
    for name in ("vocab.json", "merges.txt"):  # transformers 5 leaves them out; older readers want them
        shutil.copy(out / "tokenizer" / name, out / "model" / "tokenizer" / name)
    shutil.copy(out / "reader" / "reader.safetensors", out / "model")


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", choices=PRODUCTS)
    arguments = parser.parse_args(words)
    train(arguments.out, COURSE, arguments.only)


if __name__ == "__main__":
    main()
