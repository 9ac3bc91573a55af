"""Locating: pictures whose files others have moved are found again, by name, size and content."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from desktop.engine.api import Progress
from desktop.errors import UserError
from desktop.library.library import Library
from desktop.library.picture import Picture
from desktop.library.thumbnails import missing

PACE = 1000  # files between two words about it


def locate(
    library: Library, pictures: Iterable[Picture], folder: Path, stopped: Callable[[], bool]
) -> Iterator[Progress | list[int]]:
    """Looks for those that are missing in the folder and below: progress, then the ids of those that were found."""
    lost: defaultdict[str, list[Picture]] = defaultdict(list)
    for picture in filter(missing, pictures):
        lost[picture.file.name].append(picture)
    found: list[int] = []
    count = sum(map(len, lost.values()))
    for number, file in enumerate(_files_in(folder)):
        if stopped() or len(found) == count:
            break
        if number % PACE == 0:
            yield Progress(len(found), count, "looking for pictures")
        same_name = lost.get(file.name, [])
        if same_name and not library.known([file]) and (picture := _whose(file, same_name)):
            library.found(picture.id, file)
            same_name.remove(picture)
            found.append(picture.id)
    yield found


def _files_in(folder: Path) -> Iterator[Path]:
    return (Path(place, name) for place, _, names in os.walk(folder.resolve()) for name in names)


def _whose(file: Path, pictures: Iterable[Picture]) -> Picture | None:
    return next((picture for picture in pictures if _is_of(file, picture)), None)


def _is_of(file: Path, picture: Picture) -> bool:
    """As far as the row knows it: one of an earlier Sfumato knows neither size nor content."""
    from desktop.raster import Raster  # here: numpy and Pillow come later than the window

    try:
        if not file.is_file() or (picture.bytes and file.stat().st_size != picture.bytes):
            return False
        return picture.content is None or Raster.read(file).sha256 == picture.content
    except (OSError, UserError):
        return False
