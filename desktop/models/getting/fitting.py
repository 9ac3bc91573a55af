"""Which of a model's choices suit this machine's memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from desktop.models.getting.offer import Choice

HALVES = ("fp16", "bf16", "f16")
WORK = 1_500_000_000  # bytes beside the weights, for a picture on its way
SHARE = 0.9  # of all memory that one program may count on


class Fit(StrEnum):
    """How well weights fit."""

    FITS = "fits"
    LATER = "fits when other programs are closed"
    SLOWLY = "does not fit at once: parts wait in the computer's memory, which is slow"
    NOT = "too large for this computer"


@dataclass(frozen=True)
class Memory:
    """In bytes, of what computes the pictures; `spare` is the computer's own, where that is another one."""

    total: int
    free: int
    spare: int = 0


def fit(weights: int, memory: Memory) -> Fit:
    """Of so many bytes."""
    needed = weights + WORK
    if needed <= min(memory.free, memory.total * SHARE):
        return Fit.FITS
    if needed <= memory.total * SHARE:
        return Fit.LATER
    return Fit.SLOWLY if needed <= memory.spare * SHARE else Fit.NOT


def best(choices: Sequence[Choice], memory: Memory) -> Choice | None:
    """The largest that fits well, else the smallest; none that should not be had.

    Half precision is large enough: there the engine computes in it, and full is made half when it is read.
    """
    sound = [choice for choice in choices if not choice.problem and choice.kind == choices[0].kind]
    for wanted in (Fit.FITS, Fit.LATER):
        if fitting := [choice for choice in sound if fit(choice.bytes, memory) == wanted]:
            return max(fitting, key=lambda choice: (choice.precision.lower() in HALVES, choice.bytes))
    return min(sound, key=lambda choice: choice.bytes, default=None)
