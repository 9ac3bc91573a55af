"""Fillings: what stands in a masked part before it is made, drawn from its surroundings.

Colours are height x width x 3. Holes are masks (see masks.py), and what is softly masked is softly filled.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

SMALL = 256  # pixels of the longer side that a filling is worked out at: it has no details
GREY = 127
RADII = (2, 8, 32, 128)  # pixels of SMALL that colours spread over, the nearest first
NEARER = 1e-2  # how much each of these counts beside the one before
NOTHING = 1e-12  # the weight of grey: it counts where there is no colour at all
LOOK = 5  # pixels beside a hole that the Navier-Stokes filling continues
SOFTEN = 6  # pixels that it is then blurred by


def filled(colors: np.ndarray, opacity: np.ndarray, hole: np.ndarray, filling: str) -> np.ndarray:
    """The picture (uint8) with its hole filled; what lets through shows the filling too."""
    import cv2  # here: it takes its time to import

    height, width = hole.shape
    scale = min(1.0, SMALL / max(width, height))
    small = max(1, round(width * scale)), max(1, round(height * scale))
    known = (1 - hole / 255) * (opacity / 255)
    if not known.any():
        known = opacity / 255  # there are no surroundings: what is there serves
    weight = cv2.resize(known.astype(np.float32), small, interpolation=cv2.INTER_AREA)
    weighted = cv2.resize((colors * known[..., None]).astype(np.float32), small, interpolation=cv2.INTER_AREA)
    inside = cv2.resize(FILLINGS[filling](weighted, weight), (width, height), interpolation=cv2.INTER_LINEAR)
    return mixed(colors, inside.round().clip(0, 255), through(hole, opacity))


def mixed(below: np.ndarray, above: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """uint8: `above` where the mask is 255, exactly `below` where it is 0."""
    share = mask.astype(np.uint32)[..., None]
    return ((above.astype(np.uint32) * share + below * (255 - share) + 127) // 255).astype(np.uint8)


def through(mask: np.ndarray, opacity: np.ndarray) -> np.ndarray:
    """A mask of how far what lies below a picture, or takes its place under a mask, is seen: 255 where it is empty."""
    return (255 - (255 - mask.astype(np.uint16)) * opacity // 255).astype(np.uint8)


def blur(weighted: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The colours nearby. Takes colours times their weight, and the weight; gives colours, float32."""
    import cv2

    colors, total = GREY * NOTHING, NOTHING
    for step, radius in enumerate(RADII):
        side = (2 * radius + 1, 2 * radius + 1)
        colors = colors + NEARER**step * cv2.blur(weighted, side)
        total = total + NEARER**step * cv2.blur(weight, side)
    return (colors / np.asarray(total)[..., None]).astype(np.float32)


def border(weighted: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The lines at the hole's border continued into it (Navier-Stokes), then blurred."""
    import cv2

    known = weight > 0.5
    near = blur(weighted, weight)
    if not known.any():
        return near
    colors = np.where(known[..., None], weighted / np.maximum(weight, 0.5)[..., None], near)
    hole = np.where(known, 0, 255).astype(np.uint8)
    continued = cv2.inpaint(colors.round().clip(0, 255).astype(np.uint8), hole, LOOK, cv2.INPAINT_NS)
    return cv2.blur(continued, (2 * SOFTEN + 1, 2 * SOFTEN + 1)).astype(np.float32)


def neutral(weighted: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return np.full_like(weighted, GREY)


FILLINGS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "blur": blur,
    "border": border,
    "neutral": neutral,
}
