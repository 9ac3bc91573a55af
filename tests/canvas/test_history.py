"""Whatever is done can be undone and done again, however long the past, within the memory it may take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRect

from desktop.canvas.history import History, Step, replaced, spill
from desktop.canvas.journal import Journal
from desktop.canvas.layer import Layer
from desktop.canvas.nib import Brush
from desktop.canvas.snapshot import Snapshot
from desktop.canvas.tiles import Tile
from desktop.canvas.tools.kit import Kit
from tests.canvas.things import (
    ACTIONS,
    SMALL,
    Nowhere,
    Past,
    Watched,
    act,
    at_once,
    document_of,
    drag,
    filled,
    noisy,
    print_of,
    use,
)

MB = 2**20
actions = st.tuples(st.sampled_from([*ACTIONS, "undo", "undo", "redo", "brush"]), st.integers(0, 999))


def watched() -> Watched:
    return Watched(Nowhere(), at_once, history=History.beginning(Snapshot.new(SMALL)))


@settings(max_examples=80)
@given(st.lists(actions, min_size=2, max_size=14))
def test_whatever_is_done_is_undone_and_done_again_to_the_bit(deeds: list[tuple[str, int]]) -> None:
    document = watched()
    kit = Kit(document)
    for name, seed in deeds:
        act(kit, name, seed)
        assert document.history.at == document.past.at
        assert print_of(document.snapshot) == document.past.steps[document.past.at][2]
    past = document.past
    while document.history.can_undo:
        document.undo()
        assert print_of(document.snapshot) == past.steps[document.history.at][2]
    assert print_of(document.snapshot) == past.steps[0][2]
    while document.history.can_redo:
        document.redo()
        assert print_of(document.snapshot) == past.steps[document.history.at][2]
    assert Past.of(document.history) == replace(past, at=len(past.steps) - 1)


def _fade(document: Watched, opacity: float, merge: str = "fade") -> None:
    document.do("Opacity", document.snapshot.change(document.snapshot.active_id, opacity=opacity), merge)


def test_a_step_after_an_undo_drops_what_was_undone() -> None:
    document = watched()
    for opacity in (0.1, 0.2, 0.3):
        _fade(document, opacity, merge="")
    document.undo()
    document.undo()
    _fade(document, 0.9, merge="")
    assert not document.history.can_redo
    assert [step.snapshot.layers[0].opacity for step in document.history.steps] == [1.0, 0.1, 0.9]


def test_steps_merge_with_the_one_before_that_says_the_same() -> None:
    document = watched()
    opacities = lambda: [step.snapshot.layers[0].opacity for step in document.history.steps]  # noqa: E731
    _fade(document, 0.1)
    _fade(document, 0.2)
    assert opacities() == [1.0, 0.2]
    _fade(document, 0.3, merge="another")
    _fade(document, 0.4)
    assert opacities() == [1.0, 0.2, 0.3, 0.4]
    _fade(document, 0.5, merge="")
    _fade(document, 0.6, merge="")
    assert opacities() == [1.0, 0.2, 0.3, 0.4, 0.5, 0.6]


def test_a_step_does_not_merge_with_one_that_others_follow_nor_with_the_beginning() -> None:
    document = watched()
    _fade(document, 0.1)
    document.undo()
    _fade(document, 0.2)  # what was undone is gone
    assert [step.snapshot.layers[0].opacity for step in document.history.steps] == [1.0, 0.2]
    _fade(document, 0.3, merge="")
    document.undo()
    _fade(document, 0.4)  # 0.3 could be done again: it is dropped, and 0.2 stays
    assert [step.snapshot.layers[0].opacity for step in document.history.steps] == [1.0, 0.2, 0.4]
    history = History([Step("Opened", Snapshot.new(), "fade")], 0)
    history.take("Opacity", Snapshot.new(), "fade")
    assert len(history.steps) == 2


def test_an_amended_step_is_the_same_step() -> None:
    document = watched()
    _fade(document, 0.5)
    stepped: list[int] = []
    document.stepped.connect(lambda: stepped.append(1))
    mask = document.snapshot.mask
    assert mask
    document.amend(lambda snapshot: snapshot.activate(mask.id))
    assert not stepped
    assert [step.name for step in document.history.steps] == ["New document", "Opacity"]
    assert document.snapshot.active_id == mask.id
    document.undo()
    assert document.snapshot.active_id != mask.id
    document.redo()
    assert document.snapshot.active_id == mask.id
    _fade(document, 0.7)
    assert len(document.history.steps) == 2  # it merges as it did before


def test_signals_tell_what_is_seen_and_when_steps_change() -> None:
    document = document_of(Snapshot.new(SMALL))
    heard: list[object] = []
    document.changed.connect(heard.append)
    document.stepped.connect(lambda: heard.append("stepped"))
    one = replace(document.snapshot, frame=QRect(0, 0, 64, 64))
    trial = replace(document.snapshot, frame=QRect(0, 0, 99, 99))
    begin = document.snapshot
    document.show(trial)
    assert document.snapshot is trial
    document.show(None)
    document.do("Frame", one)
    document.undo()
    document.undo()  # there is nothing before
    document.redo()
    document.redo()
    assert heard == [trial, begin, one, "stepped", begin, "stepped", one, "stepped"]


def test_undo_gives_up_a_trial() -> None:
    document = document_of(Snapshot.new(SMALL))
    document.do("Frame", replace(document.snapshot, frame=QRect(0, 0, 64, 64)))
    document.show(replace(document.snapshot, frame=QRect(0, 0, 99, 99)))
    document.undo()
    assert document.snapshot.frame == SMALL


# ---------------------------------------------------------------- memory


def test_replaced_are_the_tiles_that_only_the_former_has() -> None:
    one, other = Layer("One", plane=noisy(QRect(0, 0, 600, 20))), Layer("Other", plane=noisy(QRect(0, 0, 20, 20)))
    before = Snapshot((one, other), one.id, filled(QRect(0, 0, 9, 9), 255))
    painted = one.write(QRect(300, 0, 9, 9), noisy(QRect(0, 0, 9, 9), seed=3).read(QRect(0, 0, 9, 9)))
    after = Snapshot((painted,), one.id, before.selection)
    assert set(replaced(before, after)) == {one.plane.tiles[1, 0], other.plane.tiles[0, 0]}
    moved = before.put(replace(one, plane=one.plane.moved(512, 0)))
    assert replaced(before, moved) == ()
    assert replaced(before, before) == ()


def test_the_oldest_is_let_go_first_and_nothing_that_is_not_on_disk() -> None:
    tiles = [noisy(QRect(0, 0, 256, 256), seed=n).tiles[0, 0] for n in range(4)]
    steps = [Step("", Snapshot(), replaced=(tile,)) for tile in tiles]
    each = tiles[0].bytes_in_memory
    spill(steps, 0)
    assert [tile.bytes_in_memory for tile in tiles] == [each] * 4
    for tile in tiles:
        tile.kept_as(tile.digest, lambda: (_ for _ in ()).throw(AssertionError))
    spill(steps, 4 * each)
    assert [tile.bytes_in_memory for tile in tiles] == [each] * 4
    spill(steps, 2 * each)
    assert [tile.bytes_in_memory for tile in tiles] == [0, 0, each, each]
    spill(steps, 2 * each - 1)
    assert [tile.bytes_in_memory for tile in tiles] == [0, 0, 0, each]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with closing(Journal(tmp_path / "document.db")) as journal:
        yield journal


def test_two_hundred_strokes_stay_within_the_budget_and_come_back(journal: Journal) -> None:
    budget = 4 * MB
    document = Watched(journal, at_once, budget)
    kit = Kit(document, Brush(14, spacing=0.4), color=(200, 30, 40))
    for n in range(200):
        kit.color = (n, 255 - n, n * 7 % 256)
        use(kit, "eraser" if n % 9 == 8 else "brush", *drag((n * 37.0 % 500, 0), (n * 61.0 % 500, 200)))
        if n % 20 == 0:
            assert _in_memory(document) <= budget + _of_present(document)
    whole = sum(len(step.replaced) for step in document.history.steps)
    assert whole * 256 * 256 * 4 > 10 * budget  # else there was nothing to test
    assert _in_memory(document) <= budget + _of_present(document)
    past = document.past
    while document.history.can_undo:
        document.undo()
        assert print_of(document.snapshot) == past.steps[document.history.at][2]
    assert _in_memory(document) <= budget + 2 * MB
    while document.history.can_redo:
        document.redo()
    assert print_of(document.snapshot) == past.steps[-1][2]


def _tiles(snapshot: Snapshot) -> set[Tile]:
    planes = [snapshot.selection, *(layer.plane for layer in snapshot.layers)]
    return {tile for plane in planes for tile in plane.tiles.values()}


def _in_memory(document: Watched) -> int:
    tiles = {tile for step in document.history.steps for tile in _tiles(step.snapshot)}
    return sum(tile.bytes_in_memory for tile in tiles)


def _of_present(document: Watched) -> int:
    return sum(tile.bytes_in_memory for tile in _tiles(document.snapshot))
