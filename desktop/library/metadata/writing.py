"""What is written into pictures: the recipe as JSON and as infotext, and the mark that a machine has made them."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from PIL.PngImagePlugin import PngInfo

import desktop
from desktop.engine.api import Produced
from desktop.errors import UserError
from desktop.library.metadata import exif, xmp
from desktop.library.metadata.description import Description
from desktop.library.metadata.tools import a1111, sfumato
from desktop.raster import BROKEN, Raster
from desktop.recipe import SOURCE_KINDS

SOFTWARE = f"Sfumato {desktop.__version__}"
XMP = "XML:com.adobe.xmp"  # PNG's key for it

# What tells nothing of the prompts: everything else may repeat them, under names that nobody can foresee.
SILENT = ("model", "width", "height", "steps", "guidance", "sampler", "seed", "strength", "clip_skip")
SILENT_BESIDE = ("model", "device", "dtype", "versions", "Model hash", "Clip skip", "Version")  # in `unused` and `made`


@dataclass(frozen=True)
class Export:
    """How a picture leaves: its format, and what is said in it. Without `recipe` nothing but the mark is."""

    format: Literal["png", "jpeg", "webp", "avif"]
    quality: int = 90  # of all but PNG, 1 to 100
    prompts: bool = True
    recipe: bool = True
    mark: bool = True


@dataclass(frozen=True)
class Notes:
    """What is written: our JSON, A1111's text, and the URI of the mark; each may be empty."""

    content: str
    parameters: str
    mark: str

    @staticmethod
    def of(description: Description, how: Export) -> Notes:
        mark = mark_of(description) if how.mark and description.ai_generated else ""
        if not how.recipe or description.tool is None:
            return Notes("", "", mark)
        said = description if how.prompts else without_prompts(description)
        return Notes(sfumato.written(said), a1111.written(said), mark)

    def xmp(self, content: str = "") -> str:
        properties = {"Iptc4xmpExt:DigitalSourceType": self.mark, "sfumato:content": content}
        given = {name: value for name, value in properties.items() if value}
        return xmp.packet({"xmp:CreatorTool": SOFTWARE, **given}) if given else ""


def png(produced: Produced) -> bytes:
    """The picture as a PNG file with all that is needed to make it again."""
    description = sfumato.described(produced.recipe.to_json(), produced.made)
    return encode(produced.picture, description, Export("png"))


def encode(picture: Raster, description: Description, how: Export) -> bytes:
    """The picture as a file of that format. Raises UserError where the format cannot hold it."""
    try:
        return FORMATS[how.format](picture, Notes.of(description, how), how.quality)
    except BROKEN as error:
        message = f"The picture cannot be written as {how.format.upper()}: {error}"
        raise UserError(message, "Choose PNG, which holds everything.") from None


def without_prompts(description: Description) -> Description:
    """The same, with nothing that is or repeats a prompt."""
    recipe, source = _only(SILENT, description.recipe), description.recipe.get("source")
    if isinstance(source, Mapping):
        recipe["source"] = _only(tuple(SOURCE_KINDS), source)
    unused, made = _only(SILENT_BESIDE, description.unused), _only(SILENT_BESIDE, description.made)
    return replace(description, recipe=recipe, unused=unused, made=made)


def _only(names: tuple[str, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in names}


def mark_of(description: Description) -> str:
    """The URI of what a picture is: wholly made by a machine, or in part."""
    source = description.recipe.get("source")
    part = isinstance(source, Mapping) and (source.get("mask") or source.get("intent") == "expand")
    return xmp.COMPOSED if part else xmp.MADE


# ---------------------------------------------------------------- formats


def _png(picture: Raster, notes: Notes, quality: int) -> bytes:
    info = PngInfo()
    if notes.content:
        info.add_itxt(sfumato.OURS, notes.content)
    if notes.parameters:
        info.add_text("parameters", notes.parameters.encode("utf-8", "replace").decode())
    if packet := notes.xmp():
        info.add_itxt(XMP, packet)
    return picture.png(info)


def _saved(picture: Raster, notes: Notes, quality: int, format: str) -> bytes:
    stream = io.BytesIO()
    packet = notes.xmp(notes.content).encode()
    comment = exif.written(notes.parameters, SOFTWARE) if notes.parameters else b""
    picture.image().save(stream, format, quality=quality, exif=comment, xmp=packet)
    return stream.getvalue()


FORMATS: dict[str, Callable[[Raster, Notes, int], bytes]] = {
    "png": _png,
    "jpeg": lambda picture, notes, quality: _saved(picture.rgb(), notes, quality, "JPEG"),
    "webp": lambda picture, notes, quality: _saved(picture, notes, quality, "WEBP"),
    "avif": lambda picture, notes, quality: _saved(picture, notes, quality, "AVIF"),
}
