"""OpenRaster of ours that others have changed, and what could not be read again."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QRect

from desktop.canvas.composite import flatten
from desktop.canvas.files import limits, ora
from desktop.canvas.files.contents import Contents
from desktop.canvas.layer import Blend, Layer, Role
from desktop.canvas.snapshot import Snapshot
from desktop.errors import UserError
from tests.canvas.ora.contents import SPOT, entries, example, packed
from tests.canvas.things import filled, noisy, print_of

# ---------------------------------------------------------------- our own, changed since


def changed(file: Path, **content: bytes | str | None) -> Contents:
    """With other entries, by their names without folder and ending; None: without it."""
    ora.write(file, example())
    new: dict[str, bytes | str] = {}
    for name, old in entries(file).items():
        data = content.get(Path(name).stem, old)
        if data is not None:
            new[name] = data
    return ora.read(packed(file, new))


def own(file: Path) -> dict[str, Any]:
    ora.write(file, example())
    return json.loads(entries(file)[ora.OWN])


def test_layers_that_another_program_has_changed_are_read_as_it_left_them(file: Path) -> None:
    ora.write(file, example())
    stack = entries(file)["stack.xml"].decode().replace("Ground", "Floor")
    found = changed(file, stack=stack)
    assert [layer.name for layer in found.snapshot.layers] == ["Floor", "Glow", "Off", "Empty", "Mask"]
    assert found.snapshot.layers[1].blend is Blend.ADD
    assert found.snapshot.frame.topLeft().toTuple() == (0, 0)
    assert len(found.notices) == 1
    assert "Masks" in found.notices[0]


def test_a_newer_sfumato_s_file_opens_with_its_layers(file: Path) -> None:
    found = changed(file, document=json.dumps(own(file) | {"format": ora.FORMAT + 1}))
    assert [layer.name for layer in found.snapshot.layers] == ["Ground", "Glow", "Off", "Empty", "Mask"]
    assert found.notices


@pytest.mark.parametrize("document", ["", "{", "[]", "null", "[" * 10**5, '{"format": 1}', b"\xff\xfe"])
def test_data_of_ours_that_cannot_be_read_costs_only_themselves(file: Path, document: bytes | str) -> None:
    found = changed(file, document=document)
    assert found.notices
    assert found.snapshot.layers[0].name == "Ground"


def _with_each_leaf(data: Any, value: Any) -> Iterator[Any]:
    """Copies of it, in each of which that value is in another place."""
    places = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, inner in places:
        for change in (value, *_with_each_leaf(inner, value)):
            whole = copy.copy(data)
            whole[key] = change
            yield whole


def _with_ids(data: dict[str, Any], *ids: str) -> None:
    place = next(iter(data["pixels"].values()))
    data["document"]["layers"] = [Layer(layer_id, id=layer_id).to_json() for layer_id in ids]
    data["pixels"] = dict.fromkeys((*ids, ora.SELECTION), place)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data["document"].update(frame=[0, 0, 0, 64]),
        lambda data: data["document"].update(frame=[0, 0, 64, -5]),
        lambda data: _with_ids(data, "1", "1"),
        lambda data: _with_ids(data, ora.SELECTION),
    ],
    ids=["no width", "less than no height", "one id for two layers", "the selection's id"],
)
def test_what_would_do_harm_later_is_left_out(file: Path, spoil: Callable[[dict[str, Any]], None]) -> None:
    data = own(file)
    assert not changed(file, document=json.dumps(data)).notices
    spoil(data)
    found = changed(file, document=json.dumps(data))
    assert found.notices
    assert not found.snapshot.frame.isEmpty()
    assert found.snapshot.layers[0].name == "Ground"


@pytest.mark.parametrize("far", [2**30, 2**31 - 1, 2**31, 2**64, 1e300])
@pytest.mark.parametrize("what", ["pixels", "document"])
def test_places_out_of_reach_are_refused(file: Path, far: float, what: str) -> None:
    """Also where their differences are more than Qt can count."""
    data = own(file)
    for sign, layer in zip((-1, 1), data["document"]["layers"], strict=False):
        place = data["pixels"][layer["id"]]
        place["x"], layer["offset"][0] = (sign * far, 0) if what == "pixels" else (0, sign * far)
    with pytest.raises(UserError, match="spans") if far <= 2**30 else nullcontext():
        assert changed(file, document=json.dumps(data)).notices


@pytest.mark.parametrize("value", [None, "", -1, 2**40, float("nan"), float("inf"), [], {}, True, 0.5], ids=repr)
def test_whatever_our_data_say_the_file_opens_or_is_refused(file: Path, value: Any) -> None:
    """And what opens can be drawn and saved again."""
    ora.write(file, Snapshot((Layer("a", plane=noisy(SPOT)), Layer("b", Role.MASK, noisy(SPOT, 1))), frame=SPOT))
    content = entries(file)
    original = json.loads(content[ora.OWN])
    for document in _with_each_leaf(original, value):
        packed(file, content | {ora.OWN: json.dumps(document)})
        try:
            snapshot = ora.read(file).snapshot
        except UserError:
            continue
        assert flatten(snapshot, QRect(0, 0, 8, 8)).shape == (8, 8, 4)
        ora.write(file, snapshot)
        assert print_of(ora.read(file).snapshot) == print_of(snapshot)


# ---------------------------------------------------------------- what cannot be written


@pytest.mark.parametrize(
    ("limit", "most"), [("MOST_LAYERS", 6), ("MOST_TILES", 3), ("MOST_PIXELS", 1000)], ids=["layers", "tiles", "size"]
)
def test_what_could_not_be_read_again_is_not_written(
    file: Path, limit: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_bytes(b"before")
    monkeypatch.setattr(limits, limit, most)
    with pytest.raises(UserError) as caught:
        ora.write(file, example())
    assert caught.value.hint
    assert file.read_bytes() == b"before"


FAR = filled(QRect(10**6, 10**6, 1, 1), 255)


@pytest.mark.parametrize("snapshot", [Snapshot((Layer("Mask", Role.MASK, FAR),)), Snapshot(selection=FAR)])
def test_what_is_far_out_is_told_before_memory_runs_out(file: Path, snapshot: Snapshot) -> None:
    with pytest.raises(UserError, match="masks and its selection"):
        ora.write(file, snapshot)


def test_the_selection_takes_memory_as_well(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_TILES", 3)
    ora.write(file, Snapshot(selection=filled(QRect(0, 0, 300, 10), 255)))
    with pytest.raises(UserError, match="megapixels"):
        ora.write(file, Snapshot(selection=filled(QRect(0, 0, 300, 300), 255)))
