"""A library of version 1 becomes one of today, with all that was in it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from desktop.database import MIGRATIONS, Database
from desktop.library.jobs import DONE, FAILED, WAITING, Cell, Jobs, StoredJob
from desktop.library.library import Library
from desktop.library.marks import Marks
from desktop.library.picture import Picture
from desktop.library.prompts import Prompts
from desktop.library.query import Query
from desktop.recipe import Recipe
from tests.library.things import MADE, RECIPE, produced, version_1

SHA = "ab" * 32
PLAIN = RECIPE.to_json()
STARTER = json.dumps(MADE)


@dataclass(frozen=True)
class Old:
    """A picture's row in version 1, and what it is to be now."""

    recipe: Any  # as text
    made: Any = STARTER
    task: str = "generate"
    fields: Any = None
    model: str = "starter"


def _with(task: str = "generate", **changes: Any) -> Old:
    fields = PLAIN | changes
    return Old(json.dumps(fields), task=task, fields=fields)


OLD: dict[str, Old] = {
    "plain": _with(),
    "the largest seed": _with(seed=2**64 - 1),
    "refined": _with("refine", source={"image": SHA, "strength": 0.5}),
    "refined, with an intent that no mask goes with": _with(
        "refine", source={"image": SHA, "strength": 0.5, "intent": "remove"}
    ),
    "filled": _with("fill", source={"image": SHA, "strength": 1, "mask": SHA}),
    "removed": _with("remove", source={"image": SHA, "strength": 1, "mask": SHA, "intent": "remove", "feather": 2.5}),
    "expanded": _with("expand", source={"image": SHA, "strength": 1, "intent": "expand"}),
    "expanded, with a mask": _with("expand", source={"image": SHA, "strength": 1, "mask": SHA, "intent": "expand"}),
    "many signs": _with(prompt="\"a\n漢字 🌅 {}% \\ ' --", negative="ugly; DROP TABLE pictures"),
    "of a newer Sfumato": _with(clip={"frames": 25}),
    "no text": Old(""),
    "half of it": Old(json.dumps(PLAIN)[:50]),
    "deep": Old("[" * 5000),
    "a number": Old("5"),
    "a list": Old("[1]"),
    "a blob": Old(b"\xff\x00"),
    "made of nothing": Old(json.dumps(PLAIN), "", fields=PLAIN, model=""),
    "made of a blob": Old(json.dumps(PLAIN), b"\xfe", fields=PLAIN, model=""),
    "made of a list": Old(json.dumps(PLAIN), "[]", fields=PLAIN, model=""),
    "made without a model": Old(json.dumps(PLAIN), '{"device": "cpu"}', fields=PLAIN, model=""),
    "half a character": Old(json.dumps(PLAIN), '{"model": "a\\udcff"}', fields=PLAIN, model="a\ufffd\ufffd\ufffd"),
}
JOBS = [("a", 2.0, "waiting", ""), ("b", 1.0, "running", ""), ("c", 3.0, "failed", "no memory"), ("d", 4.0, "odd", "")]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "sfumato.db"
    rows = [(f"/pictures/{name}.png", old.recipe, old.made, 1.5, 1e9 + n) for n, (name, old) in enumerate(OLD.items())]
    version_1(file, rows)
    with closing(sqlite3.connect(file)) as connection, connection:
        work = json.dumps(produced(3).recipe.to_json())
        connection.executemany(
            "INSERT INTO jobs (id, place, state, work, reason) VALUES (?, ?, ?, ?, ?)",
            [(id, place, state, work, reason) for id, place, state, reason in JOBS],
        )
        connection.execute("INSERT INTO jobs (id, place, state, work) VALUES ('e', 5, 'waiting', '{')")
        connection.execute("INSERT INTO prompts VALUES ('a lake', 7.5)")
        connection.execute("INSERT INTO state VALUES ('session', '[1, 2]')")
    return file


@pytest.fixture
def database(file: Path) -> Iterator[Database]:
    with closing(Database(file)) as database:
        yield database


@pytest.fixture
def library(database: Database) -> Library:
    return Library(database, Path)


def named(library: Library, query: Query | None = None) -> dict[str, Picture]:
    return {each.file.stem: each for each in library.pictures(library.ids(query or Query()))}


def test_every_picture_is_there_in_its_order(library: Library) -> None:
    assert list(named(library)) == list(OLD)[::-1]


@pytest.mark.parametrize("name", OLD)
def test_every_picture_says_what_it_said(library: Library, name: str) -> None:
    old, now = OLD[name], named(library)[name]
    fields = old.fields or {}
    assert (now.created, now.seconds) == (1e9 + list(OLD).index(name), 1.5)
    assert now.fields == fields
    assert now.recipe == (Recipe.from_json(fields) if fields else None)
    assert now.made == (json.loads(old.made) if old.made and old.made[0] == "{" else {})
    assert (now.task, now.model, now.tool, now.ai_generated) == (old.task, old.model, "sfumato", True)
    assert (now.width, now.height) == (fields.get("width", 0), fields.get("height", 0))
    assert (now.rating, now.trashed, now.tags, now.content, now.unused) == (0, None, (), None, {})


def test_pictures_are_found_by_what_they_say(library: Library) -> None:
    assert set(named(library, Query(seed=str(2**64 - 1)))) == {"the largest seed"}
    assert set(named(library, Query(text="漢字"))) == set(named(library, Query(text="drop table"))) == {"many signs"}
    assert len(named(library, Query(text="a lake at dawn"))) == sum(bool(old.fields) for old in OLD.values()) - 1
    assert set(named(library, Query(text="starter"))) == set(named(library, Query(model="starter")))
    assert set(named(library, Query(task="fill"))) == {"filled"}
    assert set(named(library, Query(size="64x64"))) == {name for name, old in OLD.items() if old.fields}


def test_pictures_can_be_marked_and_deleted(library: Library, database: Database) -> None:
    marks, plain = Marks(database), named(library)["plain"]
    marks.tag([plain.id], "dawn")
    marks.rate([plain.id], 4)
    (found,) = named(library, Query(text="dawn", tag="dawn")).values()
    assert (found.rating, found.tags) == (4, ("dawn",))
    library.trash([plain.id])
    library.delete([plain.id])
    with database.read() as connection:
        (orphans,) = connection.execute("SELECT count(*) FROM words WHERE rowid = ?", (plain.id,)).fetchone()
        assert (orphans, connection.execute("PRAGMA foreign_key_check").fetchall()) == (0, [])
    assert "plain" not in named(library)


def test_the_queue_goes_on(database: Database) -> None:
    jobs, recipe = Jobs(database), produced(3).recipe
    expected = [StoredJob("b", recipe), StoredJob("a", recipe), StoredJob("c", recipe, FAILED, "no memory")]
    assert jobs.all() == expected
    jobs.end("a", 9.0)
    assert jobs.all()[-1] == StoredJob("a", recipe, DONE, "", 9.0)
    with database.write() as connection:
        connection.execute("INSERT INTO sheets VALUES ('s', '{}')")
    jobs.put([StoredJob("f", recipe, WAITING, cell=Cell("s", 2))], place=0)
    assert Cell("s", 2) in [job.cell for job in jobs.all()]


def test_prompts_and_the_session_stay(database: Database) -> None:
    assert Prompts(database).newest(5) == ["a lake"]
    assert database.state("session") == [1, 2]


def test_the_old_one_is_kept_whole(file: Path) -> None:
    def everything(file: Path) -> list[str]:
        with closing(sqlite3.connect(file)) as connection:
            assert connection.execute("PRAGMA user_version").fetchone() == (1,)
            return list(connection.iterdump())

    before = everything(file)
    Database(file).close()
    kept = f"sfumato.db.before-v{len(MIGRATIONS)}"
    assert everything(file.with_name(kept)) == before
    assert sorted(path.name for path in file.parent.glob("*.*")) == ["sfumato.db", kept]


def test_it_has_all_that_a_new_one_has(database: Database, tmp_path: Path) -> None:
    def schema(database: Database) -> list[tuple[str, str]]:
        with database.read() as connection:
            assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            return connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()

    with closing(Database(tmp_path / "new.db")) as new:
        assert schema(database) == schema(new)


def test_all_of_a_large_one_can_be_searched(tmp_path: Path) -> None:
    file = tmp_path / "large.db"
    version_1(file, ((f"/{n}.png", json.dumps(PLAIN), STARTER, 1.0, float(n)) for n in range(20_000)))
    with closing(Database(file)) as database:
        assert len(Library(database, Path).ids(Query(text="lake dawn"))) == 20_000
