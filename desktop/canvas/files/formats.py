"""Formats: a file's name says how it is read and written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from desktop.canvas.edits import layer_of
from desktop.canvas.files import ora, picture
from desktop.canvas.files.contents import Contents
from desktop.canvas.files.extent import extent, flattened, frame_for
from desktop.canvas.files.picture import Picture
from desktop.canvas.snapshot import Snapshot
from desktop.errors import UserError
from desktop.raster import Raster

ORA, PSD = ".ora", ".psd"
OPENS = (ORA, *picture.KINDS)
SAVES = (ORA, *picture.KINDS, PSD)


def open_file(file: Path) -> Contents:
    """A document, or a picture as a document of one layer. Raises UserError."""
    if file.suffix.lower() == ORA:
        return ora.read(file)
    if file.suffix.lower() in picture.KINDS:
        found = picture.read(file)
        return Contents(document_of(found.raster, file.stem), found.profile)
    raise _unknown(file, "opened", OPENS)


def save_file(file: Path, snapshot: Snapshot, profile: bytes | None = None) -> None:
    """With its layers as .ora and .psd, else as it looks. Raises UserError."""
    suffix = file.suffix.lower()
    if suffix == ORA:
        ora.write(file, snapshot, profile)
    elif suffix == PSD:
        from desktop.canvas.files import psd  # a quarter of a second that the other formats need not wait

        psd.write(file, snapshot)
    elif suffix in picture.KINDS:
        pixels = flattened(snapshot, extent(snapshot.frame, snapshot.pictured))
        picture.write(file, Picture(Raster(pixels), profile))
    else:
        raise _unknown(file, "saved", SAVES)


def document_of(raster: Raster, name: str) -> Snapshot:
    """The picture as the only layer, from the origin on, and a mask."""
    layer = layer_of(raster, 0, 0, name)
    begun = Snapshot.new(frame_for(raster.width, raster.height))
    return replace(begun, layers=(layer, *begun.layers[1:]), active_id=layer.id)


def _unknown(file: Path, done: str, known: tuple[str, ...]) -> UserError:
    kind = f"Files of the kind “{file.suffix}”" if file.suffix else "Files whose names have no ending"
    return UserError(f"{kind} cannot be {done} here.", f"These can: {', '.join(known)}.")
