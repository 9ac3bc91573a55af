"""The pictures that were made: files that any program can show, and a row in the database for each.

A file is noted before it is written, and its row is written after it; a row goes before its file does. So there is
never a row without its file, nor a file of ours that the next start does not pick up, whenever the power goes.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import chain, islice
from itertools import count as numbers
from pathlib import Path
from sqlite3 import Connection
from typing import TYPE_CHECKING, Any

from desktop.database import Database
from desktop.errors import UserError
from desktop.library import naming, unfinished
from desktop.library.marks import forget_unborne_tags
from desktop.library.picture import SELECT, Picture, task_of
from desktop.library.query import Query
from desktop.paths import is_there, make_folder, remove_leftovers, write_new
from desktop.settings import NAMES

if TYPE_CHECKING:  # numpy and Pillow come with it, later than the window
    from desktop.engine.api import Produced
    from desktop.library.metadata.description import Description

BATCH = 50  # files that are removed in one transaction
TRIED = 4  # rows for each of the newest pictures
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
LORA = re.compile(r"<(?:lora|lyco):([^:>]{1,200})")


@dataclass(frozen=True)
class Arrival:
    """A file that is there, and gets a row. `created`: seconds since 1970; `content`: its Raster.sha256.

    `made_here`: rather than imported; only such files are ever moved or deleted.
    """

    file: Path
    description: Description
    created: float
    width: int
    height: int
    bytes: int
    content: str
    seconds: float = 0.0
    made_here: bool = False


class Library:
    """The rows and their files, for any thread. Raises UserError.

    `folder` is where new pictures go, and `pattern` how they are named: asked each time, since these are settings.
    """

    def __init__(self, database: Database, folder: Callable[[], Path], pattern: Callable[[], str] | None = None):
        self.database = database
        self._folder = folder
        self._pattern = pattern or (lambda: NAMES)

    @property
    def folder(self) -> Path:
        return Path(os.path.realpath(self._folder()))  # one name for a file, so that it has one row

    # ------------------------------------------------------------ what comes in

    def add(self, produced: Produced, seconds: float) -> Picture:
        """Writes the file, then its row. A file whose row cannot be written stays: no picture is ever deleted."""
        from desktop.library.metadata import writing
        from desktop.library.metadata.tools import sfumato

        created = time.time()
        content = writing.png(produced)
        file = self._write(content, created, produced)
        arrival = Arrival(
            file,
            sfumato.described(produced.recipe.to_json(), produced.made),
            created,
            produced.picture.width,
            produced.picture.height,
            len(content),
            produced.picture.sha256,
            seconds,
            made_here=True,
        )
        with self.database.write() as connection:
            connection.execute("DELETE FROM pictures WHERE file = ?", (str(file),))  # whatever had this name is gone
            return self.pictures([_insert(connection, arrival)])[0]

    def adopt(self, arrivals: Iterable[Arrival]) -> list[Picture]:
        """Rows for files that are there, in one transaction; those that have one keep it."""
        with self.database.write() as connection:
            ids = [_id_of(connection, arrival.file) or _insert(connection, arrival) for arrival in arrivals]
            return self.pictures(ids)

    def complete(self, id: int, arrival: Arrival) -> None:
        """What an earlier Sfumato has not written into the row."""
        facts = (arrival.content, arrival.bytes, arrival.width, arrival.height, id)
        with self.database.write() as connection:
            connection.execute("UPDATE pictures SET content = ?, bytes = ?, width = ?, height = ? WHERE id = ?", facts)

    def known(self, files: Iterable[Path]) -> set[Path]:
        """Those of them that have a row."""
        with self.database.read() as connection:
            return {file for file in files if unfinished.has_row(connection, file)}

    # ------------------------------------------------------------ what is there

    def ids(self, query: Query, most: int | None = None) -> array[int]:
        """Of all pictures that are wanted, or of so many, in order."""
        sql, values = query.sql()
        if most is not None:
            sql, values = f"{sql} LIMIT ?", [*values, most]
        with self.database.read() as connection:  # as one text: row by row takes three times as long
            found = connection.execute(f"SELECT json_group_array(id) FROM ({sql})", values).fetchone()[0]
        return array("q", json.loads(found))

    def pictures(self, ids: Iterable[int]) -> list[Picture]:
        """In the order of their ids as given; without those that are gone."""
        wanted = list(ids)
        with self.database.read() as connection:
            rows = connection.execute(f"{SELECT} WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(wanted),))
            found = {row[0]: Picture.of(row) for row in rows}
        return [found[id] for id in wanted if id in found]

    def find(self, id: int) -> Picture | None:
        """None where there is no such picture any more."""
        return next(iter(self.pictures([id])), None)

    def recent(self, count: int) -> list[Picture]:
        """The newest first that were made here; without those whose file is gone, or whose recipe is not whole.

        Fewer where most are gone: their whole disk may be, and each is asked for.
        """
        with self.database.read() as connection:
            rows = connection.execute(
                f"{SELECT} WHERE tool = 'sfumato' AND trashed IS NULL ORDER BY created DESC, id DESC LIMIT ?",
                (TRIED * count,),
            )
            good = (each for row in rows if (each := Picture.of(row)).recipe and is_there(each.file))
            return list(islice(good, count))

    def changes(self) -> tuple[int, int]:
        """Another pair once pictures have come or gone, by whatever process."""
        with self.database.read() as connection:
            return connection.execute("SELECT coalesce(max(id), 0), count(*) FROM pictures").fetchone()

    # ------------------------------------------------------------ what goes

    def trash(self, ids: Iterable[int]) -> None:
        """Out of sight; the files stay where they are, until they are deleted."""
        self._set_trashed(ids, time.time())

    def restore(self, ids: Iterable[int]) -> None:
        """Out of the trash."""
        self._set_trashed(ids, None)

    def delete(self, ids: Iterable[int]) -> None:
        """For good, of those that are in the trash: rows, then files. Imported files stay: they are not ours."""
        with self.database.write() as connection:
            pictures = [picture for picture in self.pictures(ids) if picture.trashed is not None]
            connection.executemany("DELETE FROM pictures WHERE id = ?", [(picture.id,) for picture in pictures])
            forget_unborne_tags(connection)
            ours = [each for each in pictures if each.made_here and not _has_other_row(connection, each)]
            for picture in ours:
                unfinished.leave(connection, picture.file)
        self._settle(picture.file for picture in ours)

    # ------------------------------------------------------------ where files are

    def move(self, picture: Picture, target: Path) -> Path:
        """Copies the file there, under a free name like it, then removes the old one; where it is now."""
        content = _read(picture.file)
        with _telling(target.parent):
            make_folder(target.parent)
            file = self._write_new(target, content, f"{unfinished.COPY_OF}{picture.file}")
        with suppress(OSError):  # its time is what its thumbnails are known by
            shutil.copystat(picture.file, file)
        with self.database.write() as connection:
            if not is_there(file):  # another Sfumato has just started, and taken it for what a kill has left
                raise UserError(f"{picture.file} was not moved: its copy is gone again.", "Do it again.")
            has_moved = _rename(connection, picture.id, file)
            unfinished.leave(connection, picture.file if has_moved else file)
        self._settle([picture.file, file])
        return file

    def found(self, id: int, file: Path) -> None:
        """The picture's file was moved by others, and is there now."""
        with self.database.write() as connection:
            _rename(connection, id, file)

    def finish(self) -> int:
        """Finishes what a kill has interrupted; how many pictures came in by that."""
        with self.database.read() as connection:
            notes = unfinished.notes(connection)
        coming = [note.file for note in notes if note.arrives and is_there(note.file)]
        known = self.known(coming)
        arrived = sum(self._take(file) for file in coming if file not in known)
        self._settle(note.file for note in notes)
        return arrived

    def tidy(self) -> None:
        """Removes what a kill has left half-written among the pictures."""
        with suppress(OSError):  # it is only for tidiness
            remove_leftovers(self.folder)

    # ------------------------------------------------------------ inside

    def _write(self, content: bytes, created: float, produced: Produced) -> Path:
        recipe = produced.recipe
        facts = {name: getattr(recipe, name) for name in ("seed", "prompt", "width", "height")}
        path = naming.named(self._pattern(), created, {**facts, "model": produced.made.get("model", "")})
        target = self.folder / f"{path}.png"
        with _telling(target.parent):
            make_folder(target.parent)
            return self._write_new(target, content, unfinished.ARRIVING)

    def _write_new(self, target: Path, content: bytes, what: str) -> Path:
        """Under that name or, where it is taken, the next that is free."""
        for ending in chain(("",), (f"-{n}" for n in numbers(2))):
            file = target.with_name(f"{target.stem}{ending}{target.suffix}")
            if file.exists() or not self._claim(file, what):
                continue
            try:
                write_new(file, content)
                return file
            except FileExistsError:  # somebody was quicker
                self._forget(file)
            except OSError:
                if not is_there(file):
                    self._forget(file)
                raise
        raise AssertionError("numbers end nowhere")

    def _take(self, file: Path) -> bool:
        """Whether it has become a picture."""
        from desktop.library.arriving import arrival_of

        try:
            arrival = arrival_of(file)
        except UserError:  # no picture: somebody else's file of that name
            self._forget(file)
            return False
        self.adopt([replace(arrival, made_here=True)])
        return True

    def _settle(self, files: Iterable[Path]) -> None:
        rest = iter(files)
        while some := list(islice(rest, BATCH)):
            with self.database.write() as connection:
                unfinished.settle(connection, some)

    def _claim(self, file: Path, what: str) -> bool:
        with self.database.write() as connection:
            return unfinished.claim(connection, file, what)

    def _forget(self, file: Path) -> None:
        with self.database.write() as connection:
            unfinished.forget(connection, file)

    def _set_trashed(self, ids: Iterable[int], when: float | None) -> None:
        with self.database.write() as connection:
            connection.executemany("UPDATE pictures SET trashed = ? WHERE id = ?", [(when, id) for id in ids])


def _insert(connection: Connection, arrival: Arrival) -> int:
    """The new row's id."""
    file, found = str(arrival.file), arrival.description
    fields = found.recipe
    model = _text(found.made.get("model") or fields.get("model"))
    id = connection.execute(
        """
        INSERT INTO pictures
            (file, created, model, task, tool, width, height, seed, bytes, ai_generated, made_here, content)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
        """,
        (
            file,
            arrival.created,
            model,
            task_of(fields) if fields else "",
            found.tool or "",
            arrival.width,
            arrival.height,
            _text(fields.get("seed")),
            arrival.bytes,
            found.ai_generated,
            arrival.made_here,
            arrival.content,
        ),
    ).fetchone()[0]
    connection.execute(
        "INSERT INTO recipes VALUES (?, ?, ?, ?, ?)",
        (id, _json(fields), _json(found.unused), _json(found.made), arrival.seconds),
    )
    words = (_text(fields.get("prompt")), _text(fields.get("negative")), model, ", ".join(_loras(fields)), "")
    connection.execute(
        "INSERT INTO words (rowid, prompt, negative, model, loras, tags) VALUES (?, ?, ?, ?, ?, ?)", (id, *words)
    )
    unfinished.forget(connection, arrival.file)
    return id


def _id_of(connection: Connection, file: Path) -> int | None:
    row = connection.execute("SELECT id FROM pictures WHERE file = ?", (str(file),)).fetchone()
    return row[0] if row else None


def _has_other_row(connection: Connection, picture: Picture) -> bool:
    """Whether its file stands in the library under another name too: by a link, say."""
    rows = connection.execute("SELECT file FROM pictures WHERE content = ?", (picture.content,))
    for (file,) in rows:
        with suppress(OSError, ValueError):
            if picture.file.samefile(str(file)):
                return True
    return False


def _rename(connection: Connection, id: int, file: Path) -> bool:
    """Whether there still is such a picture; another that had the file's name is the same, or gone."""
    connection.execute("DELETE FROM pictures WHERE file = ? AND id != ?", (str(file), id))
    return connection.execute("UPDATE pictures SET file = ? WHERE id = ?", (str(file), id)).rowcount == 1


def _loras(fields: Mapping[str, Any]) -> list[str]:
    """Their names, from the prompt's tags and from those told apart."""
    apart = fields.get("loras")
    rows = [each for each in apart if isinstance(each, Mapping)] if isinstance(apart, list | tuple) else []
    return [*LORA.findall(_text(fields.get("prompt"))), *(_text(row.get("name")) for row in rows)]


def _text(value: Any) -> str:
    """That a database can hold: halves of characters cannot be stored."""
    return "" if value is None else str(value).encode("utf-8", "replace").decode()


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}.", "Check that its disk is connected.") from error


@contextmanager
def _telling(folder: Path) -> Iterator[None]:
    """What goes wrong with the file system becomes a UserError."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise UserError(
                f"The picture cannot be kept: the disk of {folder} is full.",
                "Make room there, or choose another folder for pictures in the settings.",
            ) from error
        raise UserError(
            f"The picture cannot be kept in {folder}: {error.strerror}.",
            "Check who may write there, or choose another folder for pictures in the settings.",
        ) from error
