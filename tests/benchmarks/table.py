"""Measuring two things in turn, and a row of a table for each pair."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from importlib.metadata import version
from statistics import median

import torch

PAIRS = 7


def heading(title: str) -> None:
    """What the numbers depend on, and the columns."""
    load = f"{os.getloadavg()[0]:.2f}" if hasattr(os, "getloadavg") else "unknown"
    versions = ", ".join(f"{name} {version(name)}" for name in ("torch", "diffusers", "transformers"))
    print(f"\n{title}\n{platform.machine()}, {torch.get_num_threads()} threads, load {load}; {versions}")
    print(f"{'':46} {'ours':>28} {'baseline':>28} {'ratio':>22}  goal", flush=True)


def compare(
    name: str,
    ours: Callable[[], float],
    baseline: Callable[[], float],
    goal: str,
    unit: str = "s",
    pairs: int = PAIRS,
) -> float:
    """Runs both, which return what they cost, in turn, A B A B, once each uncounted; returns the median ratio."""
    ours()
    baseline()
    rows = [(ours(), baseline()) for _ in range(pairs)]
    return row(name, [a for a, _ in rows], [b for _, b in rows], goal, unit)


def row(name: str, ours: list[float], baseline: list[float], goal: str, unit: str = "s") -> float:
    """What both have cost, each measured beside its neighbour; returns the median ratio."""
    ratios = [a / b for a, b in zip(ours, baseline, strict=True)]
    columns = [_spread(ours, unit), _spread(baseline, unit), _spread(ratios, "")]
    load = f"{os.getloadavg()[0]:.2f}" if hasattr(os, "getloadavg") else "unknown"
    print(f"{name:46} {columns[0]:>28} {columns[1]:>28} {columns[2]:>22}  {goal}  (load {load})", flush=True)
    return median(ratios)


def seconds(work: Callable[[], object]) -> Callable[[], float]:
    """`work`, returning how long it took."""

    def timed() -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return timed


def _spread(values: list[float], unit: str) -> str:
    return f"{median(values):.3f} ({min(values):.3f}-{max(values):.3f}) {unit}".strip()
