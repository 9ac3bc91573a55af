"""Pictures in memory."""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, PngImagePlugin, UnidentifiedImageError

from desktop.errors import UserError

MODES = {1: "L", 3: "RGB", 4: "RGBA"}
MOST_PIXELS = 2 * (Image.MAX_IMAGE_PIXELS or 0)  # where Pillow refuses: a mistake or an attack
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)  # half of that is an ordinary scan
# what Pillow raises on broken files and broken notes in them
BROKEN = (
    *(OSError, EOFError, RuntimeError, SyntaxError, ValueError, struct.error, zlib.error),
    *(ArithmeticError, AttributeError, LookupError, MemoryError, TypeError),
)
STRIP = 4_000_000  # pixels that are at hand at once of a large picture


@dataclass(frozen=True, eq=False)
class Raster:
    """A picture: uint8, height x width x channels (1 grey, 3 sRGB, 4 straight RGBA)."""

    pixels: np.ndarray

    def __post_init__(self) -> None:
        if self.pixels.dtype != np.uint8 or self.pixels.ndim != 3 or self.pixels.shape[2] not in MODES:
            raise ValueError(f"not a picture: {self.pixels.dtype} {self.pixels.shape}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Raster) and np.array_equal(self.pixels, other.pixels)

    def __hash__(self) -> int:
        return hash(self.sha256)

    @property
    def width(self) -> int:
        return self.pixels.shape[1]

    @property
    def height(self) -> int:
        return self.pixels.shape[0]

    @cached_property
    def sha256(self) -> str:
        """Of the shape and the pixels: the same picture has the same hash whatever file it came from."""
        return _sha256(self.height, [self])

    def rgb(self) -> Raster:
        """Three channels; what is transparent becomes white."""
        if self.pixels.shape[2] == 3:
            return self
        if self.pixels.shape[2] == 1:
            return Raster(self.pixels.repeat(3, axis=2))
        color, alpha = self.pixels[..., :3].astype(np.uint16), self.pixels[..., 3:].astype(np.uint16)
        return Raster(((color * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8))

    def rgba(self) -> Raster:
        """Four channels; what is wholly transparent loses its colour, so that nothing can be told from nothing."""
        if self.pixels.shape[2] == 4:
            return Raster(np.where(self.pixels[..., 3:] > 0, self.pixels, np.uint8(0)))
        return Raster(np.dstack([self.rgb().pixels, np.full(self.pixels.shape[:2], 255, np.uint8)]))

    def crop(self, left: int, top: int, width: int, height: int) -> Raster:
        return Raster(self.pixels[top : top + height, left : left + width])

    def extended(self, left: int, top: int, right: int, bottom: int) -> Raster:
        """RGBA, with that many empty pixels more on each side."""
        pixels = np.asarray(self.image().convert("RGBA"))
        return Raster(np.pad(pixels, ((top, bottom), (left, right), (0, 0))))

    def cover(self, width: int, height: int) -> Raster:
        """Scaled to fill width x height, what stands over cut off evenly."""
        scale = max(width / self.width, height / self.height)
        wide = min(self.width, max(1, round(width / scale)))
        high = min(self.height, max(1, round(height / scale)))
        return self.crop((self.width - wide) // 2, (self.height - high) // 2, wide, high).resize(width, height)

    def resize(self, width: int, height: int) -> Raster:
        if (width, height) == (self.width, self.height):
            return self
        return Raster.of(self.image().resize((width, height), Image.Resampling.LANCZOS))

    def image(self) -> Image.Image:
        return Image.fromarray(self.pixels[..., 0] if self.pixels.shape[2] == 1 else self.pixels)

    def png(self, text: PngImagePlugin.PngInfo | None = None) -> bytes:
        """Lossless; `text` goes into its chunks."""
        stream = io.BytesIO()
        self.image().save(stream, "PNG", pnginfo=text, compress_level=4)  # 6 takes twice as long for 3 % less
        return stream.getvalue()

    @staticmethod
    def of(image: Image.Image) -> Raster:
        """From any Pillow image; palettes, 16 bits a channel and CMYK become 8-bit sRGB."""
        if image.mode.startswith("I"):
            image = Image.fromarray((np.asarray(image) >> 8).clip(0, 255).astype(np.uint8))
        if image.mode not in MODES.values() or image.has_transparency_data:
            image = image.convert("RGBA" if image.has_transparency_data else "RGB")
        pixels = np.asarray(image)
        return Raster(pixels.reshape(*pixels.shape[:2], -1))

    @staticmethod
    def read(file: Path) -> Raster:
        """A picture file the right way up. Raises UserError."""
        with opened(file) as image:
            return Raster.of(upright(image))


def content_of(image: Image.Image) -> str:
    """Its Raster's sha256, without another copy of the whole picture."""
    return _sha256(image.height, strips(image))


def strips(image: Image.Image, multiple: int = 1) -> Iterator[Raster]:
    """From top to bottom; all but the last are that many rows high, or twice, and so on."""
    rows = max(1, STRIP // image.width // multiple) * multiple
    for top in range(0, image.height, rows):
        yield Raster.of(image.crop((0, top, image.width, min(top + rows, image.height))))


def _sha256(height: int, parts: Iterable[Raster]) -> str:
    """Of a picture of that height, in parts from top to bottom."""
    hash = hashlib.sha256()
    for number, part in enumerate(parts):
        if number == 0:
            hash.update(f"{height}x{part.width}x{part.pixels.shape[2]}\0".encode())
        hash.update(np.ascontiguousarray(part.pixels).data)
    return hash.hexdigest()


def upright(image: Image.Image) -> Image.Image:
    """Turned as its EXIF notes say; notes that cannot be read do not hide the picture."""
    image.load()
    with suppress(*BROKEN):
        ImageOps.exif_transpose(image, in_place=True)  # else it makes a copy, turned or not
    return image


@contextmanager
def opened(file: Path) -> Iterator[Image.Image]:
    """A picture file as a Pillow image; whatever is wrong with it, also when its pixels are read, is a UserError."""
    try:
        with Image.open(file) as image:
            yield image
    except FileNotFoundError:
        raise UserError(f"There is no file {file}.", "Check the name and the folder.") from None
    except Image.DecompressionBombError:
        raise UserError(
            f"{file.name} is too large to open.", f"At most {MOST_PIXELS // 10**6} megapixels fit."
        ) from None
    except UnidentifiedImageError:
        raise UserError(
            f"{file.name} is no picture that Sfumato can read.", "PNG, JPEG, WebP, TIFF and AVIF work."
        ) from None
    except BROKEN as error:
        raise UserError(
            f"{file.name} cannot be read: {error}", "The file may be damaged or not wholly copied."
        ) from None
