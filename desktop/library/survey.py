"""Survey: pictures of an earlier Sfumato are looked at once, for what their rows do not say yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from desktop.engine.api import Progress
from desktop.errors import UserError
from desktop.library.library import Library
from desktop.library.thumbnails import Made, Thumbnails


def unknown(library: Library) -> list[int]:
    """Ids of pictures whose content is not known, the newest first. Raises UserError."""
    with library.database.read() as connection:
        rows = connection.execute("SELECT id FROM pictures WHERE content IS NULL ORDER BY created DESC")
        return [id for (id,) in rows]


def survey(library: Library, thumbnails: Thumbnails, stopped: Callable[[], bool]) -> Iterator[Progress]:
    """Content, size and thumbnails of each; those that are not there are asked for again another day."""
    from desktop.library.arriving import look_at  # here: numpy and Pillow come later than the window

    ids = unknown(library)
    for number, id in enumerate(ids):
        if stopped():
            return
        yield Progress(number, len(ids), "looking through pictures")
        picture = library.find(id)
        if picture is None:
            continue
        try:
            look = look_at(picture.file)
        except UserError:
            continue
        library.complete(id, look.arrival)
        thumbnails.put([Made(id, look.stamp, look.thumbnails)])
