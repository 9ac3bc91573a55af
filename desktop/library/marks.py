"""Marks: stars, tags and collections of pictures."""

from __future__ import annotations

from collections.abc import Iterable
from sqlite3 import Connection

from desktop.database import Database

STARS = range(5 + 1)
LONGEST = 80  # characters of a name


class Marks:
    """For any thread. Names are found whatever their case; those that nothing bears any more are forgotten."""

    def __init__(self, database: Database):
        self._database = database

    def rate(self, ids: Iterable[int], stars: int) -> None:
        with self._database.write() as connection:
            connection.executemany("UPDATE pictures SET rating = ? WHERE id = ?", [(stars, id) for id in ids])

    # ------------------------------------------------------------ tags

    def tag(self, ids: Iterable[int], name: str) -> None:
        """Commas divide several."""
        names = cleaned(name)
        wanted = list(ids)
        with self._database.write() as connection:
            for each in names:
                connection.execute("INSERT OR IGNORE INTO tags (name) VALUES (?)", (each,))
                connection.executemany(
                    "INSERT OR IGNORE INTO tagged SELECT id, ? FROM tags WHERE name = ?", [(id, each) for id in wanted]
                )

    def untag(self, ids: Iterable[int], name: str) -> None:
        with self._database.write() as connection:
            connection.executemany(
                "DELETE FROM tagged WHERE picture = ? AND tag = (SELECT id FROM tags WHERE name = ?)",
                [(id, name) for id in ids],
            )
            forget_unborne_tags(connection)

    def tags(self) -> list[str]:
        """The most used first."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT name FROM tags LEFT JOIN tagged ON tag = id GROUP BY id ORDER BY count(picture) DESC, name"
            )
            return [name for (name,) in rows]

    # ------------------------------------------------------------ collections

    def collect(self, ids: Iterable[int], name: str) -> None:
        """Into the collection of that name, which is made if there is none."""
        with self._database.write() as connection:
            connection.execute("INSERT OR IGNORE INTO collections (name) VALUES (?)", (name,))
            connection.executemany(
                "INSERT OR IGNORE INTO collected SELECT id, ? FROM collections WHERE name = ?",
                [(id, name) for id in ids],
            )

    def release(self, ids: Iterable[int], name: str) -> None:
        """Out of the collection; the pictures stay."""
        with self._database.write() as connection:
            connection.executemany(
                "DELETE FROM collected WHERE picture = ? AND collection = (SELECT id FROM collections WHERE name = ?)",
                [(id, name) for id in ids],
            )

    def rename(self, name: str, new: str) -> None:
        """A collection; into another one where that has the name already."""
        with self._database.write() as connection:
            taken = connection.execute("SELECT 1 FROM collections WHERE name = ?", (new,)).fetchone()
            if taken and new.casefold() != name.casefold():
                connection.execute(
                    """
                    INSERT OR IGNORE INTO collected
                    SELECT target.id, picture FROM collections AS target, collections AS origin
                    JOIN collected ON collection = origin.id WHERE target.name = ? AND origin.name = ?
                    """,
                    (new, name),
                )
                connection.execute("DELETE FROM collections WHERE name = ?", (name,))
            else:
                connection.execute("UPDATE collections SET name = ? WHERE name = ?", (new, name))

    def dissolve(self, name: str) -> None:
        """The collection goes; its pictures stay."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM collections WHERE name = ?", (name,))

    def collections(self) -> list[tuple[str, int]]:
        """By name, with the number of pictures that are not in the trash."""
        with self._database.read() as connection:
            rows = connection.execute(
                """
                SELECT name, count(pictures.id) FROM collections
                LEFT JOIN collected ON collection = collections.id
                LEFT JOIN pictures ON pictures.id = picture AND trashed IS NULL
                GROUP BY collections.id ORDER BY name COLLATE NOCASE
                """
            )
            return [(name, count) for name, count in rows]


def forget_unborne_tags(connection: Connection) -> None:
    connection.execute("DELETE FROM tags WHERE id NOT IN (SELECT tag FROM tagged)")


def cleaned(names: str) -> list[str]:
    """The names in a text with commas, each once."""
    parts = (" ".join(part.split())[:LONGEST] for part in names.split(","))
    return list(dict.fromkeys(part for part in parts if part))
