"""What is found in a picture file: its texts, wherever they stand, and whose they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from PIL import Image

from desktop.library.metadata import exif, stealth, xmp
from desktop.library.metadata.description import Description
from desktop.library.metadata.tools import a1111, comfyui, drawthings, fooocus, invokeai, krita, novelai, sfumato
from desktop.library.metadata.values import LONGEST, whole_characters
from desktop.raster import opened

Texts = Mapping[str, str]  # by PNG's keys; those of EXIF as `exif:UserComment`, of XMP as `xmp`
Reader = Callable[[Texts], Description | None]

READERS: tuple[Reader, ...] = (  # asked in this order: who writes infotext as well comes before A1111
    sfumato.read,
    invokeai.read,
    fooocus.read,
    novelai.read,
    drawthings.read,
    comfyui.read,
    krita.read,
    a1111.read,
)


def describe(file: Path) -> Description:
    """Raises UserError where the file is no picture."""
    with opened(file) as image:
        image.load()  # PNG may carry its texts behind the pixels
        return describe_image(image)


def describe_image(image: Image.Image) -> Description:
    """Of a picture that is opened and loaded. Whatever stands in it, nothing is raised."""
    texts = texts_of(image)
    is_marked = xmp.is_marked(texts.get("xmp", "")) or xmp.is_marked(_manifest(image))
    found = _read(texts) or _read(stealth.read(image)) or Description()
    return replace(found, ai_generated=found.ai_generated or is_marked)


def texts_of(image: Image.Image) -> dict[str, str]:
    """What the file says, wherever it says it; without what is too long for anybody to have meant it."""
    plain = {name: text for name, value in image.info.items() if (text := _text(name, value)) is not None}
    texts = exif.read(image) | {name: text for name, text in plain.items() if isinstance(name, str)}
    ours = xmp.value(texts.get("xmp", ""), "sfumato:content")
    texts = {"sfumato": ours, **texts} if ours else texts
    return {name: text for name, text in texts.items() if len(text) <= LONGEST}


def _text(name: object, value: object) -> str | None:
    if isinstance(value, bytes) and name in ("xmp", "comment"):
        return value[: LONGEST + 1].decode("utf-8", "replace")
    return whole_characters(value) if isinstance(value, str) else None


def _manifest(image: Image.Image) -> str:
    """The Content Credentials as they stand there, unverified; Pillow keeps those of PNG and JPEG."""
    chunks = [content for name, content, *_ in getattr(image, "private_chunks", ()) if name == b"caBX"]
    segments = [content for name, content in getattr(image, "applist", ()) if name == "APP11"]
    return b"".join(chunks + segments)[:LONGEST].decode("latin-1")


def _read(texts: Texts) -> Description | None:
    return next((found for reader in READERS if (found := reader(texts)) is not None), None)
