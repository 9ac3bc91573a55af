"""The contact sheet: many pictures in rows and columns with their labels, as one picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from math import ceil, log, sqrt
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from desktop.engine.api import Produced
from desktop.errors import UserError
from desktop.library.metadata.reading import describe
from desktop.library.sheets import Sheet
from desktop.raster import Raster, opened

MOST_PIXELS = 64_000_000
MOST_SIDE = 16_384
WIDE = 1.5  # width to height, that blocks are laid out for
LINES = 3  # of a label

PAPER, INK, HOLE = "#ffffff", "#202020", "#e9e9e9"
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
Box = tuple[int, int, int, int]  # left, top, width, height


def contact_sheet(sheet: Sheet, pictures: Mapping[int, Path | Produced]) -> Produced:
    """All on one sheet; a cell without a picture that can be read says so. `pictures` by the cells' numbers.

    It is made as the first one was, and its recipe says what is on the axes. Raises UserError if there is none.
    """
    sizes = _sizes(pictures)
    if not sizes:
        raise UserError("Of the sheet's pictures none can be read.", "Make it again.")
    first = pictures[min(sizes)]
    layout = _layout(sheet, max(width for width, _ in sizes.values()), max(height for _, height in sizes.values()))
    paper = Image.new("RGB", layout.size, PAPER)
    draw = ImageDraw.Draw(paper)
    for z in range(sheet.size[2]):
        _write_labels(draw, sheet, layout, z)
    x, y, z = sheet.size
    for number in range(x * y * z):
        box = layout.box(sheet.place(number))
        picture = _read(pictures[number]) if number in sizes else None
        if picture:
            _paste(paper, picture, box, layout.scale)
        else:
            draw.rectangle((box[0], box[1], box[0] + box[2] - 1, box[1] + box[3] - 1), fill=HOLE)
            _write(draw, "not made", box, layout.font)
    said = {"sheet": {"axes": sheet.to_json()["axes"]}}
    recipe = replace(sheet.recipe, unknown={**sheet.recipe.unknown, **said})
    return Produced(Raster.of(paper), recipe, (describe(first) if isinstance(first, Path) else first).made)


@dataclass(frozen=True)
class _Layout:
    """Everything in pixels. Blocks, one for each value of Z, stand in rows of `across`."""

    cell: tuple[int, int]
    scale: float  # of the pictures
    count: tuple[int, int, int]
    across: int
    gap: int
    left: int  # room for the labels of Y
    top: int  # for those of X
    head: int  # for that of Z
    font: Font

    @property
    def block(self) -> tuple[int, int]:
        (width, height), (x, y, _) = self.cell, self.count
        return self.left + x * (width + self.gap), self.head + self.top + y * (height + self.gap)

    @property
    def size(self) -> tuple[int, int]:
        (width, height), down = self.block, ceil(self.count[2] / self.across)
        return self.gap + self.across * (width + self.gap), self.gap + down * (height + self.gap)

    def corner(self, z: int) -> tuple[int, int]:
        """Of a block."""
        (width, height), gap = self.block, self.gap
        return gap + z % self.across * (width + gap), gap + z // self.across * (height + gap)

    def box(self, place: tuple[int, int, int]) -> Box:
        """Of a cell."""
        (x, y, z), (width, height) = place, self.cell
        left, top = self.corner(z)
        return (
            left + self.left + x * (width + self.gap),
            top + self.head + self.top + y * (height + self.gap),
            width,
            height,
        )


def _sizes(pictures: Mapping[int, Path | Produced]) -> dict[int, tuple[int, int]]:
    """Of those that can be read."""
    sizes: dict[int, tuple[int, int]] = {}
    for number, picture in pictures.items():
        with suppress(UserError):
            sizes[number] = _size(picture)
    return sizes


def _size(picture: Path | Produced) -> tuple[int, int]:
    """Of a file without its pixels being read. Raises UserError."""
    if isinstance(picture, Produced):
        return picture.picture.width, picture.picture.height
    with opened(picture) as image:
        return image.size


def _layout(sheet: Sheet, width: int, height: int) -> _Layout:
    """For cells of that size, or as large as fits."""
    scale = 1.0
    while True:
        layout = _layout_at(sheet, (max(1, round(width * scale)), max(1, round(height * scale))), scale)
        wide, high = layout.size
        fits = min(1.0, sqrt(MOST_PIXELS / (wide * high)), MOST_SIDE / wide, MOST_SIDE / high)
        if fits == 1.0 or layout.cell == (1, 1):
            return layout
        scale *= min(fits, 0.98)


def _layout_at(sheet: Sheet, cell: tuple[int, int], scale: float) -> _Layout:
    pixels = min(48, max(12, round(sum(cell) / 36)))
    font = ImageFont.load_default(pixels)
    gap = max(4, pixels // 2)
    labels = [axis.labels for axis in sheet.axes]
    longest = max(ceil(font.getlength(label)) for label in labels[1])
    left = min(longest, max(cell[0], 8 * pixels)) + gap
    lines = max(len(list(_wrapped(label, font, cell[0]))) for label in labels[0])
    top = lines * _line(font) + gap
    head = 2 * _line(font) if len(labels) > 2 else 0
    layouts = [
        _Layout(cell, scale, sheet.size, across, gap, left, top, head, font) for across in range(1, sheet.size[2] + 1)
    ]
    return min(layouts, key=lambda layout: abs(log(layout.size[0] / layout.size[1] / WIDE)))


def _line(font: Font) -> int:
    """Its height with some air."""
    return ceil(font.getbbox("Áy")[3] * 1.25)


def _wrapped(text: str, font: Font, width: int) -> Iterator[str]:
    """In lines of that width, LINES at most; what does not fit ends in dots."""
    words = text.split()
    for number in range(LINES):
        line = words[:1]
        while len(line) < len(words) and font.getlength(" ".join(words[: len(line) + 1])) <= width:
            line = words[: len(line) + 1]
        words = words[len(line) :]
        last = number == LINES - 1 and bool(words)
        if line:
            yield _cut(" ".join(line), font, width, last)
        if not words:
            return


def _cut(line: str, font: Font, width: int, goes_on: bool) -> str:
    if not goes_on and font.getlength(line) <= width:
        return line
    while line and font.getlength(f"{line}…") > width:
        line = line[: -1 - len(line) // 20]
    return f"{line}…"


def _write_labels(draw: ImageDraw.ImageDraw, sheet: Sheet, layout: _Layout, z: int) -> None:
    left, top = layout.corner(z)
    width, height = layout.cell
    if layout.head:
        across = (left + layout.left, top, layout.block[0] - layout.left - layout.gap, layout.head)
        _write(draw, sheet.axes[2].labels[z], across, layout.font)
    for x, label in enumerate(sheet.axes[0].labels):
        at = layout.box((x, 0, z))
        _write(draw, label, (at[0], at[1] - layout.top, width, layout.top), layout.font)
    for y, label in enumerate(sheet.axes[1].labels):
        _write(draw, label, (left, layout.box((0, y, z))[1], layout.left - layout.gap, height), layout.font)


def _write(draw: ImageDraw.ImageDraw, text: str, box: Box, font: Font) -> None:
    """In the middle of the box."""
    left, top, width, height = box
    lines = list(_wrapped(text, font, width))
    start = top + (height - len(lines) * _line(font)) / 2
    for number, line in enumerate(lines):
        at = (left + (width - font.getlength(line)) / 2, start + number * _line(font))
        draw.text(at, line, fill=INK, font=font)


def _paste(paper: Image.Image, picture: Raster, box: Box, scale: float) -> None:
    """In the middle of the box."""
    left, top, width, height = box
    wide, high = (max(1, round(side * scale)) for side in (picture.width, picture.height))
    small = picture.rgb().resize(min(wide, width), min(high, height))
    paper.paste(small.image(), (left + (width - small.width) // 2, top + (height - small.height) // 2))


def _read(picture: Path | Produced) -> Raster | None:
    if isinstance(picture, Produced):
        return picture.picture
    try:
        return Raster.read(picture)
    except UserError:
        return None
