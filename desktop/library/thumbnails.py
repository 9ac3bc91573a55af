"""Small versions of the pictures, in a file of their own: losing it costs nothing but the time to make them again."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.database import Database
from desktop.library.picture import Picture

if TYPE_CHECKING:
    from PIL import Image

    from desktop.raster import Raster

SIDES = (128, 256, 512)  # pixels of the longer side
QUALITY = 80
GAP = 2  # how much larger a picture is when it is scaled at last, with care
MIGRATIONS = (
    """
    CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE thumbnails (
        picture INTEGER PRIMARY KEY,
        stamp TEXT NOT NULL,
        small BLOB NOT NULL,
        medium BLOB NOT NULL,
        large BLOB NOT NULL
    );
    """,
)
COLUMNS: dict[int, str] = dict(zip(SIDES, ("small", "medium", "large"), strict=True))


@dataclass(frozen=True)
class Made:
    """The thumbnails of a picture, as JPEG, smallest first; `stamp`: of the file that they were made from."""

    picture: int
    stamp: str
    jpegs: tuple[bytes, ...]


class Thumbnails:
    """Thumbnails by their picture's id, for any thread. Raises UserError."""

    def __init__(self, file: Path):
        self._database = Database(file, MIGRATIONS)

    def close(self) -> None:
        self._database.close()

    def put(self, made: Iterable[Made]) -> None:
        rows = [(each.picture, each.stamp, *each.jpegs) for each in made]
        with self._database.write() as connection:
            connection.executemany("INSERT OR REPLACE INTO thumbnails VALUES (?, ?, ?, ?, ?)", rows)

    def remove(self, ids: Iterable[int]) -> None:
        with self._database.write() as connection:
            connection.executemany("DELETE FROM thumbnails WHERE picture = ?", [(id,) for id in ids])

    def find(self, pictures: Mapping[int, str], side: int) -> dict[int, bytes]:
        """JPEGs of one of SIDES by id: those that were made from files of these stamps."""
        wanted = "picture IN (SELECT value FROM json_each(?))"
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT picture, stamp, {COLUMNS[side]} FROM thumbnails WHERE {wanted}", (json.dumps(list(pictures)),)
            )
            return {id: jpeg for id, stamp, jpeg in rows if stamp == pictures[id]}


def stamp_of(file: Path) -> str:
    """Changes with the file. Raises OSError where it is not there."""
    facts = file.stat()
    return f"{facts.st_size}-{facts.st_mtime_ns}"


def missing(picture: Picture) -> bool:
    """Whether its file was moved or deleted."""
    try:
        return not picture.file.is_file()
    except (OSError, ValueError):
        return True


def made_of(picture: Image.Image) -> tuple[bytes, ...]:
    """JPEGs of all SIDES; what is transparent is white."""
    from PIL import Image

    image = _reduced(picture)
    jpegs: list[bytes] = []
    for side in reversed(SIDES):
        image.thumbnail((side, side), Image.Resampling.BICUBIC, reducing_gap=GAP)
        stream = io.BytesIO()
        image.save(stream, "JPEG", quality=QUALITY)
        jpegs.insert(0, stream.getvalue())
    return tuple(jpegs)


def _reduced(picture: Image.Image) -> Image.Image:
    """At most about GAP times as large as the largest of SIDES; strip by strip, without a copy of a large picture."""
    from PIL import Image

    from desktop.raster import Raster, strips

    if (factor := max(picture.size) // (GAP * SIDES[-1])) < 2:
        return Raster.of(picture).rgb().image()
    reduced = Image.new("RGB", (-(-picture.width // factor), -(-picture.height // factor)))
    top = 0
    for strip in strips(picture, factor):
        reduced.paste(strip.rgb().image().reduce(factor), (0, top))
        top += strip.height // factor
    return reduced


def opened(jpeg: bytes) -> Raster | None:
    """One of ours; None where it is damaged."""
    from PIL import Image

    from desktop.raster import BROKEN, Raster

    try:
        return Raster.of(Image.open(io.BytesIO(jpeg)))
    except BROKEN:
        return None
