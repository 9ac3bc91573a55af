"""From a picture file to its row: one look at it gives its description, its content and its thumbnails."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from desktop.library import thumbnails
from desktop.library.library import Arrival
from desktop.library.metadata import reading
from desktop.raster import Raster, opened, upright


@dataclass(frozen=True)
class Look:
    """What one decoding of a file has brought."""

    arrival: Arrival
    stamp: str  # see thumbnails.stamp_of
    thumbnails: tuple[bytes, ...]


def look_at(file: Path) -> Look:
    """Raises UserError where it is no picture."""
    with opened(file) as image:
        image.load()
        description = reading.describe_image(image)
        raster = Raster.of(upright(image))
        facts, stamp = file.stat(), thumbnails.stamp_of(file)
    arrival = Arrival(file, description, facts.st_mtime, raster.width, raster.height, facts.st_size, raster.sha256)
    return Look(arrival, stamp, thumbnails.made_of(raster))


def arrival_of(file: Path) -> Arrival:
    """Raises UserError where it is no picture."""
    return look_at(file).arrival
