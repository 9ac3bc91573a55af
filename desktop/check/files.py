"""Every format of files, written and read back: documents, pictures, recipes in them, Content Credentials."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import QRect

from desktop.canvas.edits import add_layer
from desktop.canvas.files import color
from desktop.canvas.files.extent import flattened
from desktop.canvas.files.formats import OPENS, SAVES, document_of, open_file, save_file
from desktop.canvas.files.picture import Picture, read, write
from desktop.canvas.snapshot import Snapshot
from desktop.check.trial import Trial
from desktop.library.metadata import credentials, writing
from desktop.library.metadata.authority import Identity
from desktop.library.metadata.description import OURS, Description
from desktop.library.metadata.reading import describe
from desktop.library.metadata.writing import Export, encode
from desktop.raster import Raster
from desktop.recipe import Recipe

SIDE = 64
EXACT = (".ora", ".png", ".tif", ".tiff")
NEAR = 12  # of 255: how far the other formats may be off, on the average, of a soft picture
READ_ONLY = {".bmp": "BMP", ".gif": "GIF"}  # by Pillow's names


def trials(folder: Path) -> Iterator[Trial]:
    for suffix in SAVES:
        yield Trial(f"document as {suffix}", partial(_document, folder / f"document{suffix}"))
    for suffix in READ_ONLY:
        yield Trial(f"picture from {suffix}", partial(_read_only, folder / f"picture{suffix}"))
    yield Trial("colour profiles", partial(_profile, folder / "profile.png"))
    for name in writing.FORMATS:
        yield Trial(f"recipe in {name}", partial(_recipe, folder / f"recipe.{name}", name))
    for name in writing.FORMATS:
        yield Trial(f"Content Credentials in {name}", partial(_credentials, folder / "signer", name))


def _soft() -> Raster:
    """Colours that change slowly."""
    rise = np.linspace(0, 255, SIDE)
    return Raster(np.dstack([*np.meshgrid(rise, rise), np.full((SIDE, SIDE), 128)]).astype(np.uint8))


def _document(file: Path) -> str:
    picture = _soft()
    save_file(file, _layered(picture))
    if file.suffix in OPENS:
        _check_same(_seen(open_file(file).snapshot), picture, file.suffix in EXACT)
    else:
        _check_psd(file, picture)
    return f"{file.stat().st_size / 1000:.1f} kB"


def _layered(picture: Raster) -> Snapshot:
    return add_layer(document_of(picture, "Picture"))


def _seen(snapshot: Snapshot) -> Raster:
    return Raster(flattened(snapshot, QRect(0, 0, SIDE, SIDE))).rgb()


def _check_same(found: Raster, expected: Raster, exactly: bool) -> None:
    off = np.abs(found.pixels.astype(int) - expected.pixels).mean()
    if off > (0 if exactly else NEAR):
        raise RuntimeError(f"what is read back is off by {off:.1f} of 255")


def _check_psd(file: Path, picture: Raster) -> None:
    from psd_tools import PSDImage

    found = PSDImage.open(file)
    if [layer.name for layer in found] != ["Picture", "Layer 1"]:
        raise RuntimeError(f"its layers are {[layer.name for layer in found]}")
    _check_same(Raster.of(found.topil() or Image.new("RGB", (SIDE, SIDE))).rgb().crop(0, 0, SIDE, SIDE), picture, True)


def _read_only(file: Path) -> str:
    picture = _soft()
    picture.image().save(file, READ_ONLY[file.suffix])
    _check_same(Raster.read(file).rgb(), picture, file.suffix == ".bmp")
    return ""


def _profile(file: Path) -> str:
    write(file, Picture(_soft(), color.srgb()))
    found = read(file)
    if not found.profile:
        raise RuntimeError("the profile is lost")
    _check_same(found.raster.rgb(), _soft(), False)
    return f"{len(found.profile)} bytes"


def _description() -> Description:
    recipe = Recipe("0" * 64, "a lake at dawn 🌅", SIDE, SIDE, 20, 4.0, "euler", seed=1)
    return Description(OURS, recipe.to_json(), ai_generated=True, made={"model": "starter"})


def _recipe(file: Path, name: str) -> str:
    said = _description()
    file.write_bytes(encode(_soft(), said, Export(name)))  # pyright: ignore[reportArgumentType] a key of FORMATS
    found = describe(file)
    if found.recipe != said.recipe or not found.ai_generated:
        raise RuntimeError(f"what is read back is {found.recipe}, AI: {found.ai_generated}")
    return ""


def _credentials(folder: Path, name: str) -> str:
    content = encode(_soft(), _description(), Export(name))  # pyright: ignore[reportArgumentType]
    worth = credentials.verify(credentials.sign(content, _description(), Identity.own(folder)))
    if worth != credentials.UNTRUSTED:
        raise RuntimeError(f"they are found to be: {worth}")
    return worth
