"""Brush: how a brush is set."""

from __future__ import annotations

from dataclasses import dataclass

Color = tuple[int, int, int]  # sRGB


@dataclass(frozen=True)
class Brush:
    """`size` is the diameter in pixels of the canvas; the others are shares, 0 to 1, `spacing` of the size."""

    size: float = 50.0
    hardness: float = 0.7
    opacity: float = 1.0  # what a stroke covers at most
    flow: float = 1.0  # how much of that a single dab brings
    spacing: float = 0.1
    pressure_sizes: bool = True
    pressure_covers: bool = False
    tilt_widens: bool = False  # a pen that is laid down draws with its side
    curve: float = 1.0  # exponent of the pressure: above 1 asks for a firmer hand

    def felt(self, pressure: float) -> float:
        """The pressure as the curve says."""
        return min(max(pressure, 0.0), 1.0) ** self.curve
