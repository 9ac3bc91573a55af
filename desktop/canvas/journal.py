"""Journal: a document's steps on disk, each in a transaction of its own: undo, autosave and recovery in one.

A step is its snapshot without pixels, as JSON, and the tiles that it changed; tiles are kept once by content.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby, takewhile
from pathlib import Path
from typing import Any
from weakref import WeakSet

import numpy as np

from desktop.canvas.history import History, Step, replaced
from desktop.canvas.layer import Role
from desktop.canvas.snapshot import Snapshot
from desktop.canvas.tiles import SIDE, Key, Plane, Tile
from desktop.database import Database
from desktop.errors import UserError

MIGRATIONS = (
    """
    CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE steps (place INTEGER PRIMARY KEY, name TEXT NOT NULL, merge TEXT NOT NULL, content TEXT NOT NULL);
    CREATE TABLE tiles (hash BLOB PRIMARY KEY, channels INTEGER NOT NULL, data BLOB NOT NULL);
    CREATE TABLE changes (
        place INTEGER NOT NULL REFERENCES steps ON DELETE CASCADE,
        plane TEXT NOT NULL,
        x INTEGER NOT NULL,
        y INTEGER NOT NULL,
        tile BLOB REFERENCES tiles,
        PRIMARY KEY (place, plane, x, y)
    ) WITHOUT ROWID;
    CREATE INDEX changes_tile ON changes (tile);
    """,
)
SELECTION = "selection"  # the name of its plane among those of the layers
INSERT_STEP = "INSERT INTO steps VALUES (?, ?, ?, ?)"
INSERT_TILE = "INSERT OR IGNORE INTO tiles VALUES (?, ?, ?)"
INSERT_CHANGE = "INSERT INTO changes VALUES (?, ?, ?, ?, ?)"
QUICK = 1  # zlib's level: a tile takes 1 to 4 ms, at others several times that

Change = tuple[str, Key, Tile | None]  # plane, place, and what is there now


class Journal:
    """One file. Its methods may be called from any thread, one after the other; they raise UserError."""

    def __init__(self, file: Path):
        self.database = Database(file, MIGRATIONS)
        self._written: Sequence[Step] = ()
        self._kept: WeakSet[Tile] = WeakSet()  # those that are in this file

    def close(self) -> None:
        self.database.close()

    # ------------------------------------------------------------ writing

    def sync(self, steps: Sequence[Step], at: int) -> None:
        """Brings the file up to these steps, of which number `at` is the present one; all of it or nothing.

        What could not be written the last time is written now.
        """
        begin = _agreed(self._written, steps)
        new = list(enumerate(steps))[begin:]
        changes = [(place, *change) for place, _ in new for change in _changes(steps, place)]
        fresh = {tile for *_, tile in changes if tile and tile not in self._kept}
        packed = [_packed(tile) for tile in fresh]  # before the transaction, so that nobody is kept waiting
        with self.database.write() as connection:
            connection.execute("DELETE FROM steps WHERE place >= ?", (begin,))
            connection.executemany(INSERT_STEP, [(place, *_row(step)) for place, step in new])
            connection.executemany(INSERT_TILE, packed)
            connection.executemany(
                INSERT_CHANGE, [(*where, *key, tile and tile.digest) for *where, key, tile in changes]
            )
            connection.execute("INSERT OR REPLACE INTO state VALUES ('at', ?)", (json.dumps(at),))
        for tile in fresh:
            self._keep(tile, tile.digest)
        self._written = steps

    def tidy(self) -> None:
        """Drops the tiles that no step needs any more."""
        unused = "DELETE FROM tiles WHERE NOT EXISTS (SELECT 1 FROM changes WHERE changes.tile = tiles.hash)"
        with self.database.write() as connection:
            connection.execute(unused)
        self._kept.clear()  # a later step may bring back a tile that is dropped now

    def _keep(self, tile: Tile, digest: bytes) -> Tile:
        self._kept.add(tile)
        return tile.kept_as(digest, partial(self._read, digest))

    # ------------------------------------------------------------ reading

    def load(self) -> History | None:
        """All steps; None in a new file. Pixels are read when they are looked at."""
        with self.database.read() as connection:
            rows = connection.execute("SELECT place, name, merge, content FROM steps ORDER BY place").fetchall()
            changes = connection.execute(
                "SELECT place, plane, x, y, tile FROM changes ORDER BY place, plane"
            ).fetchall()
        changed = {place: list(group) for place, group in groupby(changes, key=lambda row: row[0])}
        steps: list[Step] = []
        planes: dict[str, Plane] = {}
        tiles = {digest: self._keep(Tile(), digest) for digest in {row[-1] for row in changes} if digest}
        try:
            for place, name, merge, content in rows:
                here = [(plane, (x, y), tiles.get(digest)) for _, plane, x, y, digest in changed.get(place, [])]
                snapshot, planes = _replayed(json.loads(content), planes, here)
                steps.append(Step(name, snapshot, merge, replaced(steps[-1].snapshot, snapshot) if steps else ()))
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            hint = "It may come from a newer Sfumato: update it. The file stays as it is."
            raise UserError(f"{self.database.file.name} holds a step that cannot be read: {error}", hint) from error
        if not steps:
            return None
        self._written = tuple(steps)
        at = self.database.state("at")
        return History(steps, at if isinstance(at, int) and 0 <= at < len(steps) else len(steps) - 1)

    def _read(self, digest: bytes) -> np.ndarray:
        with self.database.read() as connection:
            row = connection.execute("SELECT channels, data FROM tiles WHERE hash = ?", (digest,)).fetchone()
        try:
            channels, data = row
            return np.frombuffer(bytearray(zlib.decompress(data)), np.uint8).reshape(SIDE, SIDE, channels)
        except (TypeError, ValueError, zlib.error) as error:
            message = f"Some pixels in {self.database.file.name} cannot be read."
            raise UserError(message, "They cannot be brought back.") from error


def _agreed(one: Sequence[Step], other: Sequence[Step]) -> int:
    """How many steps both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] is pair[1], zip(one, other, strict=False)))


def _changes(steps: Sequence[Step], place: int) -> Iterator[Change]:
    """What that step changed. The planes of layers that are gone are left as they are: nobody asks for them."""
    before, after = steps[place - 1].snapshot if place else Snapshot(), steps[place].snapshot
    planes = {layer.id: layer.plane for layer in before.layers}
    for layer in after.layers:
        yield from _difference(layer.id, planes.get(layer.id) or Plane(layer.role.channels), layer.plane)
    yield from _difference(SELECTION, before.selection, after.selection)


def _difference(name: str, before: Plane, after: Plane) -> Iterator[Change]:
    return ((name, key, after.tiles.get(key)) for key in sorted(after.changed_since(before)))


def _replayed(content: Any, planes: dict[str, Plane], changes: Iterable[Change]) -> tuple[Snapshot, dict[str, Plane]]:
    """A snapshot, and the planes that it has after these changes to those before; sorted by planes."""
    channels = {layer["id"]: Role(layer["role"]).channels for layer in content["layers"]} | {SELECTION: 1}
    now = {name: planes.get(name) or Plane(number) for name, number in channels.items()}
    for name, group in groupby(changes, key=lambda change: change[0]):
        tiles = dict(now[name].tiles)
        for _, key, tile in group:
            if tile:
                tiles[key] = tile
            else:
                tiles.pop(key, None)
        now[name] = replace(now[name], tiles=tiles)
    return Snapshot.from_json(content, now, now[SELECTION]), now


def _packed(tile: Tile) -> tuple[bytes, int, bytes]:
    return tile.digest, tile.pixels.shape[2], zlib.compress(tile.pixels.data, QUICK)


def _row(step: Step) -> tuple[str, str, str]:
    return step.name, step.merge, json.dumps(step.snapshot.to_json())
