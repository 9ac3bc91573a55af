"""All tools, led as the view leads them: pressed, moved, lifted; finished by Enter, given up by Escape."""

from __future__ import annotations

import pytest

from desktop.canvas.nib import Brush
from desktop.canvas.snapshot import Snapshot
from desktop.canvas.tools.kit import Kit
from desktop.canvas.tools.table import BY_NAME, TOOLS
from desktop.ui.canvas.guide import GUIDES
from tests.canvas.things import click, drag, enter, print_of, send, take, use
from tests.canvas.tools.kits import PAINTERS, active, cards, kit_of, names


@pytest.mark.parametrize("row", TOOLS, ids=lambda row: row.name)
def test_rows_are_whole(row) -> None:
    assert callable(row.run) if row.work else row.name in GUIDES
    assert row.tip.endswith(".")
    assert set(row.options) <= set(Brush.__dataclass_fields__) | {"tolerance", "contiguous"}
    assert BY_NAME[row.name] is row
    assert [other.keys for other in TOOLS].count(row.keys) == 1


@pytest.mark.parametrize("name", sorted(name for name, row in BY_NAME.items() if row.work))
@pytest.mark.parametrize("pressed", [0, 1, 2, 4])
def test_given_up_all_is_as_before(name: str, pressed: int, kit: Kit) -> None:
    """As the view does it: close, and show the document itself."""
    before = kit.document.snapshot
    work = take(kit, name)
    path = drag((120.0, 120.0), (180.0, 150.0), (400.0, 300.0), (330.0, 310.0))[:pressed]
    if not send(work, *path):
        assert name in ("wand", "bucket")  # these are done with the press
        return
    work.close()
    kit.document.show(None)
    assert kit.document.snapshot is before
    assert not kit.document.history.can_undo
    assert kit.last is None


@pytest.mark.parametrize("name", sorted(name for name, row in BY_NAME.items() if row.work))
def test_what_a_tool_does_is_one_step_that_can_be_undone(name: str, kit: Kit) -> None:
    before = print_of(kit.document.snapshot)
    work = take(kit, name)
    for pointer in (
        *drag((120.0, 120.0), (230.0, 240.0), (310.0, 330.0)),
        *click(120, 300),
        *click(300, 120),
        enter(0, 0),
    ):
        if not send(work, pointer):
            break
    done = print_of(kit.document.snapshot)
    assert len(names(kit)) == (0 if name == "eyedropper" else 1)
    kit.document.undo()
    assert print_of(kit.document.snapshot) == before
    kit.document.redo()
    assert print_of(kit.document.snapshot) == done
    assert (done == before) == (name == "eyedropper")


@pytest.mark.parametrize("name", sorted(name for name, row in BY_NAME.items() if row.work))
@pytest.mark.parametrize(("state", "word"), [({"locked": True}, "locked"), ({"visible": False}, "hidden")])
def test_locked_and_hidden_layers_are_refused_with_words(name: str, state: dict[str, bool], word: str) -> None:
    snapshot = cards()
    kit, heard = kit_of(snapshot.change(snapshot.active_id, **state))
    before = active(kit)
    work = take(kit, name)
    for pointer in (*drag((120.0, 120.0), (230.0, 240.0)), enter(0, 0)):
        if not send(work, pointer):
            break
    assert [(f"“Card” is {word}." in message, bool(hint)) for message, hint in heard.refused] == (
        [(True, True)] if name in PAINTERS else []
    )
    if name != "crop":
        assert active(kit) is before


def test_a_locked_mask_is_not_painted() -> None:
    snapshot = cards()
    assert snapshot.mask
    kit, heard = kit_of(snapshot.change(snapshot.mask.id, locked=True, visible=False))
    use(kit, "mask", *drag((9.0, 9.0)))
    assert [message for message, _ in heard.refused] == ["“Mask” is locked."]
    assert names(kit) == []


@pytest.mark.parametrize("name", sorted(name for name, row in BY_NAME.items() if row.work))
def test_without_any_layer_nothing_breaks(name: str) -> None:
    kit, heard = kit_of(Snapshot())
    work = take(kit, name)
    for pointer in (*drag((120.0, 120.0), (230.0, 240.0)), enter(0, 0)):
        if not send(work, pointer):
            break
    assert not heard.refused
