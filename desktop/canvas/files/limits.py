"""Limits: what a document may be like at most to be kept in a file, and to be read from one that nobody vouches for."""

from __future__ import annotations

from desktop.canvas.snapshot import Snapshot
from desktop.canvas.tiles import SIDE
from desktop.errors import UserError
from desktop.raster import MOST_PIXELS

MOST_LAYERS = 4096
MOST_TILES = 2**15  # 8 GiB of memory


def check(snapshot: Snapshot) -> None:
    """Raises UserError where no file can hold it: too much of it, or too far apart."""
    planes = [snapshot.selection, *(layer.plane for layer in snapshot.layers)]
    check_amount(len(snapshot.layers), sum(len(plane.tiles) for plane in planes))
    areas = [snapshot.frame, snapshot.selection.bounds, *(layer.bounds for layer in snapshot.layers)]
    placed = [area for area in areas if not area.isEmpty()]
    width = max(area.x() + area.width() for area in placed) - min(area.x() for area in placed)
    height = max(area.y() + area.height() for area in placed) - min(area.y() for area in placed)
    check_size(width, height, "The document, with its masks and its selection,")  # QRect.united counts to 2**31 only


def check_amount(layers: int, tiles: int) -> None:
    if layers > MOST_LAYERS:
        raise UserError(f"The document has more than {MOST_LAYERS} layers.", "Merge some of them.")
    if tiles > MOST_TILES:
        most = MOST_TILES * SIDE * SIDE // 10**6
        raise UserError(f"All layers together have more than {most} megapixels.", "Merge or crop some of them.")


def check_size(width: int, height: int, what: str) -> None:
    if width * height > MOST_PIXELS:
        message = f"{what} spans {width} × {height} pixels: too many for one picture."
        raise UserError(message, f"At most {MOST_PIXELS // 10**6} megapixels fit: erase what is far out, or crop.")
