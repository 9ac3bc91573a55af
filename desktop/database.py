"""One SQLite file for all that Sfumato remembers: safe against crashes, several threads and several processes."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

from desktop.errors import UserError
from desktop.paths import PRIVATE, sync_folder

PATIENCE = 5.0  # seconds to wait while another thread or process writes

MIGRATIONS = (  # script n makes version n + 1; those that were ever released are never changed
    """
    CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE prompts (text TEXT PRIMARY KEY, used REAL NOT NULL);
    CREATE TABLE jobs (
        id TEXT PRIMARY KEY,
        place REAL NOT NULL,
        state TEXT NOT NULL,
        work TEXT NOT NULL,
        reason TEXT NOT NULL DEFAULT ''
    );
    CREATE TABLE pictures (
        id INTEGER PRIMARY KEY,
        file TEXT NOT NULL UNIQUE,
        recipe TEXT NOT NULL,
        made TEXT NOT NULL,
        seconds REAL NOT NULL,
        created REAL NOT NULL
    );
    CREATE INDEX pictures_created ON pictures (created);
    """,
    """
    ALTER TABLE pictures RENAME TO earlier;
    DROP INDEX pictures_created;
    CREATE TABLE pictures (
        id INTEGER PRIMARY KEY,
        file TEXT NOT NULL UNIQUE,
        created REAL NOT NULL,
        rating INTEGER NOT NULL DEFAULT 0,
        trashed REAL,
        model TEXT NOT NULL DEFAULT '',
        task TEXT NOT NULL DEFAULT '',
        tool TEXT NOT NULL DEFAULT '',
        width INTEGER NOT NULL DEFAULT 0,
        height INTEGER NOT NULL DEFAULT 0,
        seed TEXT NOT NULL DEFAULT '',
        bytes INTEGER NOT NULL DEFAULT 0,
        ai_generated INTEGER NOT NULL DEFAULT 0,
        made_here INTEGER NOT NULL DEFAULT 0,
        content TEXT
    );
    CREATE INDEX pictures_newest ON pictures (trashed, created);
    CREATE INDEX pictures_content ON pictures (content);
    CREATE TABLE recipes (
        picture INTEGER PRIMARY KEY REFERENCES pictures ON DELETE CASCADE,
        recipe TEXT NOT NULL,
        unused TEXT NOT NULL DEFAULT '{}',
        made TEXT NOT NULL DEFAULT '{}',
        seconds REAL NOT NULL DEFAULT 0
    );
    CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE);
    CREATE TABLE tagged (
        tag INTEGER NOT NULL REFERENCES tags ON DELETE CASCADE,
        picture INTEGER NOT NULL REFERENCES pictures ON DELETE CASCADE,
        PRIMARY KEY (tag, picture)
    ) WITHOUT ROWID;
    CREATE INDEX tagged_picture ON tagged (picture);
    CREATE TABLE collections (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE);
    CREATE TABLE collected (
        collection INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE,
        picture INTEGER NOT NULL REFERENCES pictures ON DELETE CASCADE,
        PRIMARY KEY (collection, picture)
    ) WITHOUT ROWID;
    CREATE INDEX collected_picture ON collected (picture);
    CREATE TABLE unfinished (file TEXT PRIMARY KEY, what TEXT NOT NULL, noted REAL NOT NULL);
    CREATE VIRTUAL TABLE words USING fts5 (prompt, negative, model, loras, tags, tokenize = 'trigram');
    CREATE TRIGGER pictures_gone AFTER DELETE ON pictures BEGIN
        DELETE FROM words WHERE rowid = old.id;
    END;
    CREATE TRIGGER tagged_more AFTER INSERT ON tagged BEGIN
        UPDATE words SET tags = (
            SELECT group_concat(name, ', ') FROM tagged JOIN tags ON tags.id = tag WHERE picture = new.picture
        ) WHERE rowid = new.picture;
    END;
    CREATE TRIGGER tagged_less AFTER DELETE ON tagged BEGIN
        UPDATE words SET tags = coalesce((
            SELECT group_concat(name, ', ') FROM tagged JOIN tags ON tags.id = tag WHERE picture = old.picture
        ), '') WHERE rowid = old.picture;
    END;
    UPDATE earlier SET recipe = '{}' WHERE NOT json_valid(recipe) OR json_type(recipe) != 'object';
    UPDATE earlier SET made = '{}' WHERE NOT json_valid(made) OR json_type(made) != 'object';
    INSERT INTO pictures (id, file, created, ai_generated, made_here, model, task, tool, width, height, seed)
        SELECT id, file, created, 1, 1, coalesce(made ->> '$.model', ''),
            CASE WHEN recipe ->> '$.source.image' IS NULL THEN 'generate'
                WHEN recipe ->> '$.source.mask' IS NULL AND recipe ->> '$.source.intent' IS NOT 'expand' THEN 'refine'
                ELSE coalesce(recipe ->> '$.source.intent', 'fill') END,
            'sfumato', coalesce(recipe ->> '$.width', 0), coalesce(recipe ->> '$.height', 0),
            coalesce(recipe -> '$.seed', '')
        FROM earlier;
    INSERT INTO recipes (picture, recipe, made, seconds) SELECT id, recipe, made, seconds FROM earlier;
    INSERT INTO words (rowid, prompt, negative, model, loras, tags)
        SELECT id, coalesce(recipe ->> '$.prompt', ''), coalesce(recipe ->> '$.negative', ''),
            coalesce(made ->> '$.model', ''), '', ''
        FROM earlier;
    DROP TABLE earlier;
    CREATE TABLE sheets (id TEXT PRIMARY KEY, plan TEXT NOT NULL);
    ALTER TABLE jobs ADD COLUMN ended REAL;
    ALTER TABLE jobs ADD COLUMN sheet TEXT REFERENCES sheets;
    ALTER TABLE jobs ADD COLUMN cell INTEGER;
    """,
    """
    CREATE TABLE model_marks (
        path BLOB PRIMARY KEY,
        bytes INTEGER NOT NULL,
        content TEXT NOT NULL,
        favourite INTEGER NOT NULL,
        tags TEXT NOT NULL,
        notes TEXT NOT NULL
    ) WITHOUT ROWID;
    """,
)

ELSEWHERE = "Check who may write to that folder, or choose another one: set SFUMATO_DATA."
MENDABLE = {
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", ELSEWHERE),
    sqlite3.SQLITE_PERM: ("cannot be written", ELSEWHERE),
    sqlite3.SQLITE_READONLY: ("cannot be written", ELSEWHERE),
    sqlite3.SQLITE_IOERR: ("cannot be read or written", "Check that its disk is connected and sound."),
    sqlite3.SQLITE_FULL: ("cannot grow: the disk is full", "Make room on that disk, then try again."),
    sqlite3.SQLITE_BUSY: ("is in use", "Another Sfumato may be busy with it; close that, then try again."),
}
DAMAGE = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


class Database:
    """Opens the file, makes or migrates it. Raises UserError, as all its methods do. `notice` is for the user.

    `migrations`: another schema than the library's; it must have the table `state`, too.
    """

    def __init__(self, file: Path, migrations: Sequence[str] | None = None):
        self.file = file
        self._migrations = MIGRATIONS if migrations is None else migrations
        self.notice: str | None = None
        self._connections: dict[int, sqlite3.Connection] = {}  # by thread; a dead thread's serves its successor
        try:
            with self._telling():
                self._begin()
        except OSError as error:
            raise UserError(f"{file} cannot be made: {error.strerror}.", ELSEWHERE) from error

    def close(self) -> None:
        """Closes the connections of all threads, which must be done with them."""
        while self._connections:
            self._connections.popitem()[1].close()

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """This thread's connection."""
        with self._telling():
            yield self._connection()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """This thread's connection in a transaction: all that is done with it lasts, or after an exception nothing."""
        with self._telling(), _transaction(self._connection()) as connection:
            yield connection

    def state(self, name: str) -> Any | None:
        """What was kept under the name; None where there is nothing, or nothing that can be read."""
        with self.read() as connection:
            row = connection.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
        try:
            return json.loads(row[0]) if row else None
        except (ValueError, RecursionError):
            return None

    def keep_state(self, name: str, value: Any) -> None:
        """`value` is anything that JSON can say."""
        with self.write() as connection:
            connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (name, json.dumps(value)))

    def copy(self, target: Path) -> None:
        """A whole copy of it as it is now, in place of whatever was there. Raises OSError too."""
        part = target.with_name(f".{target.name}.part")
        _remove(part)  # what a kill has left of an earlier one
        try:
            # by connections of its own: one that is about to write cannot copy
            with _telling(target), closing(self._connect()) as source, closing(sqlite3.connect(part)) as copy:
                source.backup(copy)
            part.replace(target)
        finally:
            _remove(part)
        sync_folder(target.parent)

    def _connection(self) -> sqlite3.Connection:
        # not threading.local: Qt's threads lose that whenever they leave Python
        thread = threading.get_ident()
        if thread not in self._connections:
            self._connections[thread] = self._connect()
        return self._connections[thread]

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.file, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        connection.text_factory = _text
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = FULL")  # reads the schema, where most damage shows
        except sqlite3.DatabaseError:
            connection.close()  # Windows renames no open files
            raise
        return connection

    def _begin(self) -> None:
        self.file.parent.mkdir(PRIVATE, parents=True, exist_ok=True)
        if self._damage.exists():
            self._set_aside()
        try:
            self._open()
        except sqlite3.DatabaseError as error:
            self.close()
            if _code(error) not in DAMAGE:
                raise
            self._set_aside()
            self._open()

    def _open(self) -> None:
        connection = self._connection()
        if (version := _version(connection)) > len(self._migrations):
            self.close()
            message = f"{self.file} was written by a newer Sfumato (version {version} of the database)."
            raise UserError(message, "Update Sfumato, or choose another data folder: set SFUMATO_DATA.")
        _log_ahead(connection)
        if version < len(self._migrations):
            self._migrate()

    def _migrate(self) -> None:
        with _transaction(self._connection()) as connection:
            version = _version(connection)  # another process may have come first
            if 0 < version < len(self._migrations):
                self.copy(self._beside(f"before-v{len(self._migrations)}"))
            for script in self._migrations[version:]:
                for statement in _statements(script):
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {len(self._migrations)}")

    def _set_aside(self) -> None:
        aside = next(file for n in count(1) if not (file := self._beside(f"damaged-{n}")).exists())
        for ending in ("-wal", "-shm", ""):
            part = Path(f"{self.file}{ending}")
            if part.exists():
                part.replace(f"{aside}{ending}")
        self._damage.unlink(missing_ok=True)
        self.notice = f"{self.file.name} was damaged: a new one was begun, and the old one is kept as {aside}."

    def _beside(self, ending: str) -> Path:
        return self.file.with_name(f"{self.file.name}.{ending}")

    @property
    def _damage(self) -> Path:
        """A mark that damage was met in use, when other threads' connections forbid to set the file aside."""
        return self._beside("damaged")

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """What goes wrong with the file becomes a UserError where the user can mend it."""
        try:
            with _telling(self.file):
                yield
        except sqlite3.DatabaseError as error:
            if _code(error) not in DAMAGE:
                raise
            with suppress(OSError):
                self._damage.touch()
            raise UserError(f"{self.file} is damaged.", "Start Sfumato again: it will begin a new one.") from error


@contextmanager
def _telling(file: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        if _code(error) not in MENDABLE:
            raise
        what, hint = MENDABLE[_code(error)]
        raise UserError(f"{file} {what}.", hint) from error


def _code(error: sqlite3.DatabaseError) -> int:
    """SQLite's code without its details; 0 where the error is Python's own."""
    code = getattr(error, "sqlite_errorcode", 0)
    return sqlite3.SQLITE_FULL if code == sqlite3.SQLITE_IOERR_SHMSIZE else code & 0xFF  # a log has no room to begin


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        yield connection


def _remove(file: Path) -> None:
    for ending in ("", "-journal"):
        Path(f"{file}{ending}").unlink(missing_ok=True)


def _text(stored: bytes) -> str:
    """JSON can name halves of characters, which SQLite takes out of it and no text can hold."""
    return stored.decode("utf-8", "replace")


def _version(connection: sqlite3.Connection) -> int:
    return connection.execute("PRAGMA user_version").fetchone()[0]


def _log_ahead(connection: sqlite3.Connection) -> None:
    """Lets others read while one writes. Patient by itself, which SQLite is not while it changes to that."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
        time.sleep(0.01)


def _statements(script: str) -> Iterator[str]:
    """One by one, since `executescript` would commit first."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
