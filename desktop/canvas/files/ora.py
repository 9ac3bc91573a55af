"""OpenRaster: a zip file of layers that Krita, GIMP and MyPaint read and write, too.

What only Sfumato knows is in the folder `sfumato`, which the others ignore: masks and other layers that are not seen,
the selection, and in document.json all of the snapshot but its pixels, and the places of these.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from PySide6.QtCore import QRect

from desktop.canvas.files import archive, stack
from desktop.canvas.files.archive import DAMAGE, Archive
from desktop.canvas.files.contents import Contents
from desktop.canvas.files.disk import put
from desktop.canvas.files.extent import extent, filled, flattened
from desktop.canvas.files.limits import check
from desktop.canvas.files.stack import STACK, Place
from desktop.canvas.layer import Role
from desktop.canvas.snapshot import Snapshot
from desktop.canvas.tiles import Plane
from desktop.raster import Raster

MIMETYPE = "image/openraster"
OWN = "sfumato/document.json"
PROFILE = "sfumato/profile.icc"
SELECTION = "selection"  # the name of its plane among those of the layers
SIDE = 256  # pixels that a thumbnail has at most
FORMAT = 1  # of our own data


# ---------------------------------------------------------------- out


def write(file: Path, snapshot: Snapshot, profile: bytes | None = None) -> None:
    """All of it; `profile` is only kept for when it is read again. Raises UserError."""
    check(snapshot)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as entries:
        _write(entries, snapshot, profile)
    put(file, stream.getvalue())


def _write(entries: zipfile.ZipFile, snapshot: Snapshot, profile: bytes | None) -> None:
    _add(entries, "mimetype", MIMETYPE.encode())  # first and not packed: that is how the format is recognised
    area = extent(snapshot.frame, [layer for layer in snapshot.layers if layer.role.seen])
    planes = _planes(snapshot)
    places = {name: _place(snapshot, name, plane, number) for number, (name, plane) in enumerate(planes.items())}
    for name, place in places.items():
        _add(entries, place.src, Raster(planes[name].read(place.box)).png())
    xml = stack.to_xml(snapshot, places, area)
    _add(entries, STACK, xml, zipfile.ZIP_DEFLATED)
    _add(entries, OWN, _own(snapshot, places, xml), zipfile.ZIP_DEFLATED)
    if profile:
        _add(entries, PROFILE, profile, zipfile.ZIP_DEFLATED)
    merged = Raster(flattened(snapshot, area))
    _add(entries, "mergedimage.png", merged.png())
    _add(entries, "Thumbnails/thumbnail.png", _thumbnail(merged).png())


def _add(entries: zipfile.ZipFile, name: str, content: bytes, method: int = zipfile.ZIP_STORED) -> None:
    entry = zipfile.ZipInfo(name)
    entry.compress_type = method
    entry.external_attr = 0o644 << 16  # or nobody may read it once it is unpacked
    entries.writestr(entry, content)


def _planes(snapshot: Snapshot) -> dict[str, Plane]:
    return {layer.id: layer.plane for layer in snapshot.layers} | {SELECTION: snapshot.selection}


def _place(snapshot: Snapshot, name: str, plane: Plane, number: int) -> Place:
    """Other programs look into `data` only. No picture is empty: an empty plane has one clear pixel."""
    layer = snapshot.find(name)
    folder = "data" if layer and layer.role.seen else "sfumato"
    box = filled(plane)
    return Place(f"{folder}/{number:03}.png", QRect(0, 0, 1, 1) if box.isEmpty() else box)


def _thumbnail(merged: Raster) -> Raster:
    image = merged.image()
    image.thumbnail((SIDE, SIDE))
    return Raster.of(image)


def _own(snapshot: Snapshot, places: Mapping[str, Place], xml: bytes) -> bytes:
    """The hash tells whether another program has changed the layers since."""
    content = {
        "format": FORMAT,
        "stack": hashlib.sha256(xml).hexdigest(),
        "pixels": {name: {"src": place.src, "x": place.box.x(), "y": place.box.y()} for name, place in places.items()},
        "document": snapshot.to_json(),
    }
    return json.dumps(content, indent=1).encode()


# ---------------------------------------------------------------- in


def read(file: Path) -> Contents:
    """Of any program's making. Raises UserError."""
    with archive.opened(file) as found:
        snapshot, notices = _read_own(found)
        if snapshot is None:
            snapshot, more = stack.from_xml(found)
            notices += more
        check(snapshot)
        profile = found.read(PROFILE) if found.has(PROFILE) else None
        return Contents(snapshot, profile, tuple(notices))


def _read_own(found: Archive) -> tuple[Snapshot | None, list[str]]:
    """What Sfumato has written, if nobody has changed it."""
    if not found.has(OWN):
        return None, []
    try:
        return _snapshot(found, json.loads(found.read(OWN))), []
    except (*DAMAGE, TypeError, KeyError, AttributeError, OverflowError):
        notice = "Masks, selection and frame are left out: they are damaged, or not of this version of Sfumato."
        return None, [notice]


def _snapshot(found: Archive, content: Any) -> Snapshot:
    """Raises whatever comes of content that is none."""
    document = content["document"]
    if content["format"] != FORMAT or content["stack"] != hashlib.sha256(found.read(STACK)).hexdigest():
        raise ValueError("other layers than Sfumato has written")
    if min(document["frame"][2:]) < 1:
        raise ValueError("a frame without size")
    channels = {each["id"]: Role(each["role"]).channels for each in document["layers"]} | {SELECTION: 1}
    if len(channels) != len(document["layers"]) + 1:
        raise ValueError("two layers have the same id")
    planes = {
        name: found.plane(place["src"], place["x"], place["y"], partial(_exactly, channels[name]))
        for name, place in content["pixels"].items()
    }
    return Snapshot.from_json(document, planes, planes[SELECTION])


def _exactly(channels: int, image: Image.Image) -> np.ndarray:
    """As they were written, colour without coverage, too."""
    return Raster.of(image.convert("L" if channels == 1 else "RGBA")).pixels
