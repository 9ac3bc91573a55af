"""Names from outside, and where they lead."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.errors import UserError
from desktop.models.getting.places import LONGEST, clean, inside, is_harmless


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("unet/model.safetensors", "unet/model.safetensors"),
        ("a\\b.json", "a/b.json"),
        ("./a//b.json", "a/b.json"),
        ('what? "this": <one>|two*.json', "what_ _this__ _one__two_.json"),
        ("CON", "_CON"),
        ("aux.safetensors", "_aux.safetensors"),
        (" spaced. ", "spaced"),
        ("new\nline\x00.json", "new_line_.json"),
        ("\u202egnp.json", "gnp.json"),
    ],
)
def test_names_become_such_as_every_system_takes(tmp_path: Path, name: str, place: str) -> None:
    assert inside(tmp_path, name) == tmp_path / place


@pytest.mark.parametrize("name", ["", ".", "..", "../a", "a/../b", "/etc/passwd", "a/" * 20 + "b"])
def test_names_that_lead_elsewhere_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError):
        inside(tmp_path, name)


def test_links_lead_nowhere_else_either(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "out").symlink_to(tmp_path)
    with pytest.raises(UserError, match="outside"):
        inside(tmp_path / "models", "out/a.json")


def test_long_names_keep_their_ending() -> None:
    assert clean("ä" * 300 + ".safetensors").endswith("ä.safetensors")
    assert len(clean("ä" * 300 + ".safetensors").encode()) <= LONGEST
    assert len(clean("a" * 300 + "." + "b" * 300).encode()) <= LONGEST


@given(st.text())
def test_whatever_the_name_is_it_stays_inside(name: str) -> None:
    folder = Path("/somewhere/models")
    try:
        found = inside(folder, name)
    except UserError:
        return
    assert folder in found.parents
    assert "\x00" not in str(found)
    assert all(len(part.encode()) <= LONGEST + 1 for part in found.relative_to(folder).parts)


def test_what_is_harmless() -> None:
    assert is_harmless("a/B.SafeTensors")
    assert not is_harmless("a.safetensors.exe")
    assert not is_harmless("pytorch_model.bin")
