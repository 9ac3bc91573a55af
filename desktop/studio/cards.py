"""Cards: what is shown of a picture among many. Runs in a lane: files are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop.errors import UserError
from desktop.library import thumbnails
from desktop.library.library import Library
from desktop.library.picture import Picture
from desktop.library.thumbnails import Made, Thumbnails

if TYPE_CHECKING:
    from desktop.raster import Raster


@dataclass(frozen=True, eq=False)
class Card:
    """A picture and its thumbnail: None where the file is gone, or cannot be read."""

    picture: Picture
    thumbnail: Raster | None
    is_missing: bool = False


def cards(library: Library, small: Thumbnails, ids: Sequence[int], side: int) -> list[Card]:
    """`side`: one of thumbnails.SIDES. Thumbnails that are not there yet are made, and kept."""
    pictures = library.pictures(ids)
    stamps = {each.id: thumbnails.stamp_of(each.file) for each in pictures if not thumbnails.missing(each)}
    jpegs = small.find(stamps, side)
    for picture in pictures:
        if picture.id in stamps and picture.id not in jpegs and (made := _make(picture)):
            small.put([Made(picture.id, stamps[picture.id], made)])
            jpegs[picture.id] = made[thumbnails.SIDES.index(side)]
    return [
        Card(each, thumbnails.opened(jpegs[each.id]) if each.id in jpegs else None, each.id not in stamps)
        for each in pictures
    ]


def _make(picture: Picture) -> tuple[bytes, ...] | None:
    from desktop.raster import Raster

    try:
        return thumbnails.made_of(Raster.read(picture.file))
    except UserError:
        return None  # shown as what it is: a file that cannot be read
