"""Exporting: copies of pictures for others, in a format, a size and under names that people choose."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import chain
from itertools import count as numbers
from pathlib import Path, PurePosixPath

from desktop.engine.api import Progress
from desktop.errors import UserError
from desktop.library import naming
from desktop.library.metadata.description import Description
from desktop.library.metadata.writing import Export, encode
from desktop.library.picture import Picture
from desktop.paths import write_new, written_atomically
from desktop.raster import Raster

ENDINGS = {"png": ".png", "jpeg": ".jpg", "webp": ".webp", "avif": ".avif"}
Sign = Callable[[bytes, Description], bytes]  # a file's content, which was made by AI, and what it says of itself


@dataclass(frozen=True)
class Order:
    """How pictures are exported. `side`: pixels of the longer one at most, 0 for all; `zipped`: into one file."""

    how: Export
    side: int = 0
    pattern: str = "{name}"
    zipped: bool = False


@dataclass
class Exported:
    """What has come of it. `place`: the folder or the zip; `failed`: which could not be, and why."""

    place: Path
    count: int = 0
    failed: list[tuple[Path, str]] = field(default_factory=list)


def export(
    pictures: Sequence[Picture], order: Order, place: Path, sign: Sign | None, stopped: Callable[[], bool]
) -> Iterator[Progress | Exported]:
    """Progress, then an Exported. `place`: a folder, or the zip to be written. Raises UserError."""
    naming.check(order.pattern)
    exported = Exported(place)
    try:
        with _zip(place) if order.zipped else _folder(place) as write:
            for number, picture in enumerate(pictures):
                if stopped():
                    break
                yield Progress(number, len(pictures), "exporting")
                try:
                    write(_named(picture, order, number + 1), _content(picture, order, sign))
                    exported.count += 1
                except UserError as error:
                    exported.failed.append((picture.file, error.message))
    except OSError as error:
        raise UserError(f"Cannot write to {place}: {error.strerror}.", "Choose another place, or make room.") from error
    yield exported


def _content(picture: Picture, order: Order, sign: Sign | None) -> bytes:
    raster = Raster.read(picture.file)
    longer = max(raster.width, raster.height)
    if 0 < order.side < longer:
        raster = raster.resize(*(max(1, round(side * order.side / longer)) for side in (raster.width, raster.height)))
    content = encode(raster, picture.said, order.how)
    return sign(content, picture.said) if sign and picture.ai_generated else content


def _named(picture: Picture, order: Order, number: int) -> PurePosixPath:
    facts = {"number": f"{number:04}", "name": picture.file.stem, "model": picture.model}
    facts |= {"width": str(picture.width), "height": str(picture.height)}
    facts |= {name: str(picture.fields.get(name, "")) for name in ("seed", "prompt")}
    path = naming.named(order.pattern, picture.created, facts)
    return path.with_name(f"{path.name}{ENDINGS[order.how.format]}")


# ---------------------------------------------------------------- where to

Write = Callable[[PurePosixPath, bytes], None]


@contextmanager
def _folder(place: Path) -> Iterator[Write]:
    def write(path: PurePosixPath, content: bytes) -> None:
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        for each in _alike(path):
            with suppress(FileExistsError):
                write_new(place / each, content)
                break

    yield write


@contextmanager
def _zip(place: Path) -> Iterator[Write]:
    """There whole or not at all."""
    taken: set[PurePosixPath] = set()
    with written_atomically(place) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:

        def write(path: PurePosixPath, content: bytes) -> None:
            free = next(each for each in _alike(path) if each not in taken)
            taken.add(free)
            archive.writestr(str(free), content)

        yield write


def _alike(path: PurePosixPath) -> Iterator[PurePosixPath]:
    """That name, and others like it for where it is taken."""
    endings = chain(("",), (f"-{n}" for n in numbers(2)))
    return (path.with_name(f"{path.stem}{ending}{path.suffix}") for ending in endings)
