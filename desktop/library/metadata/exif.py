"""EXIF notes: the texts in them, and ours."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

from PIL import ExifTags, Image

from desktop.library.metadata.values import whole_characters
from desktop.raster import BROKEN

UNICODE, ASCII = b"UNICODE\0", b"ASCII\0\0\0"
TAGGED = ("prompt:", "workflow:")  # ComfyUI puts a name before its texts, into whatever tag is free
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.TiffImagePlugin")  # of notes that are cut


def read(image: Image.Image) -> dict[str, str]:
    """The texts, as `exif:Software` and so on; none where the notes are broken."""
    try:
        notes = image.getexif()
        tags = {**notes, **notes.get_ifd(ExifTags.IFD.Exif)}
        return dict(_texts(tags))
    except BROKEN:
        return {}


def _texts(tags: dict[int, Any]) -> Iterator[tuple[str, str]]:
    for tag, value in tags.items():
        text = value if isinstance(value, str) else decoded(value) if isinstance(value, bytes) else ""
        if name := next((name for name in TAGGED if text.startswith(name)), None):
            yield name[:-1], text.removeprefix(name)
        elif text and tag in ExifTags.TAGS:
            yield f"exif:{ExifTags.TAGS[tag]}", text


def decoded(value: bytes) -> str:
    """A user's comment: its first 8 bytes name the encoding, but not the order of UTF-16's bytes, and may be wrong."""
    head, body = value[:8], value[8:]
    if head == UNICODE:
        text = body.decode(_encoding(body), "replace")
    else:
        text = (body if head in (ASCII, bytes(8)) else value).decode("utf-8", "replace")
    return whole_characters(text).strip("\0\ufeff ")


def _encoding(body: bytes) -> str:
    """By its spaces and letters: in UTF-16 their upper byte is zero; where there is none it is UTF-8 after all."""
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    upper, lower = body[::2].count(0), body[1::2].count(0)
    return "utf-8" if not upper and not lower else "utf-16-be" if upper >= lower else "utf-16-le"


def written(comment: str, software: str) -> bytes:
    notes = Image.Exif()
    notes[ExifTags.Base.Software] = software
    if comment:
        text = UNICODE + comment.encode("utf-16-be", "replace")
        notes.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = text
    return notes.tobytes()
