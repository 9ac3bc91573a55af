"""Journals that are not right: what cannot come back is told."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.canvas.journal import Journal
from desktop.errors import UserError
from tests.canvas.journal.pasts import painted, read
from tests.canvas.things import Past, print_of


def test_a_file_of_a_newer_sfumato_is_told_and_left_alone(journal: Journal, file: Path) -> None:
    painted(journal)
    journal.close()
    _execute(file, "PRAGMA user_version = 99")
    before = file.read_bytes()
    with pytest.raises(UserError, match="newer Sfumato") as caught:
        Journal(file)
    assert "Update" in caught.value.hint
    assert file.read_bytes() == before


def _execute(file: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(statement, values)


def _of(**changes: object) -> Callable[[dict], object]:
    return lambda content: content | changes


def _layer(**changes: object) -> Callable[[dict], object]:
    return lambda content: content | {"layers": [content["layers"][0] | changes, *content["layers"][1:]]}


@pytest.mark.parametrize(
    "spoil",
    [
        _layer(role="hologram"),
        _layer(blend="of-the-future"),
        _layer(offset=[1]),
        _layer(offset=[10**400, 0]),
        _layer(offset=[float("nan"), 0]),
        _layer(offset=[float("inf"), 0]),
        _layer(offset=["1", 0]),
        _layer(opacity="much"),
        _layer(id=None),
        _layer(id=["a"]),
        _of(layers={}),
        _of(layers=7),
        _of(layers=["a"]),
        _of(frame=[0, 0, 1]),
        _of(frame=[0, 0, 10**12, 1]),
        _of(frame=None),
        lambda content: [],
        lambda content: {},
        lambda content: None,
    ],
)
def test_a_step_that_cannot_be_understood_is_told_and_left_alone(
    journal: Journal, file: Path, spoil: Callable[[dict], object]
) -> None:
    painted(journal)
    journal.close()
    with closing(sqlite3.connect(file)) as connection:
        content = connection.execute("SELECT content FROM steps WHERE place = 1").fetchone()[0]
    spoiled = json.dumps(spoil(json.loads(content)))
    _execute(file, "UPDATE steps SET content = ? WHERE place = 1", spoiled)
    with closing(Journal(file)) as again:
        with pytest.raises(UserError, match="cannot be read") as caught:
            again.load()
        assert "newer Sfumato" in caught.value.hint
        assert again.database.notice is None
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT content FROM steps WHERE place = 1").fetchone() == (spoiled,)
        assert connection.execute("SELECT COUNT(*) FROM steps").fetchone() == (7,)


@pytest.mark.parametrize("content", ["", "{", "[" * 100_000])
def test_a_step_that_is_no_json_is_told(journal: Journal, file: Path, content: str) -> None:
    painted(journal)
    journal.close()
    _execute(file, "UPDATE steps SET content = ? WHERE place = 1", content)
    with closing(Journal(file)) as again, pytest.raises(UserError, match="cannot be read"):
        again.load()


@pytest.mark.parametrize("value", ["", "null", "[]", '"x"', "-1", "7", "1e9", "[" * 100_000])
def test_without_a_sound_place_the_last_step_is_the_present_one(journal: Journal, file: Path, value: str) -> None:
    document = painted(journal)
    journal.close()
    _execute(file, "UPDATE state SET value = ? WHERE name = 'at'", value)
    assert read(file) == replace(document.past, at=6)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM tiles",
        "UPDATE tiles SET data = x'00'",
        "UPDATE tiles SET data = substr(data, 1, length(data) - 9)",
        "UPDATE tiles SET channels = 3",
        "UPDATE tiles SET channels = -1, data = 'text'",
    ],
)
def test_pixels_that_cannot_be_read_are_told_and_all_else_is_there(
    journal: Journal, file: Path, statement: str
) -> None:
    document = painted(journal)
    journal.close()
    _execute(file, statement)
    with closing(Journal(file)) as again:
        history = again.load()
        assert history
        assert history.present.snapshot.to_json() == document.snapshot.to_json()
        with pytest.raises(UserError, match=r"Some pixels in document\.db cannot be read") as caught:
            print_of(history.present.snapshot)
        assert caught.value.hint


@pytest.mark.parametrize("content", [b"no database at all" * 999, bytes(8192), b"SQLite format 3\0" + b"\x07" * 9000])
def test_garbage_is_set_aside_and_a_new_document_begun(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    with closing(Journal(file)) as journal:
        assert journal.database.notice
        assert "damaged" in journal.database.notice
        assert journal.load() is None
        document = painted(journal)
    assert file.with_name("document.db.damaged-1").read_bytes() == content
    assert read(file) == document.past


@pytest.mark.parametrize("seed", range(8))
def test_a_file_damaged_in_the_middle_never_comes_back_wrong(journal: Journal, file: Path, seed: int) -> None:
    """It is told, or what is read is right."""
    document = painted(journal)
    journal.close()
    whole, chance = bytearray(file.read_bytes()), random.Random(seed)
    begin = chance.randrange(1, len(whole) // 4096) * 4096
    whole[begin : begin + 4096] = chance.randbytes(4096)
    file.write_bytes(whole)
    try:
        with closing(Journal(file)) as again:
            found = Past.of(history) if (history := again.load()) else None
            told = again.database.notice is not None
    except UserError as error:
        assert error.message  # noqa: PT017
    else:
        assert told or found == document.past
