"""Photoshop's files: out, with layers."""

from __future__ import annotations

import io
from pathlib import Path

from psd_tools import PSDImage
from psd_tools.api.layers import PixelLayer
from psd_tools.constants import BlendMode, ProtectedFlags, Resource, Tag
from psd_tools.psd.image_resources import ImageResource
from PySide6.QtCore import QRect

from desktop.canvas.files import color
from desktop.canvas.files.disk import put
from desktop.canvas.files.extent import extent, filled, flattened
from desktop.canvas.layer import Blend, Layer
from desktop.canvas.snapshot import Snapshot
from desktop.errors import UserError
from desktop.raster import Raster

MOST_SIDE = 30_000  # pixels
MOST_BYTES = 2**31 - 1
LONGEST_NAME = 255  # characters
BLENDS = {
    Blend.NORMAL: BlendMode.NORMAL,
    Blend.MULTIPLY: BlendMode.MULTIPLY,
    Blend.SCREEN: BlendMode.SCREEN,
    Blend.OVERLAY: BlendMode.OVERLAY,
    Blend.DARKEN: BlendMode.DARKEN,
    Blend.LIGHTEN: BlendMode.LIGHTEN,
    Blend.ADD: BlendMode.LINEAR_DODGE,
    Blend.COLOR: BlendMode.COLOR,
    Blend.LUMINOSITY: BlendMode.LUMINOSITY,
}


def write(file: Path, snapshot: Snapshot) -> None:
    """The layers that are seen or could be, and how it looks on white for programs that read no layers."""
    layers = [layer for layer in snapshot.layers if layer.role.seen]
    area = extent(snapshot.frame, layers)
    if max(area.width(), area.height()) > MOST_SIDE:
        raise _too_large(f"{area.width()} × {area.height()} pixels")
    psd = PSDImage.frompil(Raster(flattened(snapshot, area)).rgb().image())
    psd.image_resources[Resource.ICC_PROFILE] = ImageResource(key=Resource.ICC_PROFILE, data=color.srgb())
    for layer in layers:
        _add(psd, layer, area)
    stream = io.BytesIO()
    psd._record.write(stream)  # psd.save() would mix the layers once more, its own way
    if stream.tell() > MOST_BYTES:
        raise _too_large(f"{stream.tell() / 2**30:.1f} GiB")
    put(file, stream.getvalue())


def _add(psd: PSDImage, layer: Layer, area: QRect) -> None:
    box = filled(layer.plane)
    box = QRect(area.topLeft(), area.topLeft()) if box.isEmpty() else box.translated(*layer.offset)
    place = box.translated(-area.topLeft())
    added = PixelLayer.fromarray(layer.read(box), psd, top=place.y(), left=place.x())
    added.name = layer.name.encode("utf-16", "replace").decode("utf-16")[:LONGEST_NAME]
    added.opacity = round(layer.opacity * 255)
    added.blend_mode = BLENDS[layer.blend]
    added.visible = layer.visible
    added.tagged_blocks.set_data(Tag.PROTECTED_SETTING, _locks(layer))  # the first lock() of a layer is lost


def _locks(layer: Layer) -> int:
    if layer.locked:
        return ProtectedFlags.COMPLETE
    return ProtectedFlags.TRANSPARENCY if layer.alpha_locked else 0


def _too_large(what: str) -> UserError:
    return UserError(f"{what} are too much for Photoshop's format.", "Save it as OpenRaster, or crop it.")
