"""Undo of everything, the journal that keeps it, and what is left after a kill."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRect

from desktop.canvas import edits
from desktop.canvas.composite import flatten
from desktop.canvas.document import Document
from desktop.canvas.history import History
from desktop.canvas.journal import Journal
from desktop.canvas.layer import Blend
from desktop.canvas.snapshot import Snapshot
from desktop.canvas.tools.kit import Kit
from desktop.errors import UserError
from tests.canvas.conftest import Open, use

AREA = QRect(-64, -64, 640, 640)
EDITS = (
    "add_layer", "duplicate", "merge_down", "clear", "select_all", "invert_selection", "selection_to_mask",
    "mask_to_selection", "clear_mask", "invert_mask", "flatten_all",
)  # fmt: skip
Act = Callable[[Document, random.Random], None]


def everything(snapshot: Snapshot) -> list[object]:
    """All there is in it, to compare by value."""
    pixels = [layer.plane.read(AREA).tobytes() for layer in snapshot.layers]
    return [snapshot.to_json(), pixels, snapshot.selection.read(AREA).tobytes()]


# ---------------------------------------------------------------- things to do


def stroke(document: Document, chance: random.Random) -> None:
    tool = chance.choice(["brush", "eraser", "mask"])
    places = [(chance.uniform(0, 500), chance.uniform(0, 500)) for _ in range(3)]
    use(Kit(document, color=(chance.randrange(256), 0, 90)), tool, *places)


def select(document: Document, chance: random.Random) -> None:
    tool = chance.choice(["rectangle", "ellipse", "lasso"])
    use(Kit(document), tool, *[(chance.uniform(0, 500), chance.uniform(0, 500)) for _ in range(4)])


def move(document: Document, chance: random.Random) -> None:
    use(Kit(document), "move", (100, 100), (100 + chance.randrange(-60, 60), 130))


def frame(document: Document, chance: random.Random) -> None:
    use(Kit(document), "frame", (300, 300), (300 + chance.randrange(-90, 90), 340))


def edit(document: Document, chance: random.Random) -> None:
    name = chance.choice(EDITS)
    snapshot = document.snapshot
    if (after := getattr(edits, name)(snapshot)) is not snapshot:
        document.do(name, after)


def property_(document: Document, chance: random.Random) -> None:
    snapshot = document.snapshot
    layer = chance.choice(snapshot.layers)
    blend = chance.choice(list(Blend))
    changes = ({"opacity": chance.random()}, {"visible": not layer.visible}, {"name": "else"}, {"blend": blend})
    change = chance.choice(changes)
    merge = "opacity" if "opacity" in change else ""
    document.do("Property", snapshot.change(layer.id, **change), merge)


def activate(document: Document, chance: random.Random) -> None:
    document.amend(document.snapshot.activate(chance.choice(document.snapshot.layers).id))


def back(document: Document, chance: random.Random) -> None:
    document.undo()


def forth(document: Document, chance: random.Random) -> None:
    document.redo()


ACTS: tuple[Act, ...] = (stroke, stroke, select, move, frame, edit, property_, activate, back, forth)
sequences = st.tuples(st.lists(st.sampled_from(ACTS), min_size=1, max_size=14), st.integers(0, 10**6))
often = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])


def act(document: Document, sequence: tuple[list[Act], int]) -> None:
    chance = random.Random(sequence[1])
    for deed in sequence[0]:
        deed(document, chance)


# ---------------------------------------------------------------- undo


@often
@given(sequences)
def test_whatever_is_done_can_be_undone_and_done_again(tmp_path: Path, sequence) -> None:
    journal = Journal(tmp_path / f"{os.urandom(8).hex()}.db")
    document = Document(journal, lambda work: work(), lambda: 0)  # nothing of the past stays in memory
    act(document, sequence)
    states = [everything(step.snapshot) for step in document.history.steps]
    while document.history.can_undo:
        document.undo()
        assert everything(document.snapshot) == states[document.history.at]
    while document.history.can_redo:
        document.redo()
        assert everything(document.snapshot) == states[document.history.at]
    journal.close()


def test_a_step_after_an_undo_drops_what_was_undone(document: Document, kit: Kit) -> None:
    for x in (50, 150, 250):
        use(kit, "brush", (x, 50), (x, 90))
    document.undo()
    document.undo()
    use(kit, "eraser", (50, 50), (50, 90))
    assert [step.name for step in document.history.steps] == ["New document", "Brush stroke", "Eraser stroke"]
    assert not document.history.can_redo


def test_steps_that_merge_are_one(document: Document) -> None:
    layer = document.snapshot.layers[0].id
    for opacity in (0.9, 0.5, 0.2):
        document.do("Opacity", document.snapshot.change(layer, opacity=opacity), "opacity")
    document.do("Hide", document.snapshot.change(layer, visible=False))
    document.do("Opacity", document.snapshot.change(layer, opacity=0.1), "opacity")
    assert [step.name for step in document.history.steps] == ["New document", "Opacity", "Hide", "Opacity"]
    for _ in range(3):
        document.undo()
    assert document.snapshot.layers[0].opacity == 1.0


def test_a_trial_is_no_step_and_is_given_up(document: Document) -> None:
    before = document.snapshot
    shown: list[Snapshot] = []
    document.changed.connect(shown.append)
    trial = replace(before, frame=QRect(1, 2, 64, 64))
    document.show(trial)
    assert document.snapshot is trial
    document.show(None)
    assert document.snapshot is before
    assert shown == [trial, before]
    assert not document.history.can_undo


def test_the_past_stays_within_its_budget(open_document: Open) -> None:
    budget = 8 * 2**20
    document = open_document(budget)
    kit = Kit(document)
    states = []
    for number in range(60):
        use(kit, "brush", (0, number * 8), (500, number * 8))
        states.append(flatten(document.snapshot, AREA).tobytes())
    past = {id(tile): tile for step in document.history.steps for tile in step.replaced}
    assert len(past) > 100
    assert sum(tile.bytes_in_memory for tile in past.values()) <= budget
    for state in reversed(states):
        assert flatten(document.snapshot, AREA).tobytes() == state
        document.undo()


# ---------------------------------------------------------------- the journal


@often
@given(sequences, sequences)
def test_a_document_comes_back_with_all_its_past(tmp_path: Path, first, second) -> None:
    file = tmp_path / f"{os.urandom(8).hex()}.db"
    for sequence in (first, second):  # also after it has come back once
        journal = Journal(file)
        document = Document(journal, lambda work: work(), lambda: 0, journal.load())
        act(document, sequence)
        journal.tidy()
        journal.close()
        again = Journal(file)
        history = again.load()
        assert history
        same_past(history, document.history)
        again.close()


def same_past(one: History, other: History) -> None:
    assert one.at == other.at
    assert [step.name for step in one.steps] == [step.name for step in other.steps]
    for mine, theirs in zip(one.steps, other.steps, strict=True):
        assert mine.snapshot.to_json() == theirs.snapshot.to_json()
        assert [sorted(layer.plane.tiles) for layer in mine.snapshot.layers] == [
            sorted(layer.plane.tiles) for layer in theirs.snapshot.layers
        ]
    assert everything(one.present.snapshot)[0] == everything(other.present.snapshot)[0]


def test_what_could_not_be_written_is_written_the_next_time(open_document: Open, monkeypatch) -> None:
    document = open_document()
    kit = Kit(document)
    use(kit, "brush", (50, 50), (90, 90))
    sync = document.journal.sync
    monkeypatch.setattr(document.journal, "sync", lambda steps, at: None)  # as if the disk were full
    use(kit, "brush", (150, 50), (190, 90))
    document.undo()
    use(kit, "mask", (250, 50), (290, 90))
    monkeypatch.setattr(document.journal, "sync", sync)
    use(kit, "brush", (350, 50), (390, 90))
    document.journal.close()
    history = open_document().history
    assert [step.name for step in history.steps] == ["New document", "Brush stroke", "Mask stroke", "Brush stroke"]
    assert everything(history.present.snapshot) == everything(document.snapshot)


def test_a_full_disk_is_told_and_loses_nothing(open_document: Open) -> None:
    document = open_document()
    kit = Kit(document)
    use(kit, "brush", (50, 50), (90, 90))
    with document.journal.database.write() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
    noise = np.random.default_rng(0).integers(0, 256, (600, 600, 4), dtype=np.uint8)
    snapshot = document.snapshot
    with pytest.raises(UserError, match="the disk is full"):
        document.do("Noise", snapshot.put(snapshot.layers[0].write(QRect(0, 0, 600, 600), noise)))
    assert np.array_equal(document.snapshot.layers[0].read(QRect(0, 0, 600, 600)), noise)
    with document.journal.database.read() as connection:
        connection.execute("PRAGMA max_page_count = 1000000")
    use(kit, "brush", (50, 50), (90, 90))
    document.journal.close()
    assert everything(open_document().snapshot) == everything(document.snapshot)


def test_pixels_that_no_step_needs_are_dropped(open_document: Open) -> None:
    document = open_document()
    kit = Kit(document)
    for x in (50, 150, 250):
        use(kit, "brush", (x, 50), (x, 90))
    for _ in range(3):
        document.undo()
    use(kit, "mask", (400, 50), (400, 90))

    def tiles() -> int:
        with document.journal.database.read() as connection:
            return connection.execute("SELECT COUNT(*) FROM tiles").fetchone()[0]

    before = tiles()
    document.journal.tidy()
    assert 1 <= tiles() < before
    document.journal.close()
    assert everything(open_document().snapshot) == everything(document.snapshot)


def test_a_step_of_a_newer_sfumato_is_told(open_document: Open, tmp_path: Path) -> None:
    document = open_document()
    use(Kit(document), "brush", (50, 50), (90, 90))
    document.journal.close()
    with sqlite3.connect(tmp_path / "document.db") as connection:
        content = json.loads(connection.execute("SELECT content FROM steps WHERE place = 1").fetchone()[0])
        content["layers"][0]["blend"] = "of-the-future"
        connection.execute("UPDATE steps SET content = ? WHERE place = 1", (json.dumps(content),))
    connection.close()
    with pytest.raises(UserError, match="holds a step that cannot be read"):
        open_document()


# ---------------------------------------------------------------- kills

PAINTER = """
import sys
from pathlib import Path
from PySide6.QtGui import QGuiApplication
from desktop.canvas.document import Document
from desktop.canvas.journal import Journal
from desktop.canvas.tools.kit import Kit
from tests.canvas.conftest import use
app = QGuiApplication([])
journal = Journal(Path(sys.argv[1]))
document = Document(journal, lambda work: work(), lambda: 0, journal.load())
kit = Kit(document, color=(200, 30, 40))
while True:
    n = len(document.history.steps)
    use(kit, "mask" if n % 3 == 0 else "brush", (n * 7 % 500, 20), (n * 13 % 500, 480))
    print(len(document.history.steps), flush=True)
"""


def kills(file: Path, times: int) -> None:
    chance = random.Random(times)
    for _ in range(times):
        painter = subprocess.Popen(
            [sys.executable, "-c", PAINTER, str(file)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
        )
        assert painter.stdout
        told = [int(painter.stdout.readline()) for _ in range(chance.randrange(1, 12))]
        painter.send_signal(signal.SIGKILL)
        told += map(int, painter.stdout.read().split())
        painter.stdout.close()
        painter.wait()
        journal = Journal(file)
        history = journal.load()
        assert history
        assert len(history.steps) >= max(told)
        assert history.at == len(history.steps) - 1
        assert flatten(history.present.snapshot, AREA).any()
        for step in history.steps:
            everything(step.snapshot)  # all its pixels can be read
        assert journal.database.notice is None
        journal.close()


def test_a_kill_at_any_moment_costs_no_step_that_was_done(tmp_path: Path) -> None:
    kills(tmp_path / "document.db", 5)


@pytest.mark.soak
def test_fifty_kills(tmp_path: Path) -> None:
    kills(tmp_path / "document.db", 50)
