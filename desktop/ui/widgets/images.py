"""Pictures on their way to the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QImage

if TYPE_CHECKING:
    from desktop.raster import Raster

FORMATS = {1: QImage.Format.Format_Grayscale8, 3: QImage.Format.Format_RGB888, 4: QImage.Format.Format_RGBA8888}


def to_image(raster: Raster) -> QImage:
    """A copy that is Qt's own."""
    height, width, channels = raster.pixels.shape
    pixels = raster.pixels.data if raster.pixels.flags.c_contiguous else raster.pixels.tobytes()
    return QImage(pixels, width, height, width * channels, FORMATS[channels]).copy()


def from_image(image: QImage) -> Raster:
    """8-bit RGB, or straight RGBA where the image has an alpha channel."""
    import numpy as np

    from desktop.raster import Raster

    channels = 4 if image.hasAlphaChannel() else 3
    image = image.convertToFormat(FORMATS[channels])
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return Raster(rows[:, : image.width() * channels].reshape(image.height(), image.width(), channels).copy())


def pasted_image(mime: QMimeData) -> QImage | None:
    image = mime.imageData() if mime.hasImage() else None
    return image if isinstance(image, QImage) and not image.isNull() else None
