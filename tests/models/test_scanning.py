"""Finding model files: in any folder, through links, never in circles; what has changed is seen."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path

import pytest

from desktop.models.entries import entry_of
from desktop.models.scanning import folders, scan, state_of
from tests.models.folders import copied


def _touched(*files: Path) -> None:
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")


def _found(root: Path) -> list[str]:
    return [found.path.relative_to(root).as_posix() for found in scan([root])]


def test_files_are_found_at_any_depth_by_their_ending(tmp_path: Path) -> None:
    _touched(
        *(tmp_path / f"deep/er/a{ending}" for ending in (".safetensors", ".CKPT", ".gguf", ".sft", ".txt", ".png"))
    )
    _touched(tmp_path / "b.pt", tmp_path / ".hidden.pt", tmp_path / ".git" / "c.pt", tmp_path / "venv" / "d.pt")
    assert _found(tmp_path) == ["b.pt", "deep/er/a.CKPT", "deep/er/a.gguf", "deep/er/a.safetensors", "deep/er/a.sft"]


def test_a_diffusers_folder_is_one_model(models: Mapping[str, Path], tmp_path: Path) -> None:
    copied(models["sd15"], tmp_path / "one")
    assert _found(tmp_path) == ["one"]
    assert [found.path for found in scan([tmp_path / "one"])] == [tmp_path / "one"]


def test_of_shards_the_first_stands_for_all(tmp_path: Path) -> None:
    _touched(*(tmp_path / f"model-0000{number}-of-00003.safetensors" for number in (1, 2, 3)))
    assert _found(tmp_path) == ["model-00001-of-00003.safetensors"]


def test_links_are_followed_but_never_in_circles(tmp_path: Path) -> None:
    _touched(tmp_path / "elsewhere" / "a.pt", tmp_path / "models" / "b.pt")
    (tmp_path / "models" / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "back").symlink_to(tmp_path / "models")
    (tmp_path / "models" / "c.pt").symlink_to(tmp_path / "elsewhere" / "a.pt")
    (tmp_path / "models" / "nowhere.pt").symlink_to(tmp_path / "missing")
    assert _found(tmp_path / "models") == ["b.pt", "c.pt", "link/a.pt"]


@pytest.mark.parametrize("file_first", [True, False])
def test_a_file_that_lies_in_one_of_the_folders_is_found_once(tmp_path: Path, file_first: bool) -> None:
    _touched(tmp_path / "models" / "a.pt", tmp_path / "elsewhere" / "a.pt")
    (tmp_path / "link").symlink_to(tmp_path / "models")
    roots = [tmp_path / "link", *(tmp_path / place / "a.pt" for place in ("models", "elsewhere"))]
    found = [found.path for found in scan(reversed(roots) if file_first else roots)]
    assert found == [tmp_path / "link" / "a.pt", tmp_path / "elsewhere" / "a.pt"]


def test_a_folder_within_another_is_looked_into_once(tmp_path: Path) -> None:
    _touched(tmp_path / "a" / "b.pt")
    assert len(list(scan([tmp_path, tmp_path / "a"]))) == 1


def test_a_file_is_found_by_itself(tmp_path: Path) -> None:
    _touched(tmp_path / "a.pt")
    assert [found.path for found in scan([tmp_path / "a.pt", tmp_path / "missing", Path("a" * 5000)])] == [
        tmp_path / "a.pt"
    ]


def test_a_broken_picture_beside_it_hides_no_model(tmp_path: Path) -> None:
    _touched(tmp_path / "a.pt")
    (tmp_path / "a.png").symlink_to(tmp_path / "missing.png")
    (tmp_path / "a.jpg").symlink_to("a.jpg")
    assert _found(tmp_path) == ["a.pt"]


@pytest.mark.skipif(sys.platform != "linux", reason="names are texts here")
def test_names_that_are_no_text_are_told_apart(tmp_path: Path) -> None:
    """In what is kept of them, too."""
    name = os.fsdecode(b"a\xff")
    _touched(tmp_path / f"{name}.pt", tmp_path / "b.pt")
    before = {found.path.stem: found.beside for found in scan([tmp_path])}
    _touched(tmp_path / f"{name}.png")
    after = {found.path.stem: found.beside for found in scan([tmp_path])}
    assert after[name] != before[name]
    assert "".join(after.values()).isascii()


def test_a_model_folder_that_cannot_be_looked_into_is_found_all_the_same(
    models: Mapping[str, Path], tmp_path: Path
) -> None:
    folder = copied(models["sd15"], tmp_path / "one")
    shutil.rmtree(folder / "vae")
    (folder / "vae").symlink_to("vae")
    assert _found(tmp_path) == ["one"]
    assert "lacks vae" in entry_of(folder).problem


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is forbidden here")
def test_a_forbidden_folder_in_a_model_is_told(models: Mapping[str, Path], tmp_path: Path) -> None:
    folder = copied(models["sd15"], tmp_path / "one")
    (folder / "vae").chmod(0)
    try:
        assert _found(tmp_path) == ["one"]
        assert entry_of(folder).problem
    finally:
        (folder / "vae").chmod(0o700)


def test_who_leaves_early_has_not_read_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _touched(*(tmp_path / str(number) / "a.pt" for number in range(9)))
    asked: list[object] = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: (asked.append(path), scandir(path))[1])
    assert len(list(islice(scan([tmp_path]), 2))) == 2
    assert len(asked) == 3


def test_all_folders_are_listed_for_whoever_watches(models: Mapping[str, Path], tmp_path: Path) -> None:
    _touched(tmp_path / "a" / "b" / "c.pt")
    copied(models["sd15"], tmp_path / "one")
    expected = [tmp_path, tmp_path / "a", tmp_path / "a" / "b", tmp_path / "one"]
    assert list(folders([tmp_path])) == expected


CHANGES: dict[str, Callable[[Path], object]] = {
    "its bytes": lambda folder: (folder / "a.safetensors").write_bytes(b"xy"),
    "its time": lambda folder: os.utime(folder / "a.safetensors", ns=(1, 1)),
    "a picture": lambda folder: (folder / "a.png").write_bytes(b""),
    "a note": lambda folder: (folder / "a.civitai.info").write_text("{}"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_seen(tmp_path: Path, name: str) -> None:
    _touched(tmp_path / "a.safetensors", tmp_path / "b.safetensors")
    before = {found.path.name: (found.state, found.beside) for found in scan([tmp_path])}
    CHANGES[name](tmp_path)
    after = {found.path.name: (found.state, found.beside) for found in scan([tmp_path])}
    assert after["a.safetensors"] != before["a.safetensors"]
    assert after["b.safetensors"] == before["b.safetensors"]


def test_a_change_in_a_model_folder_is_seen(models: Mapping[str, Path], tmp_path: Path) -> None:
    folder = copied(models["sd15"], tmp_path / "one")
    before = state_of(folder)
    assert state_of(folder) == before
    (folder / "unet" / "config.json").write_text("{}")
    assert state_of(folder) != before
