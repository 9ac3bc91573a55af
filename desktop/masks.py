"""Masks: how far each pixel of a picture may change. uint8, height x width: 0 not at all, 255 wholly.

Two are made of the one that people paint. The denoising mask is wide: along its slope each latent pixel joins at a
noise level of its own. The compositing mask is narrow: it says where what was made is seen, and nothing else changes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from desktop.errors import UserError
from desktop.raster import Raster

NARROW = 0.6  # the compositing mask's reach as a share of the denoising mask's: see tests/benchmarks/inpaint.py
DISC = 8  # radius of the largest single dilation: several small ones are faster than one large one


def from_picture(picture: Raster) -> Raster:
    """A mask of any picture: its brightness, and black where it is transparent."""
    grey = np.asarray(picture.image().convert("LA"), np.uint16)
    return Raster(((grey[..., :1] * grey[..., 1:] + 127) // 255).astype(np.uint8))


def inverted(mask: Raster) -> Raster:
    return Raster(255 - mask.pixels)


def opacity(picture: Raster) -> np.ndarray:
    """The picture's alpha; 255 throughout where it has none."""
    if picture.pixels.shape[2] == 4:
        return picture.pixels[..., 3]
    return np.full(picture.pixels.shape[:2], 255, np.uint8)


def has_empty_pixels(picture: Raster) -> bool:
    return picture.pixels.shape[2] == 4 and not picture.pixels[..., 3].all()


def change(picture: Raster, mask: Raster | None) -> np.ndarray:
    """How far each pixel is to change: as the mask says, and wholly where the picture is empty. Raises UserError."""
    empty = 255 - opacity(picture)
    if mask is None:
        return empty
    if mask.pixels.shape != (picture.height, picture.width, 1):
        shapes = [f"{each.width} x {each.height}" for each in (mask, picture)]
        hint = "A mask is a grey picture of the picture's own size: white changes, black stays."
        raise UserError(f"The mask of {shapes[0]} does not belong to the picture of {shapes[1]}.", hint)
    wanted = np.maximum(mask.pixels[..., 0], empty)
    if not wanted.any():
        raise UserError("The mask is black: nothing is to change.", "Paint white what is to be made anew.")
    return wanted


@dataclass(frozen=True)
class Masks:
    """Where an area is made anew, and where that is seen."""

    denoise: np.ndarray
    composite: np.ndarray


def feathered(wanted: np.ndarray, feather: float) -> Masks:
    """Both masks, of how far each pixel is to change; neither reaches further than `feather` pixels beyond that."""
    return Masks(sloped(wanted, feather), sloped(wanted, feather * NARROW))


def sloped(mask: np.ndarray, reach: float) -> np.ndarray:
    """As strong as before everywhere, and beyond sinking to 0 within `reach` pixels.

    Grown by a disc, then blurred by a square that fits into the disc.
    """
    import cv2  # here: it takes its time to import

    grow = int(reach / 2)
    blur = int(grow / math.sqrt(2))
    for radius in _parts(grow, DISC):
        mask = cv2.dilate(mask, _disc(radius))
    for radius in (blur // 2, blur - blur // 2):  # twice: a slope without corners
        mask = cv2.blur(mask, (2 * radius + 1, 2 * radius + 1), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(mask, np.uint8)


def _disc(radius: int) -> np.ndarray:
    across = np.arange(-radius, radius + 1) ** 2
    return (across[:, None] + across[None] <= radius**2).astype(np.uint8)


def _parts(whole: int, most: int) -> list[int]:
    return [most] * (whole // most) + ([whole % most] if whole % most else [])
