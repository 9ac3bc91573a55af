"""A process that does things with a library, and whose children die of it at an instant that they are told.

A line "deed 7" on its input: a child does it, and is killed at the seventh instant when anything reaches the disk;
"deed 0.02": after so many seconds. The answer: what the child has told, then "killed", or "done" where it was quicker.
"""

from __future__ import annotations

import io
import os
import random
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from desktop.database import Database
from desktop.library import arriving  # noqa: F401 (children are born with it)
from desktop.library.importing import import_folder
from desktop.library.inputs import Inputs
from desktop.library.library import Library
from desktop.library.picture import Picture
from desktop.library.query import Query
from desktop.library.thumbnails import Thumbnails
from desktop.library.upkeep import back_up, move_all
from tests.library.things import last, never, produced

WRITES = ("INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER")


class Home:
    """All that a library has, below one folder."""

    def __init__(self, folder: Path):
        self.folder, self.theirs, self.new = folder, folder / "theirs", folder / "new"
        self.database = Database(folder / "sfumato.db")
        self.thumbnails = Thumbnails(folder / "thumbnails.db")
        self.library = Library(self.database, lambda: folder / "pictures")
        self.inputs = Inputs(folder / "inputs")

    def close(self) -> None:
        self.database.close()
        self.thumbnails.close()

    def ids(self, trashed: bool = False) -> list[int]:
        return list(self.library.ids(Query(trashed=trashed, sort="oldest")))

    def import_theirs(self) -> None:
        last(import_folder(self.theirs, self.library, self.thumbnails, never))

    def move(self) -> None:
        list(move_all(self.library, self.library.folder, self.new, never))

    def delete(self) -> None:
        ids = self.ids()[:2]
        self.library.trash(ids)
        self.library.delete(ids)

    def back_up(self) -> None:
        list(back_up(self.library, self.inputs, self.folder / "backup", never))

    def live(self) -> None:
        """Endlessly, and tells of it."""
        chance = random.Random(len(self.ids()))
        for seed in count(time.time_ns() % 2**48):  # never the same pixels twice
            _tell("kept", self.library.add(produced(seed), 0))
            picture = self.library.pictures([chance.choice(self.ids())])[0]
            match chance.choice(("delete", "move", "trash", "import", "keep")):
                case "delete" if picture.made_here:
                    _tell("deleting", picture)
                    self.library.trash([picture.id])
                    self.library.trash([picture.id])
                    self.library.delete([picture.id])
                    _tell("deleted", picture)
                case "move":
                    self.library.move(picture, self.new / picture.file.name)
                case "trash":
                    self.library.trash([picture.id])
                    self.library.restore([picture.id])
                case "import":
                    self.import_theirs()


DEEDS: dict[str, Callable[[Home], object]] = {
    "add": lambda home: home.library.add(produced(99), 0),
    "import": Home.import_theirs,
    "trash": lambda home: home.library.trash(home.ids()),
    "restore": lambda home: home.library.restore(home.ids(trashed=True)),
    "delete": lambda home: home.library.delete(home.ids(trashed=True)),
    "move": Home.move,
    "back-up": Home.back_up,
    "open": lambda home: None,
    "finish": lambda home: home.library.finish(),
    "live": Home.live,
}


def _tell(word: str, picture: Picture) -> None:
    os.write(1, f"{word} {picture.content}\n".encode())  # at once: death never comes in the middle of it


# ---------------------------------------------------------------- dying


class Watch:
    """Kills this process at an instant, counted from 1."""

    def __init__(self, instant: int):
        self._left = instant

    def tick(self, *_: object) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def begin(self) -> None:
        """From now on, all that reaches the disk is counted, before and after."""
        for owner, name in (
            *((os, name) for name in ("fsync", "utime")),
            *((Path, name) for name in ("replace", "unlink", "mkdir")),
        ):
            setattr(owner, name, self._around(getattr(owner, name)))
        sqlite3.connect = partial(sqlite3.connect, factory=self._connections())  # pyright: ignore[reportAttributeAccessIssue]
        opened = Path.open
        writes = self._files()
        Path.open = lambda path, mode="r", *rest, **more: (  # pyright: ignore[reportAttributeAccessIssue]
            writes(io.FileIO(path, mode.replace("b", "")))
            if mode in ("wb", "xb")
            else opened(path, mode, *rest, **more)
        )

    def _around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*args: Any, **more: Any) -> Any:
            self.tick()
            result = function(*args, **more)
            self.tick()
            return result

        return watched

    def _files(self) -> type[io.BufferedWriter]:
        tick = self.tick

        class File(io.BufferedWriter):
            def write(self, content: Any, /) -> int:
                tick()
                super().write(content[: len(content) // 2])
                self.flush()
                tick()
                super().write(content[len(content) // 2 :])
                self.flush()
                return len(content)

        return File

    def _connections(self) -> type[sqlite3.Connection]:
        tick = self.tick

        class Connection(sqlite3.Connection):
            def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
                if sql.strip().startswith(WRITES):
                    tick()
                return super().execute(sql, *values)

            def backup(self, target: sqlite3.Connection, **_: Any) -> None:
                super().backup(target, pages=8, progress=tick)

            def __exit__(self, *reason: Any) -> Any:
                tick()
                result = super().__exit__(*reason)
                tick()
                return result

        return Connection


def _do(folder: Path, deed: str, instant: int) -> None:
    if instant:
        Watch(instant).begin()
    with closing(Home(folder)) as home:
        DEEDS[deed](home)


def main(folder: Path) -> None:
    for line in sys.stdin:
        deed, when = line.split()
        seconds, instant = (float(when), 0) if "." in when else (0.0, int(when))
        child = os.fork()
        if not child:
            _do(folder, deed, instant)
            os._exit(0)
        if seconds:
            time.sleep(seconds)
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        print({0: "done", signal.SIGKILL: "killed"}.get(status, "failed"), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
