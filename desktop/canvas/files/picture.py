"""Pictures in one layer: PNG, JPEG, WebP, TIFF and AVIF, with their colour profiles."""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import ImageOps

from desktop.canvas.files import color
from desktop.canvas.files.disk import put
from desktop.errors import UserError
from desktop.raster import BROKEN, Raster, opened

KINDS = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".avif": "AVIF",
}
OPTIONS: dict[str, dict[str, Any]] = {  # qualities are of 100: what is lost is not seen without magnifying
    "PNG": {"compress_level": 4},  # 6 takes twice as long for 3 % less
    "JPEG": {"quality": 92, "subsampling": "4:4:4"},  # coarser colour frays the edges of what is painted
    "WEBP": {"quality": 92},
    "TIFF": {"compression": "tiff_adobe_deflate"},
    "AVIF": {"quality": 85, "subsampling": "4:4:4", "speed": 8},  # 6 takes twice as long for 8 % less
}
MOST_SIDE = {"JPEG": 65500, "WEBP": 16383, "AVIF": 65535}  # pixels that these formats can count


@dataclass(frozen=True, eq=False)
class Picture:
    """Pixels in sRGB, and the profile that the file had or shall have; None: sRGB."""

    raster: Raster
    profile: bytes | None = None


def read(file: Path) -> Picture:
    """The right way up. Raises UserError."""
    with opened(file) as image:
        image.load()
        with suppress(*BROKEN):  # notes that cannot be read do not hide the picture
            image = ImageOps.exif_transpose(image)
        return Picture(*color.of_image(image))


def write(file: Path, picture: Picture) -> None:
    """As the file's name says; where there is no transparency, it becomes white. Raises UserError."""
    kind = KINDS[file.suffix.lower()]
    _check_sides(picture.raster, kind)
    raster = picture.raster.rgb() if kind == "JPEG" or _is_opaque(picture.raster) else picture.raster
    image, profile = color.in_profile(raster.image(), picture.profile)
    stream = io.BytesIO()
    image.save(stream, kind, icc_profile=profile, **OPTIONS[kind])
    put(file, stream.getvalue())


def _is_opaque(raster: Raster) -> bool:
    return raster.pixels.shape[2] < 4 or bool((raster.pixels[..., 3] == 255).all())


def _check_sides(raster: Raster, kind: str) -> None:
    most = MOST_SIDE.get(kind)
    if most and max(raster.width, raster.height) > most:
        message = f"{raster.width} × {raster.height} pixels are too many for {kind}: at most {most} a side."
        raise UserError(message, "Save it as PNG or TIFF.")
