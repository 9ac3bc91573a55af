"""The journal: what was kept comes back, to the bit."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QRect

from desktop.canvas import edits
from desktop.canvas.journal import Journal
from desktop.canvas.nib import Brush
from desktop.canvas.tools.kit import Kit
from desktop.errors import UserError
from tests.canvas.journal.pasts import PAGES, painted, read
from tests.canvas.things import ACTIONS, SMALL, Past, Watched, act, at_once, drag, filled, noise, noisy, placed, use

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
