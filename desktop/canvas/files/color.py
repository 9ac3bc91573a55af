"""Colour: pictures come in as sRGB and go out in the profile that they had."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageCms

from desktop.raster import BROKEN, Raster

SRGB = ImageCms.createProfile("sRGB")
COLOR_SPACE = slice(16, 20)  # where in a profile its name is
DIRECT = ("L", "RGB", "CMYK")  # modes that a profile can be applied to as they are


def of_image(image: Image.Image) -> tuple[Raster, bytes | None]:
    """In sRGB, and the profile it had if that is one for RGB. One that does not fit is as if it were not there."""
    raster, data = Raster.of(image), image.info.get("icc_profile")
    if not isinstance(data, bytes):
        return raster, None
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
        pixels = np.asarray(_converted(_without_alpha(image), profile, SRGB))
    except (ImageCms.PyCMSError, *BROKEN):
        return raster, None
    if raster.pixels.shape[2] == 4:
        pixels = np.dstack([pixels, raster.pixels[..., 3]])
    return Raster(pixels), data if data[COLOR_SPACE] == b"RGB " else None


def in_profile(image: Image.Image, data: bytes | None) -> tuple[Image.Image, bytes | None]:
    """From sRGB, RGB or RGBA; and the profile that it is in now: None where nothing can be turned into that one."""
    if data is None:
        return image, None
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
        return _converted(image, SRGB, profile), data
    except (ImageCms.PyCMSError, *BROKEN):
        return image, None


def srgb() -> bytes:
    """The profile, to be put into files."""
    return ImageCms.ImageCmsProfile(SRGB).tobytes()


def _converted(image: Image.Image, source: ImageCms.ImageCmsProfile, target: ImageCms.ImageCmsProfile) -> Image.Image:
    """As other programs do it unless told otherwise."""
    converted = ImageCms.profileToProfile(
        image,
        source,
        target,
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGBA" if image.mode == "RGBA" else "RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    assert converted  # None is for work in place
    return converted


def _without_alpha(image: Image.Image) -> Image.Image:
    if image.mode == "LA":
        return image.convert("L")
    plain = image if image.mode in DIRECT else Raster.of(image).image()
    return plain.convert("RGB") if plain.mode == "RGBA" else plain
