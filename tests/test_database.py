"""The database: opened, migrated, shared, and survived when it is damaged."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import pytest

from desktop import database as module
from desktop.database import MIGRATIONS, Database
from desktop.errors import UserError

NEXT = "ALTER TABLE prompts ADD COLUMN stars INTEGER NOT NULL DEFAULT 0;\nCREATE TABLE more (a);\n"
ROOT = Path(__file__).parents[1]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "sfumato.db"


@pytest.fixture
def database(file: Path) -> Iterator[Database]:
    with closing(Database(file)) as database:
        yield database


def _tables(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _version(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("PRAGMA user_version").fetchone()[0]


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# ---------------------------------------------------------------- opening


def test_a_new_database_has_its_tables_and_settings(database: Database, file: Path) -> None:
    mine = {"state", "prompts", "jobs", "sheets", "pictures", "recipes", "tags", "tagged", "collections", "collected"}
    assert mine | {"words", "unfinished"} <= _tables(file)
    assert _version(file) == len(MIGRATIONS)
    assert database.notice is None
    with database.read() as connection:
        pragmas = ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        values = [connection.execute(f"PRAGMA {pragma}").fetchone()[0] for pragma in pragmas]
    assert values == ["wal", 1, 2, 5000]


@pytest.mark.skipif(os.name == "nt", reason="permissions of another kind there")
def test_its_folder_is_nobody_elses_to_look_into_unless_it_was_before(file: Path) -> None:
    Database(file).close()
    assert file.parent.stat().st_mode & 0o777 == 0o700
    file.parent.chmod(0o755)
    Database(file).close()
    assert file.parent.stat().st_mode & 0o777 == 0o755


def test_what_is_there_stays_and_no_copy_is_made(file: Path) -> None:
    for turn in range(3):
        with closing(Database(file)) as database:
            assert database.state("turn") == (turn - 1 if turn else None)
            database.keep_state("turn", turn)
    assert _names(file.parent) == ["sfumato.db"]


def test_opening_takes_no_time_however_much_is_in_it(file: Path) -> None:
    with closing(Database(file)) as database, database.write() as connection:
        rows = ((f"/pictures/{n}.png", float(n), "r" * 500) for n in range(10_000))
        connection.executemany("INSERT INTO pictures (file, created, model) VALUES (?, ?, ?)", rows)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        database = Database(file)
        times.append(time.perf_counter() - start)
        database.close()
    assert min(times) < 0.005


def test_many_may_begin_it_at_once(file: Path) -> None:
    code = "import sys, time, desktop.database as d, pathlib; time.sleep(float(sys.argv[2]) - time.time())"
    code += "; d.Database(pathlib.Path(sys.argv[1])).close()"
    command = [sys.executable, "-c", code, str(file), str(time.time() + 1)]
    children = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(4)]
    assert [child.communicate()[1] for child in children] == [""] * 4
    assert _version(file) == len(MIGRATIONS)


def test_it_waits_for_who_begins_it_too(file: Path) -> None:
    file.parent.mkdir()
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")  # for this SQLite itself would not wait
        done = threading.Timer(0.2, other.execute, ["ROLLBACK"])
        done.start()
        Database(file).close()
        done.join()


def test_a_file_in_the_way_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="cannot be made") as caught:
        Database(tmp_path / "file" / "sfumato.db")
    assert "SFUMATO_DATA" in caught.value.hint


def test_a_folder_in_the_way_of_the_file_is_told(file: Path) -> None:
    file.mkdir(parents=True)
    with pytest.raises(UserError, match="cannot be opened") as caught:
        Database(file)
    assert caught.value.hint


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is forbidden to root")
@pytest.mark.parametrize("there", [False, True], ids=["new", "old"])
def test_a_folder_that_nobody_may_write_is_told(file: Path, there: bool) -> None:
    file.parent.mkdir()
    if there:
        Database(file).close()
        file.chmod(0o444)
    file.parent.chmod(0o555)
    try:
        with pytest.raises(UserError) as caught:
            Database(file).keep_state("a", 1)
        assert "SFUMATO_DATA" in caught.value.hint
    finally:
        file.parent.chmod(0o755)


# ---------------------------------------------------------------- versions


def test_an_older_database_is_copied_and_brought_up_to_date(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(Database(file)) as old, old.write() as connection:
        connection.execute("INSERT INTO prompts VALUES ('a lake', 1.5)")
    monkeypatch.setattr(module, "MIGRATIONS", (*MIGRATIONS, NEXT))
    with closing(Database(file)) as new, new.read() as connection:
        assert connection.execute("SELECT * FROM prompts").fetchall() == [("a lake", 1.5, 0)]
    assert "more" in _tables(file)
    copy = file.with_name(f"sfumato.db.before-v{len(MIGRATIONS) + 1}")
    assert (_version(file), _version(copy)) == (len(MIGRATIONS) + 1, len(MIGRATIONS))
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT * FROM prompts").fetchall() == [("a lake", 1.5)]
    assert _names(file.parent) == ["sfumato.db", copy.name]


def test_a_migration_that_fails_leaves_all_as_it_was(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Database(file).close()
    monkeypatch.setattr(module, "MIGRATIONS", (*MIGRATIONS, NEXT + "CREATE TABLE state (a);\n"))
    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        Database(file)
    assert _version(file) == len(MIGRATIONS)
    assert "more" not in _tables(file)


def test_a_statement_may_hold_others(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trigger = "CREATE TRIGGER t AFTER INSERT ON state BEGIN\n  DELETE FROM jobs;\n  DELETE FROM prompts;\nEND;\n"
    monkeypatch.setattr(module, "MIGRATIONS", (*MIGRATIONS, trigger))
    with closing(Database(file)) as database:
        database.keep_state("a", 1)


def test_a_newer_database_is_refused_and_left_alone(file: Path) -> None:
    with closing(Database(file)) as database, database.read() as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    before = file.read_bytes()
    with pytest.raises(UserError, match="newer") as caught:
        Database(file)
    assert "Update" in caught.value.hint
    assert file.read_bytes() == before
    assert _names(file.parent) == ["sfumato.db"]


# ---------------------------------------------------------------- damage


def _overwritten(start: int, length: int) -> Callable[[bytes], bytes]:
    return lambda content: content[:start] + b"\xa5" * length + content[start + length :]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "a text": lambda _: b"This is a letter and no database, though it is long enough. " * 100,
    "cut": lambda content: content[:5000],
    "no head": _overwritten(0, 100),
    "nothing but the head": _overwritten(100, 10**6),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_database_is_set_aside_and_a_new_one_begun(file: Path, name: str) -> None:
    for turn in (1, 2):
        with closing(Database(file)) as database:
            database.keep_state("a", turn)
        damaged = DAMAGES[name](file.read_bytes())
        file.write_bytes(damaged)
        with closing(Database(file)) as database:
            assert f"sfumato.db.damaged-{turn}" in (database.notice or "")
            assert database.state("a") is None
            database.keep_state("a", 5)
        assert file.with_name(f"sfumato.db.damaged-{turn}").read_bytes() == damaged
    with closing(Database(file)) as database:
        assert database.notice is None
        assert database.state("a") == 5


def test_the_damaged_ones_log_goes_with_it(file: Path) -> None:
    """As after a crash: damage was met in use, and nobody closed the database."""
    file.parent.mkdir()
    for ending in ("", "-wal", "-shm", ".damaged"):
        Path(f"{file}{ending}").write_text(f"what was in {ending}")
    with closing(Database(file)) as database:
        assert database.notice
    aside = file.with_name("sfumato.db.damaged-1")
    for ending in ("", "-wal", "-shm"):
        assert Path(f"{aside}{ending}").read_text() == f"what was in {ending}"
    assert len(_names(file.parent)) == 4


def test_damage_that_shows_only_in_use_is_mended_by_the_next_start(file: Path) -> None:
    with closing(Database(file)) as database, database.read() as connection:
        database.keep_state("a", 1)
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'state'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    file.write_bytes(_overwritten((page - 1) * size, size)(file.read_bytes()))
    with closing(Database(file)) as database:
        with pytest.raises(UserError, match="damaged") as caught:
            database.state("a")
        assert "again" in caught.value.hint
    with closing(Database(file)) as database:
        assert database.notice
        assert database.state("a") is None
    with closing(Database(file)) as database:
        assert database.notice is None


# ---------------------------------------------------------------- in use


def test_a_transaction_is_kept_whole_or_not_at_all(database: Database) -> None:
    with suppress(KeyError), database.write() as connection:
        connection.execute("INSERT INTO prompts VALUES ('a lake', 1)")
        raise KeyError
    with database.read() as connection:
        assert connection.execute("SELECT * FROM prompts").fetchall() == []
        assert not connection.in_transaction
    with database.write() as connection:
        connection.execute("INSERT INTO prompts VALUES ('a lake', 1)")
    with closing(sqlite3.connect(database.file)) as other:
        assert other.execute("SELECT * FROM prompts").fetchall() == [("a lake", 1.0)]


def test_threads_write_at_once_and_nothing_is_lost(database: Database) -> None:
    def count(_: int) -> None:
        for _ in range(50):
            with database.write() as connection:
                (value,) = connection.execute("SELECT value FROM state WHERE name = 'n'").fetchone()
                connection.execute("UPDATE state SET value = ? WHERE name = 'n'", (int(value) + 1,))

    database.keep_state("n", 0)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(count, range(2)))
    assert database.state("n") == 100


def test_who_reads_does_not_wait_for_who_writes(database: Database) -> None:
    database.keep_state("n", 0)
    with ThreadPoolExecutor(1) as pool, database.write() as connection:
        connection.execute("UPDATE state SET value = '1'")
        assert pool.submit(database.state, "n").result(timeout=2) == 0
    assert database.state("n") == 1


def test_threads_that_come_and_go_leave_few_connections(database: Database) -> None:
    for n in range(20):
        thread = threading.Thread(target=database.keep_state, args=("n", n))
        thread.start()
        thread.join()
    assert len(database._connections) < 20
    assert database.state("n") == 19


def test_closing_closes_every_threads_connection(file: Path) -> None:
    database = Database(file)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(database.state, "ab"))
    database.close()
    assert _names(file.parent) == ["sfumato.db"]  # the last connection takes the log away


@pytest.mark.parametrize("value", [None, True, 5, 1.5, "a \0 \ud83d 🌅", [1, {"a": None}], {}])
def test_a_state_is_found_as_it_was_kept(database: Database, value: object) -> None:
    database.keep_state("a", "before")
    database.keep_state("a", value)
    assert database.state("a") == value
    assert database.state("b") is None


@pytest.mark.parametrize("value", ["", "{", "[" * 100_000, "9" * 5000])
def test_a_state_that_cannot_be_read_is_none(database: Database, value: str) -> None:
    with database.write() as connection:
        connection.execute("INSERT INTO state VALUES ('a', ?)", (value,))
    assert database.state("a") is None


def test_a_full_disk_is_told(database: Database) -> None:
    with database.read() as connection:
        connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(UserError, match="full") as caught:
        database.keep_state("a", "a" * 1_000_000)
    assert "room" in caught.value.hint
    database.keep_state("a", 1)


def test_another_that_writes_for_too_long_is_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    with closing(Database(file)) as one, closing(Database(file)) as other, one.write():
        with pytest.raises(UserError, match="in use") as caught:
            other.keep_state("a", 1)
        assert "Another" in caught.value.hint


def test_a_mistake_in_our_own_sql_is_a_bug(database: Database) -> None:
    with pytest.raises(sqlite3.OperationalError), database.read() as connection:
        connection.execute("SELECT * FROM nowhere")


# ---------------------------------------------------------------- imports


@pytest.mark.parametrize(
    "name",
    [
        "database",
        "settings",
        "library.jobs",
        "library.library",
        "models.catalog",
        "models.sizes",
    ],
)
def test_what_the_window_needs_first_comes_without_numpy(name: str) -> None:
    """The window's first frame is shown before numpy is imported."""
    code = f"import sys, desktop.{name}; print(*{{'numpy', 'PIL', 'PySide6'}}.intersection(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert out.stdout.split() == []
