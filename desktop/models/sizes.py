"""How large pictures are made: in what ratio of sides, and how large from a picture to start from."""

from __future__ import annotations

import math

MOST_OVER_NATIVE = 2  # times the model's own side: a larger picture to start from is scaled down
SMALLEST = 64  # pixels a side
CLOSE = 0.02  # a ratio that is off by this much still goes by its name: sides are rounded

_LANDSCAPES = ((5, 4), (4, 3), (3, 2), (16, 9), (21, 9))
RATIOS: dict[str, tuple[int, int]] = {
    "1:1": (1, 1),
    **{f"{long}:{short}": (long, short) for long, short in _LANDSCAPES},
    **{f"{short}:{long}": (short, long) for long, short in _LANDSCAPES},
}


def fit(native: int, step: int, width: int, height: int) -> tuple[int, int]:
    """The size of a run that starts from a picture of width x height, which may be more than the model can do."""
    scale = min(1.0, native * MOST_OVER_NATIVE / math.sqrt(width * height))
    return rounded(width * scale, step), rounded(height * scale, step)


def of_ratio(native: int, step: int, ratio: tuple[int, int]) -> tuple[int, int]:
    """Width and height in that ratio with about as many pixels as the model was trained on.

    Small models step coarsely: a size a step or two away may have a ratio that is closer.
    """
    across, down = ratio
    if across < down:
        height, width = of_ratio(native, step, (down, across))
        return width, height
    ideal = native * math.sqrt(down / across)
    heights = [rounded(ideal + more * step, step) for more in (0, 1, -1, 2, -2)]
    sizes = [(rounded(height * across / down, step), height) for height in heights]
    return next((size for size in sizes if _off(size, ratio) <= CLOSE), sizes[0])


def name_of(width: int, height: int) -> str:
    """The ratio's name in RATIOS, or nothing where none is close."""
    nearest = min(RATIOS, key=lambda name: _off((width, height), RATIOS[name]))
    return nearest if _off((width, height), RATIOS[nearest]) <= CLOSE else ""


def _off(size: tuple[int, int], ratio: tuple[int, int]) -> float:
    """How far the ratio is missed, as a share of it; the same for a landscape and its portrait."""
    found, wanted = size[0] * ratio[1], size[1] * ratio[0]
    return max(found, wanted) / min(found, wanted) - 1


def rounded(side: float, step: int) -> int:
    """The nearest side that the model can do."""
    return max(SMALLEST, round(side / step) * step)
