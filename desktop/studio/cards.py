"""Cards: what is shown of a picture among many. Runs in a lane: files are looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
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
    stamps = {each.id: stamp for each in pictures if (stamp := _stamp(each))}
    kept = {id: thumbnails.opened(jpeg) for id, jpeg in small.find(stamps, side).items()}
    shown = {id: raster for id, raster in kept.items() if raster}
    new = [made for each in pictures if each.id in stamps and each.id not in shown if (made := _make(each, stamps))]
    shown |= {each.picture: thumbnails.opened(each.jpegs[thumbnails.SIDES.index(side)]) for each in new}
    if new:
        with suppress(UserError):  # they are made again the next time
            small.put(new)
    return [Card(each, shown.get(each.id), each.id not in stamps) for each in pictures]


def _stamp(picture: Picture) -> str | None:
    """None where the file is gone, or just goes."""
    try:
        return None if thumbnails.missing(picture) else thumbnails.stamp_of(picture.file)
    except OSError:
        return None


def _make(picture: Picture, stamps: Mapping[int, str]) -> Made | None:
    from desktop.raster import opened, upright

    try:
        with opened(picture.file) as image:
            return Made(picture.id, stamps[picture.id], thumbnails.made_of(upright(image)))
    except UserError:
        return None  # shown as what it is: a file that cannot be read
