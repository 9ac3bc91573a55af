"""What people want of the masked part of a picture, a row each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Intent:
    """What is to become of a masked part: what stands in it before it is made, and how much of that is kept."""

    label: str
    filling: str  # a key of filling.FILLINGS
    strength: float = 1.0  # where nobody chooses another
    refines: bool = True  # below full strength it starts from what is there, and only empty pixels are filled


INTENTS: dict[str, Intent] = {
    "fill": Intent("Fill", "blur"),
    "add": Intent("Add", "neutral"),
    "remove": Intent("Remove", "border", 0.7, refines=False),  # the rest keeps what the border has grown into it
    "expand": Intent("Expand", "border", refines=False),
    "background": Intent("Replace background", "neutral"),
}
