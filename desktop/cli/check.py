"""`sfumato check`: versions, devices, memory, and a starter picture through the real engine."""

from __future__ import annotations

import argparse
import platform
from contextlib import closing
from importlib.metadata import version

import psutil

import desktop
from desktop import app
from desktop.cli.terminal import follow
from desktop.engine.api import Job
from desktop.recipe import Recipe

PACKAGES = ("torch", "diffusers", "transformers", "accelerate", "safetensors", "numpy", "pillow")
PROMPT = "a house with a red roof in front of snowy mountains at sunset"


def run(options: argparse.Namespace) -> int:
    """0 only if a picture comes out. Raises UserError if none does."""
    _row("Sfumato", desktop.__version__)
    _row("Python", f"{platform.python_version()} on {platform.platform()}")
    for package in PACKAGES:
        _row(package, version(package))
    for name, description in app.describe_devices().items():
        _row(name, description)
    _row("memory", f"{psutil.virtual_memory().total / 1e9:.1f} GB")
    model = app.make_catalog().find("starter")
    family = model.family
    recipe = Recipe(model.id, PROMPT, model.native, model.native, family.steps, family.guidance, family.sampler, seed=1)
    with closing(app.make_engine(options.engine, options.device, options.precision)) as engine:
        produced, finished = follow(engine, Job(recipe, {model.id: model.path}))
    _row(
        "picture",
        f"{produced.picture.width} x {produced.picture.height} on {produced.made['device']}, {produced.made['dtype']}",
    )
    for phase, seconds in finished.seconds.items():
        _row(f"  {phase}", f"{seconds:.2f} s")
    _row("  peak memory", f"{finished.peak_bytes / 1e6:.0f} MB")
    print("All works.")
    return 0


def _row(name: str, value: str) -> None:
    print(f"{name:14} {value}", flush=True)
