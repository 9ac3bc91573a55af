"""Archives that nobody vouches for: claims are looked at before anything is unpacked, and nothing touches the disk."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image, UnidentifiedImageError
from PySide6.QtCore import QRect

from desktop.canvas.files.limits import check_amount
from desktop.canvas.layer import whole
from desktop.canvas.tiles import Plane
from desktop.errors import UserError
from desktop.raster import BROKEN, MOST_PIXELS

MOST_TEXT = 2**24  # bytes of an entry
MOST_IMAGE = 2**30
MOST_UNPACKED = 2**34  # bytes of all entries
MOST_DECODED = 2**32  # pixels of all layers: those of a zip bomb would take hours
DAMAGE = (zipfile.BadZipFile, EOFError, *BROKEN)
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others cannot be unpacked bit by bit

Decode = Callable[[Image.Image], np.ndarray]  # to height x width x channels


class Archive:
    """Its entries by name. Raises UserError, or one of DAMAGE, which `opened` turns into one."""

    def __init__(self, name: str, entries: zipfile.ZipFile):
        self._name = name
        self._entries = entries
        self._decoded = self._tiles = 0
        if sum(entry.file_size for entry in entries.infolist()) > MOST_UNPACKED:
            raise self._too_large()

    def has(self, name: str) -> bool:
        return name in self._entries.NameToInfo

    def read(self, name: str) -> bytes:
        """Text or other data of moderate size."""
        with self._open(name, MOST_TEXT) as stream:
            return stream.read()

    def plane(self, name: str, x: int, y: int, decode: Decode) -> Plane:
        """The PNG of that name as pixels with their upper left corner there."""
        pixels = self._pixels(name, decode)
        height, width, channels = pixels.shape
        plane = Plane(channels).write(QRect(whole(x), whole(y), width, height), pixels)
        self._tiles += len(plane.tiles)
        check_amount(0, self._tiles)
        return plane

    def _pixels(self, name: str, decode: Decode) -> np.ndarray:
        with self._open(name, MOST_IMAGE) as stream, _png(name, stream) as image:
            self._decoded += image.width * image.height
            if self._decoded > MOST_DECODED:
                raise self._too_large()
            return decode(image)

    def _open(self, name: str, most: int) -> IO[bytes]:
        if not self.has(name):
            raise ValueError(f"{name} is missing")
        entry = self._entries.getinfo(name)
        if entry.file_size > most:
            raise self._too_large()
        if entry.compress_type not in METHODS:
            raise ValueError(f"{name} is packed in an unusual way")
        return self._entries.open(entry)

    def _too_large(self) -> UserError:
        return UserError(f"{self._name} unpacks to more than a picture can be.", "It may be a trap: do not trust it.")


def _png(name: str, stream: IO[bytes]) -> Image.Image:
    try:
        return Image.open(stream, formats=["PNG"])
    except UnidentifiedImageError:
        raise ValueError(f"{name} is no PNG") from None


@contextmanager
def opened(file: Path) -> Iterator[Archive]:
    """Whatever is wrong with it, also when its entries are read, is a UserError."""
    try:
        with zipfile.ZipFile(file) as entries:
            yield Archive(file.name, entries)
    except FileNotFoundError:
        raise UserError(f"There is no file {file}.", "Check the name and the folder.") from None
    except Image.DecompressionBombError:
        message = f"{file.name} has a layer that is too large to open."
        raise UserError(message, f"At most {MOST_PIXELS // 10**6} megapixels fit.") from None
    except DAMAGE as error:
        hint = "The file may be damaged or not wholly copied."
        raise UserError(f"{file.name} cannot be read: {error}.", hint) from None
