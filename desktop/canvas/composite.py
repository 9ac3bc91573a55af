"""Composite: layers become one picture. Exactly in numpy, or fast by Qt for the screen."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage, QPainter

from desktop.canvas.layer import Blend, Layer
from desktop.canvas.snapshot import Snapshot
from desktop.canvas.tiles import SIDE, Tile, area_of, keys_in, slices

LUMA = np.array([0.3, 0.59, 0.11], np.float32)  # as the W3C's compositing has them

Mix = Callable[[np.ndarray, np.ndarray], np.ndarray]  # of colours below and above, 0 to 1, 3 x height x width


def flatten(snapshot: Snapshot, area: QRect) -> np.ndarray:
    """All that is seen there: height x width x 4, straight RGBA, rounded once at the end."""
    return _blended(snapshot.pictured, area)


def merged(lower: Layer, upper: Layer, area: QRect) -> np.ndarray:
    """Both as one layer's pixels: height x width x 4."""
    return _blended([lower, upper], area)


def _blended(layers: list[Layer], area: QRect) -> np.ndarray:
    """Tile by tile: floats never take much memory, and where nothing is there is nothing to do."""
    pixels = np.zeros((area.height(), area.width(), 4), np.uint8)
    for key in keys_in(area):
        part = area_of(key) & area
        if there := [layer for layer in layers if layer.touches(part)]:
            below = np.zeros((4, part.height(), part.width()), np.float32)
            for layer in there:
                below = _over(below, _floats(layer.read(part)), layer)
            pixels[slices(part, area)] = _bytes(below)
    return pixels


def _floats(pixels: np.ndarray) -> np.ndarray:
    """From height x width x 4 to 4 x height x width, 0 to 1: numpy is several times faster along whole planes."""
    planes = np.moveaxis(pixels, 2, 0).astype(np.float32, order="C")
    planes /= 255
    return planes


def _bytes(planes: np.ndarray) -> np.ndarray:
    """The way back; what is wholly transparent has no colour."""
    rounded = planes * 255
    rounded = np.rint(rounded, out=rounded).astype(np.uint8)
    rounded *= rounded[3] > 0
    return np.ascontiguousarray(np.moveaxis(rounded, 0, 2))


def _over(below: np.ndarray, above: np.ndarray, layer: Layer) -> np.ndarray:
    """Straight RGBA over straight RGBA: co = cs as (1 - ab) + cb ab (1 - as) + as ab B(cb, cs), over its coverage."""
    color_below, alpha_below = below[:3], below[3]
    color, alpha = above[:3], above[3] * np.float32(layer.opacity)
    if layer.blend is Blend.ADD:  # the only one that adds coverage, too
        covered = np.minimum(alpha_below + alpha, 1)
        summed = np.minimum(color_below * alpha_below + color * alpha, covered)
    else:
        mixed = MIXES[layer.blend](color_below, color) if layer.blend in MIXES else color
        both = alpha_below * alpha
        covered = alpha_below + alpha - both
        summed = color * (alpha - both)
        summed += color_below * (alpha_below - both)
        summed += mixed * both
    summed /= np.maximum(covered, np.finfo(np.float32).tiny)
    return np.concatenate([summed, covered[np.newaxis]])


def _overlay(below: np.ndarray, above: np.ndarray) -> np.ndarray:
    return np.where(below <= 0.5, 2 * below * above, 1 - 2 * (1 - below) * (1 - above))


def _luma(color: np.ndarray) -> np.ndarray:
    return np.tensordot(LUMA, color, 1)


def _with_luma(color: np.ndarray, luma: np.ndarray) -> np.ndarray:
    """The colour at another lightness; brought back into range towards grey, which keeps its hue."""
    away = color - _luma(color)
    tiny = np.float32(1e-6)
    room = np.minimum(luma / np.maximum(-away.min(0), tiny), (1 - luma) / np.maximum(away.max(0), tiny))
    return luma + away * np.minimum(room, 1)


MIXES: dict[Blend, Mix] = {
    Blend.MULTIPLY: lambda below, above: below * above,
    Blend.SCREEN: lambda below, above: below + above - below * above,
    Blend.OVERLAY: _overlay,
    Blend.DARKEN: np.minimum,
    Blend.LIGHTEN: np.maximum,
    Blend.COLOR: lambda below, above: _with_luma(above, _luma(below)),
    Blend.LUMINOSITY: lambda below, above: _with_luma(below, _luma(above)),
}

# ---------------------------------------------------------------- for the screen

MODES = {
    Blend.NORMAL: QPainter.CompositionMode.CompositionMode_SourceOver,
    Blend.MULTIPLY: QPainter.CompositionMode.CompositionMode_Multiply,
    Blend.SCREEN: QPainter.CompositionMode.CompositionMode_Screen,
    Blend.OVERLAY: QPainter.CompositionMode.CompositionMode_Overlay,
    Blend.DARKEN: QPainter.CompositionMode.CompositionMode_Darken,
    Blend.LIGHTEN: QPainter.CompositionMode.CompositionMode_Lighten,
    Blend.ADD: QPainter.CompositionMode.CompositionMode_Plus,
}
SHOWN = QImage.Format.Format_ARGB32_Premultiplied
STRAIGHT = QImage.Format.Format_RGBA8888


def image_of(tile: Tile) -> QImage:
    """A tile of four channels, ready to be drawn."""
    return QImage(tile.pixels.data, SIDE, SIDE, 4 * SIDE, STRAIGHT).convertToFormat(SHOWN)


def draw(layers: list[Layer], area: QRect) -> QImage:
    """As `flatten`, within two steps of 255 (seldom more), some ten times faster; premultiplied."""
    image = QImage(area.size(), SHOWN)
    image.fill(0)
    for layer in layers:
        if layer.blend in MODES and not (layer.blend is Blend.ADD and layer.opacity < 1):
            _paint(image, layer, area)
        else:
            _mix(image, layer, area)
    return image


def _paint(image: QImage, layer: Layer, area: QRect) -> None:
    painter = QPainter(image)
    painter.setCompositionMode(MODES[layer.blend])
    painter.setOpacity(layer.opacity)
    offset = QPoint(*layer.offset)
    for key in keys_in(area.translated(-offset)):
        if tile := layer.plane.tiles.get(key):
            painter.drawImage(area_of(key).topLeft() + offset - area.topLeft(), image_of(tile))
    painter.end()


def _mix(image: QImage, layer: Layer, area: QRect) -> None:
    """The modes that Qt does not have; and a faint ADD, of which Qt would fade the clipped sum."""
    if not layer.touches(area):
        return
    straight = image.convertToFormat(STRAIGHT)
    width, height = area.width(), area.height()
    below = np.frombuffer(straight.constBits(), np.uint8).reshape(height, width, 4)
    mixed = _bytes(_over(_floats(below), _floats(layer.read(area)), layer))
    result = QImage(mixed.data, width, height, 4 * width, STRAIGHT)
    painter = QPainter(image)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
    painter.drawImage(0, 0, result)
    painter.end()
