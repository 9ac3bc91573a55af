"""Versions: which Sfumato this is, on what it stands, and for which devices torch is built; without importing it."""

from __future__ import annotations

import os
import platform
import re
import sys
from importlib import metadata

import psutil

from desktop import __version__

PACKAGES = ("torch", "torchvision", "diffusers", "transformers", "accelerate", "safetensors", "numpy", "pillow")
QT = "PySide6-Essentials"
NOT_HERE = "not here"  # of a package
BUILDS = {"cu": "CUDA", "rocm": "ROCm", "xpu": "XPU", "cpu": "CPU"}  # by what stands behind torch's version


def is_packaged() -> bool:
    """Rather than run from its source."""
    return bool(getattr(sys, "frozen", False))


def command() -> str:
    """What the command line is called: packages have a program of its own for it, since a window has no console."""
    return "sfumato-cli" if is_packaged() else "sfumato"


def flavour() -> str:
    """The devices that torch is built for, and its version."""
    version = of("torch")
    local = version.partition("+")[2]
    built = next((words for start, words in BUILDS.items() if local.startswith(start)), "")
    return f"{built or _unmarked_build()}, torch {version}"


def facts() -> dict[str, str]:
    """All of it by name, for reports."""
    memory = psutil.virtual_memory()
    return {
        "Sfumato": f"{__version__}, {'packaged' if is_packaged() else 'from source'}",
        "Python": platform.python_version(),
        "System": platform.platform(),
        "Processors": f"{os.cpu_count()}, {platform.machine()}",
        "Memory": f"{memory.total / 1e9:.1f} GB, {memory.available / 1e9:.1f} GB free",
        "Built for": flavour(),
        **{name: of(name) for name in (*PACKAGES, QT)},
    }


def of(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return NOT_HERE


def numbers(version: str) -> tuple[int, ...]:
    """For comparing: what comes before a release (1.2.0.dev3, 1.2rc1) is less than it. ValueError for what is none."""
    found = re.fullmatch(r"v?([0-9]{1,9}(?:\.[0-9]{1,9}){0,3})(.{0,60})", version.strip())
    if not found:
        raise ValueError(version)
    parts = [int(part) for part in found[1].split(".")]
    is_before = re.match(r"\.?-?(dev|a|b|rc|alpha|beta)", found[2])
    return (*parts, *[0] * (4 - len(parts)), 0 if is_before else 1)


def _unmarked_build() -> str:
    """As the package index has them: on Linux those for CUDA."""
    if sys.platform == "darwin":
        return "Metal"
    try:
        needed = metadata.requires("torch") or []
    except metadata.PackageNotFoundError:
        return "nothing"
    return "CUDA" if any(each.startswith(("nvidia-", "cuda-")) for each in needed) else "CPU"
