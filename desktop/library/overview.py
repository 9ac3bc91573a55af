"""The overview: any number of pictures side by side, each with its name, as one picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import ceil, sqrt
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from desktop.engine.api import Progress
from desktop.errors import UserError
from desktop.raster import Raster, opened, upright

LARGEST, SMALLEST = 384, 96  # pixels a side of a cell
ROOM = 4096  # pixels that all columns take at most
WIDE = 1.4  # width to height of the whole
GAP, LINE = 16, 24
PAPER, INK, HOLE = "#ffffff", "#202020", "#e9e9e9"
MOST = 400  # pictures


def overview(files: Sequence[Path], stopped: Callable[[], bool]) -> Iterator[Progress | Raster]:
    """Progress, then the overview, RGB. Raises UserError."""
    if len(files) > MOST:
        raise UserError(f"{len(files)} pictures are too many for one sheet.", f"Choose {MOST} at most.")
    columns = ceil(sqrt(len(files) * WIDE))
    most = min(ROOM // columns - GAP, max(map(_longer_side, files), default=LARGEST), LARGEST)
    side = max(most, SMALLEST)
    rows = ceil(len(files) / columns)
    paper = Image.new("RGB", (GAP + columns * (side + GAP), GAP + rows * (side + LINE + GAP)), PAPER)
    font = ImageFont.load_default(14)
    for number, file in enumerate(files):
        if stopped():
            return
        yield Progress(number, len(files), "laying out")
        row, column = divmod(number, columns)
        _lay(paper, file, (GAP + column * (side + GAP), GAP + row * (side + LINE + GAP)), side, font)
    yield Raster.of(paper)


def _lay(
    paper: Image.Image, file: Path, at: tuple[int, int], side: int, font: ImageFont.FreeTypeFont | ImageFont.ImageFont
) -> None:
    """The picture in the middle of its square, its name below; a grey square where it cannot be read."""
    draw = ImageDraw.Draw(paper)
    try:
        with opened(file) as image:
            image.draft("RGB", (side, side))
            small = Raster.of(upright(image)).rgb().image()
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
        paper.paste(small, (at[0] + (side - small.width) // 2, at[1] + (side - small.height) // 2))
    except UserError:
        draw.rectangle((*at, at[0] + side - 1, at[1] + side - 1), fill=HOLE)
    name = next(each for each in _shorter(file.stem) if font.getlength(each) <= side)
    draw.text((at[0] + side // 2, at[1] + side + 4), name, fill=INK, font=font, anchor="ma")


def _longer_side(file: Path) -> int:
    """In pixels; 0 where it cannot be read."""
    try:
        with opened(file) as image:
            return max(image.size)
    except UserError:
        return 0


def _shorter(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name[:length]}…" for length in range(len(name) - 1, -1, -1))
