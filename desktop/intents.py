"""What people want of the masked part of a picture, a row each."""

from __future__ import annotations

from dataclasses import dataclass

FEATHER = 40  # pixels, of a model of USUAL or more; fewer in proportion of a smaller one
USUAL = 512  # pixels a side


@dataclass(frozen=True)
class Intent:
    """What is to become of a masked part: what stands in it before it is made, and how much of that is kept."""

    label: str
    filling: str  # a key of filling.FILLINGS
    strength: float = 1.0  # where nobody chooses another
    refines: bool = True  # below full strength it starts from what is there, and only empty pixels are filled
    keeps: bool = False  # people mark what stays, and all else is made


INTENTS: dict[str, Intent] = {
    "fill": Intent("Fill", "blur"),
    "add": Intent("Add", "neutral"),
    "remove": Intent("Remove", "border", 0.7, refines=False),  # the rest keeps what the border has grown into it
    "expand": Intent("Expand", "border", refines=False),
    "background": Intent("Replace background", "neutral", keeps=True),
}


def usual_feather(native: int) -> float:
    """How many pixels a change may reach beyond the masked part, where nobody chooses, for a model of that side."""
    return FEATHER * min(1.0, native / USUAL)
