"""From a picture file to its row: one look at it gives its description, its content and its thumbnails."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from desktop.library import thumbnails
from desktop.library.library import Arrival
from desktop.library.metadata import reading
from desktop.raster import content_of, opened, upright

LARGE = 40_000_000  # pixels
ONE_LARGE = Lock()  # is looked at at a time: each takes gigabytes


@dataclass(frozen=True)
class Look:
    """What one decoding of a file has brought."""

    arrival: Arrival
    stamp: str  # see thumbnails.stamp_of
    thumbnails: tuple[bytes, ...]


def look_at(file: Path) -> Look:
    """Raises UserError where it is no picture."""
    with opened(file) as image, ONE_LARGE if image.width * image.height > LARGE else nullcontext():
        image.load()
        description = reading.describe_image(image)
        image = upright(image)
        facts, stamp = file.stat(), thumbnails.stamp_of(file)
        arrival = Arrival(file, description, facts.st_mtime, *image.size, facts.st_size, content_of(image))
        return Look(arrival, stamp, thumbnails.made_of(image))


def arrival_of(file: Path) -> Arrival:
    """Raises UserError where it is no picture."""
    return look_at(file).arrival
