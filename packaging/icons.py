"""Draws the program's icon in all its sizes and containers: `python packaging/icons.py` after its SVGs have changed.

Small ones have a drawing of their own, with fewer and larger parts that lie on the pixels.
"""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

ICONS = Path(__file__).parent.parent / "resources" / "icons"
SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
SMALL = 48  # up to this one the other drawing
WINDOWS_SIZES = (16, 24, 32, 48, 64, 128, 256)
MACOS_SIZES = (32, 64, 128, 256, 512, 1024)


def make(folder: Path) -> None:
    """Writes `sfumato-SIZE.png`, `sfumato.ico` and `sfumato.icns` there."""
    for size in SIZES:
        draw(size).save(folder / f"sfumato-{size}.png", optimize=True)
    _save(folder / "sfumato.ico", WINDOWS_SIZES)
    _save(folder / "sfumato.icns", MACOS_SIZES)


def draw(size: int) -> Image.Image:
    renderer = QSvgRenderer(str(ICONS / ("sfumato-small.svg" if size <= SMALL else "sfumato.svg")))
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # pyright: ignore[reportCallIssue, reportArgumentType]
    return Image.open(io.BytesIO(bytes(buffer.data().data())))


def _save(file: Path, sizes: tuple[int, ...]) -> None:
    """Each as it was drawn; Pillow makes those that it is not given of the largest."""
    *smaller, largest = map(draw, sizes)
    largest.save(file, sizes=[(size, size) for size in sizes], append_images=smaller)


if __name__ == "__main__":
    make(ICONS)
