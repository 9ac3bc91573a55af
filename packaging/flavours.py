"""The builds of torch that Sfumato is packaged with, a row each."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

PUBLISHED = "https://download.pytorch.org/whl/"


@dataclass(frozen=True)
class Flavour:
    name: str
    index: str  # where PyTorch publishes such builds, below PUBLISHED; none: the usual registry has them
    left_out: tuple[str, ...] = ()  # files that no way of making pictures opens, by patterns of their names


TRITON = "triton/*"  # compiles kernels for `torch.compile`, which is not used
FLAVOURS = {
    flavour.name: flavour
    for flavour in (
        Flavour("cpu", "cpu"),
        Flavour(
            "cuda",
            "cu130",
            (
                TRITON,
                "*cusolverMg*",  # of cuSOLVER, for several devices at once: torch is not linked to it
                "*nvperf_*",  # of the profiler
                "*pcsamplingutil*",
                "*checkpoint.so*",
                "nvidia/nvshmem/lib/nvshmem_*",  # how several machines find each other
                "*.bc",  # NVSHMEM for those who compile kernels
            ),
        ),
        Flavour("rocm", "rocm7.0", (TRITON,)),
        Flavour("mps", ""),
        Flavour("xpu", "xpu", (TRITON,)),
    )
}


def at_hand() -> tuple[Flavour, str]:
    """That of the torch installed here, and its version, `+` its index if it is from one; else a plain one."""
    found = find_spec("torch")
    if not found or not found.origin:
        return FLAVOURS["mps" if sys.platform == "darwin" else "cpu"], ""
    facts = runpy.run_path(str(Path(found.origin).with_name("version.py")))  # to import torch takes seconds
    return FLAVOURS[told_by(facts)], metadata.version("torch")


def told_by(facts: Mapping[str, Any]) -> str:
    """The name, from what torch says of its build."""
    if sys.platform == "darwin":
        return "mps"
    built_for = {"cuda": "cuda", "rocm": "hip", "xpu": "xpu"}
    return next((name for name, key in built_for.items() if facts.get(key)), "cpu")
