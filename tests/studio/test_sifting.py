"""Which model files are wanted, and in what order."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.models.entry import Entry
from desktop.models.marks import Mark
from desktop.studio.sifting import SORTS, Item, Wanted, sift


def item(name: str, kind: str = "lora", mark: Mark | None = None, used: int = 0, changed: float = 0, **values) -> Item:
    entry = Entry(Path(f"/models/{kind}/{name}.safetensors"), kind, values.pop("bytes", 1000), **values)
    return Item(entry, mark or Mark(), used, changed)


ITEMS = (
    item("Ink v10", family="sdxl", triggers=("sumi-e",), changed=3, used=2, bytes=50),
    item("ink v9", family="sd15", mark=Mark(favourite=True, tags=("paper", "best of")), changed=1, bytes=70),
    item("clay", family="sdxl", title="Claymation", alias="trained-clay", used=7, changed=2, bytes=60),
    item("dream", "checkpoint", family="sd15", problem="download incomplete", changed=4, bytes=90),
)


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Wanted(), ["Claymation", "dream", "ink v9", "Ink v10"]),
        (Wanted(text="INK"), ["ink v9", "Ink v10"]),
        (Wanted(text="ink  sumi"), ["Ink v10"]),
        (Wanted(text="trained-"), ["Claymation"]),
        (Wanted(text="best"), ["ink v9"]),
        (Wanted(text="/models/check"), ["dream"]),
        (Wanted(text="nothing"), []),
        (Wanted(kind="lora", family="sdxl"), ["Claymation", "Ink v10"]),
        (Wanted(tag="paper"), ["ink v9"]),
        (Wanted(tag="pap"), []),
        (Wanted(favourites=True), ["ink v9"]),
        (Wanted(problems=True), ["dream"]),
        (Wanted(sort="newest"), ["dream", "Ink v10", "Claymation", "ink v9"]),
        (Wanted(sort="largest"), ["dream", "ink v9", "Claymation", "Ink v10"]),
        (Wanted(sort="used"), ["Claymation", "Ink v10", "dream", "ink v9"]),
    ],
)
def test_what_is_wanted_is_found_in_order(wanted: Wanted, names: list[str]) -> None:
    assert [each.title for each in sift(ITEMS, wanted)] == names


def test_only_what_narrows_narrows() -> None:
    assert not any(Wanted(sort=name).narrows for name in SORTS)
    assert Wanted(text="a").narrows
    assert Wanted(problems=True).narrows


@pytest.mark.parametrize(
    ("license", "expected"),
    [
        ("FLUX.1 [dev] Non-Commercial License", True),
        ("flux-1-dev-non-commercial-license", True),
        ("CC BY-NC 4.0", True),
        ("cc-by-nc-sa-4.0", True),
        ("no commercial use", True),
        ("creativeml-openrail-m", False),
        ("apache-2.0", False),
        ("commercial use allowed", False),
        ("Tencent Hunyuan", False),
        ("", False),
    ],
)
def test_licences_that_forbid_commerce_are_known(license: str, expected: bool) -> None:
    assert item("a", license=license).is_non_commercial is expected


def test_pictures_call_it_by_any_of_its_names() -> None:
    assert ITEMS[2].names == {"claymation", "trained-clay", "clay.safetensors", "clay"}


def test_its_picture_lies_beside_it_or_in_it() -> None:
    assert item("a", preview=Path("/a.png")).picture == Path("/a.png")
    assert item("a").picture == Path("/models/lora/a.safetensors")
    assert Item(Entry(Path("/models/sd"), "checkpoint", 1)).picture is None
