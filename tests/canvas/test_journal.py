"""The journal: what was kept comes back, to the bit, after any end; and what cannot come back is told."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRect

from desktop.canvas import edits
from desktop.canvas.history import History
from desktop.canvas.journal import Journal
from desktop.canvas.layer import Blend
from desktop.canvas.nib import Brush
from desktop.canvas.snapshot import Snapshot
from desktop.canvas.tools.kit import Kit
from desktop.errors import UserError
from tests.canvas.painter import digest
from tests.canvas.things import (
    ACTIONS,
    SMALL,
    Past,
    Watched,
    act,
    at_once,
    drag,
    filled,
    noise,
    noisy,
    placed,
    print_of,
    use,
)

ROOT = Path(__file__).parents[2]
PAGES = 2**31 - 2  # as many as a file can have


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "document.db"


@pytest.fixture
def journal(file: Path) -> Iterator[Journal]:
    with closing(Journal(file)) as journal:
        yield journal


def painted(journal: Journal) -> Watched:
    """A document with some of everything."""
    document = Watched(journal, at_once)
    kit = Kit(document, Brush(20), color=(200, 30, 40))
    use(kit, "brush", *drag((20, 20), (300, 90)))
    use(kit, "mask", *drag((20, 20), (30, 90)))
    use(kit, "lasso", *drag((-30, -30), (280, 0), (280, 280)))
    use(kit, "frame", *drag((512, 512), (600, 612)))
    document.do("Place", placed(document.snapshot, noise(90, 70), -300, 10, "Noise"))
    snapshot = document.snapshot
    whole = {"opacity": 0.3, "blend": Blend.SCREEN, "visible": False, "alpha_locked": True, "offset": (-7, 9)}
    document.do("Change", snapshot.change(snapshot.active_id, name="„ü“ \0 🌅", locked=True, **whole), "merges")
    return document


def read(file: Path) -> Past:
    """All of it, by another journal; every pixel is read from disk."""
    with closing(Journal(file)) as journal:
        history = journal.load()
        assert history
        return Past.of(history)


# ---------------------------------------------------------------- there and back


def test_all_of_it_comes_back(journal: Journal, file: Path) -> None:
    document = painted(journal)
    assert read(file) == document.past
    document.undo()
    document.undo()
    assert read(file) == document.past
    document.amend(lambda snapshot: snapshot.activate(snapshot.layers[0].id))
    assert read(file) == document.past
    document.do("Deselect", edits.flatten_all(document.snapshot))
    assert read(file) == document.past
    assert len(document.past.steps) == 6


def test_a_new_file_holds_nothing_until_a_document_begins_in_it(journal: Journal, file: Path) -> None:
    assert journal.load() is None
    document = Watched(journal, at_once)
    assert read(file) == document.past
    assert [name for name, *_ in read(file).steps] == ["New document"]


def test_pixels_are_read_when_they_are_looked_at(journal: Journal, file: Path) -> None:
    painted(journal)
    with closing(Journal(file)) as other:
        history = other.load()
        assert history
        tiles = [tile for layer in history.present.snapshot.layers for tile in layer.plane.tiles.values()]
        assert tiles
        assert sum(tile.bytes_in_memory for tile in tiles) == 0
        history.present.snapshot.layers[0].read(SMALL)
        assert sum(tile.bytes_in_memory > 0 for tile in tiles) == 1


def test_alike_tiles_are_kept_once(journal: Journal, file: Path) -> None:
    document = Watched(journal, at_once)
    layer = document.snapshot.layers[0]
    document.do("Fill", document.snapshot.put(replace(layer, plane=filled(QRect(0, 0, 1024, 1024), 9, 9, 9, 9))))
    document.do("Duplicate", edits.duplicate(document.snapshot))
    assert _count(journal, "tiles") == 1
    assert _count(journal, "changes") == 32
    assert read(file) == document.past


def test_a_step_writes_only_what_it_changes(journal: Journal) -> None:
    document = Watched(journal, at_once)
    document.do(
        "Noise", document.snapshot.put(replace(document.snapshot.layers[0], plane=noisy(QRect(0, 0, 900, 900))))
    )
    before = _count(journal, "tiles"), _count(journal, "changes")
    document.do("Fade", document.snapshot.change(document.snapshot.active_id, opacity=0.5))
    with journal.database.read() as connection:
        rows = connection.total_changes
        document.undo()
        document.redo()
        assert connection.total_changes - rows == 2  # where in the past it is
    assert (_count(journal, "tiles"), _count(journal, "changes")) == before
    use(Kit(document, Brush(5, pressure_sizes=False)), "brush", *drag((100.0, 100.0)))
    assert (_count(journal, "tiles"), _count(journal, "changes")) == (before[0] + 1, before[1] + 1)


def _count(journal: Journal, table: str) -> int:
    with journal.database.read() as connection:
        return connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]


def test_layers_that_went_and_came_back_have_their_pixels(journal: Journal, file: Path) -> None:
    document = painted(journal)
    before = document.snapshot
    document.do("Remove", before.remove(before.layers[0].id))
    document.do("Bring back", before)
    assert read(file) == document.past


def test_a_document_of_another_journals_tiles_is_whole_without_that(tmp_path: Path) -> None:
    with closing(Journal(tmp_path / "one.db")) as one:
        snapshot = painted(one).snapshot
        with closing(Journal(tmp_path / "other.db")) as other:
            document = Watched(other, at_once)
            document.do("Open", snapshot)
    (tmp_path / "one.db").unlink()
    assert read(tmp_path / "other.db") == document.past


def test_a_long_past_is_there_at_once(journal: Journal, file: Path) -> None:
    document = Watched(journal, lambda work: None)
    kit = Kit(document, Brush(3))
    for n in range(300):
        use(kit, "brush", *drag((n * 7.0 % 900, n * 13.0 % 900)))
    journal.sync(document.history.steps, document.history.at)
    with closing(Journal(file)) as other:
        start = time.perf_counter()
        history = other.load()
        took = time.perf_counter() - start
    assert history
    assert len(history.steps) == 301
    assert took < 0.5  # 0.02 s on an idle machine


def test_the_document_goes_on_while_a_thread_keeps_it(journal: Journal, file: Path) -> None:
    with ThreadPoolExecutor(1) as lane:
        waiting: list[Callable[[], object]] = []
        document = Watched(journal, lambda work: waiting.append(lane.submit(work).result), budget=0)
        kit, chance = Kit(document), random.Random(0)
        for _ in range(120):
            act(kit, chance.choice([*ACTIONS, "undo", "redo", "brush"]), chance.randrange(999))
            document.snapshot.wanted(SMALL)  # reads tiles that are being let go
        for result in waiting:
            result()
    assert read(file) == document.past
    assert Past.of(document.history) == document.past


# ---------------------------------------------------------------- at random

sessions = st.lists(
    st.tuples(
        st.sampled_from([*ACTIONS, *["brush", "undo", "redo", "later", "crash", "close", "full", "tidy"] * 2]),
        st.integers(0, 999),
    ),
    min_size=3,
    max_size=16,
)


class Session:
    """A document whose keeping waits; it may end at any moment, or find the disk full."""

    def __init__(self, file: Path):
        self.file = file
        self.kept: Past | None = None
        self._open()

    def _open(self) -> None:
        self.waiting: list[tuple[Callable[[], object], Past]] = []
        self.journal = Journal(self.file)
        self.document = Watched(self.journal, self._later, budget=0, history=self.journal.load())
        self.kit = Kit(self.document)
        if self.kept is None:
            self.write()

    def _later(self, work: Callable[[], object]) -> None:
        # the beginning is told before the document is there
        self.waiting.append((work, self.document.past if hasattr(self, "document") else Past(())))

    def write(self) -> None:
        for work, past in self.waiting:
            with suppress(UserError):  # the disk is full
                work()
                self.kept = past if past.steps else self.document.past
        self.waiting.clear()

    def come_back(self) -> None:
        self.journal.close()
        self._open()
        assert Past.of(self.document.history) == self.document.past == self.kept

    def do(self, name: str, seed: int) -> None:
        match name:
            case "later":
                self.write()
            case "crash":
                self.waiting.clear()
                self.come_back()
            case "close":
                self.write()
                self.come_back()
            case "full":
                self._pages(1)
                self.write()
                self._pages(PAGES)
            case "tidy":
                self.write()
                self.journal.tidy()
            case _:
                act(self.kit, name, seed)

    def _pages(self, most: int) -> None:
        with self.journal.database.read() as connection:
            connection.execute(f"PRAGMA max_page_count = {most}")


@settings(max_examples=80)
@given(sessions)
def test_after_any_end_the_document_is_as_it_was_kept(deeds: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as folder:
        session = Session(Path(folder) / "document.db")
        try:
            for name, seed in deeds:
                session.do(name, seed)
            session.do("later", 0)
            assert session.kept == session.document.past  # whatever failed before is made up for
            session.come_back()
        finally:
            session.journal.close()


# ---------------------------------------------------------------- what cannot be written


def test_a_full_disk_is_told_and_the_next_step_catches_up(journal: Journal, file: Path) -> None:
    document = painted(journal)
    before = document.past
    with journal.database.read() as connection:
        connection.execute("PRAGMA max_page_count = 1")
    for seed in range(3):
        pixels = noise(900, 900, seed=seed)
        with pytest.raises(UserError, match="full") as caught:
            document.do("Place", placed(document.snapshot, pixels, 0, 0, "Noise"))
        assert "room" in caught.value.hint
    assert read(file) == before
    assert Past.of(document.history) == document.past  # nothing of it is lost here
    with journal.database.read() as connection:
        connection.execute(f"PRAGMA max_page_count = {PAGES}")
    document.undo()
    assert read(file) == document.past
    assert len(document.past.steps) == len(before.steps) + 3


def test_what_is_not_on_disk_is_not_let_go(journal: Journal) -> None:
    document = Watched(journal, at_once, budget=0)
    with journal.database.read() as connection:
        connection.execute("PRAGMA max_page_count = 1")
    for seed in range(3):
        layer = replace(document.snapshot.layers[0], plane=noisy(QRect(0, 0, 900, 900), seed=seed))
        with pytest.raises(UserError):
            document.do("Noise", document.snapshot.put(layer))
    for _ in range(2):
        with suppress(UserError):
            document.undo()
    assert Past.of(document.history) == document.past


# ---------------------------------------------------------------- tidied


def test_tidy_drops_the_tiles_that_no_step_needs(journal: Journal, file: Path) -> None:
    document = painted(journal)
    journal.tidy()
    needed = _count(journal, "tiles")
    assert read(file) == document.past
    dropped = document.snapshot
    for seed in range(5):
        dropped = placed(document.snapshot, noise(200, 200, seed=seed), 0, 0, "Noise")
        document.do("Place", dropped)
        document.undo()
    assert _count(journal, "tiles") == needed + 5
    document.do("Other", document.snapshot.change(document.snapshot.active_id, locked=False))
    journal.tidy()
    assert _count(journal, "tiles") == needed
    assert read(file) == document.past
    document.do("Paste", dropped)  # a tile that was dropped is wanted after all
    assert read(file) == document.past


# ---------------------------------------------------------------- files that are not right


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


# ---------------------------------------------------------------- killed


def kill_painters(folder: Path, times: int, seed: int) -> None:
    """Each goes on with the document that the one before had in hand."""
    chance, told = random.Random(seed), dict[int, str]()
    for turn in range(times):
        file = folder / f"{turn // 10}.db"
        if turn % 10 == 0:
            told.clear()
        told |= _killed_while_painting(file, chance)
        with closing(Journal(file)) as journal:
            history = journal.load()
            assert journal.database.notice is None
            if history is None:  # it came before the beginning was kept
                assert not told
                continue
            assert history.at == len(history.steps) - 1 >= max(told, default=0)
            found = {place: digest(step.snapshot) for place, step in enumerate(history.steps)}
        assert {place: found[place] for place in told} == told
        told = found


def _killed_while_painting(file: Path, chance: random.Random) -> dict[int, str]:
    """What it had told."""
    command = [sys.executable, "-m", "tests.canvas.painter", str(file), str(chance.randrange(999))]
    painter = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert painter.stdout
    first = painter.stdout.readline() if chance.random() < 0.8 else ""
    time.sleep(chance.uniform(0, 0.5))
    painter.kill()
    lines = (first + painter.communicate()[0]).splitlines(keepends=True)
    assert painter.returncode < 0, lines
    return {int(place): text for place, text in (line.split() for line in lines if line.endswith("\n"))}


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_every_step_that_was_told_survives_kills(tmp_path: Path) -> None:
    kill_painters(tmp_path, times=5, seed=0)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_every_step_that_was_told_survives_many_kills(tmp_path: Path) -> None:
    kill_painters(tmp_path, times=50, seed=1)


def test_the_painter_tells_of_many_steps(tmp_path: Path) -> None:
    """Else the tests above would test nothing."""
    command = [sys.executable, "-m", "tests.canvas.painter", str(tmp_path / "document.db"), "5"]
    painter = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert painter.stdout
    lines = [painter.stdout.readline() for _ in range(12)]
    painter.kill()
    painter.communicate()
    assert [int(line.split()[0]) for line in lines] == list(range(1, 13))
    assert len({line.split()[1] for line in lines}) > 8


def test_a_document_is_what_its_journal_says(journal: Journal, file: Path) -> None:
    """A history that is given is not written again."""
    document = painted(journal)
    journal.close()
    with closing(Journal(file)) as again:
        history = again.load()
        assert isinstance(history, History)
        Watched(again, lambda work: pytest.fail("nothing is to be kept"), history=history)
        assert Past.of(history) == document.past
        assert Snapshot.new().layers
