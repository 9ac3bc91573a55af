"""Model files go to the trash, with all that belongs to them, and come back."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.errors import UserError
from desktop.paths import STARTER
from desktop.studio import trash
from tests import model_files
from tests.models.folders import copied

BESIDE = ("ink.json", "ink.civitai.info", "ink.preview.png", "ink.jpg")


@pytest.fixture(autouse=True)
def _own_trash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which is not there yet, as in a new account."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home" / "data"))


@pytest.fixture
def ink(tmp_path: Path) -> Path:
    file = model_files.lora(tmp_path / "loras" / "ink.safetensors")
    for name in (*BESIDE, "ink2.json", "other.png"):
        (file.parent / name).write_text(name)
    return file


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def thrown(path: Path) -> trash.Thrown:
    found = trash.throw_away(path)
    if found.refused:
        pytest.skip(f"there is no trash here: {found.reason}")
    return found


def test_what_belongs_to_it_goes_along_and_comes_back(ink: Path, tmp_path: Path) -> None:
    content = ink.read_bytes()
    gone = thrown(ink)
    assert names(ink.parent) == {"ink2.json", "other.png"}
    if not gone.can_return:
        return  # the system does not say where it is
    trash.bring_back(gone)
    assert names(ink.parent) == {ink.name, *BESIDE, "ink2.json", "other.png"}
    assert ink.read_bytes() == content
    assert not [path for path in (tmp_path / "home").rglob("*") if path.is_file()]  # no note of it in the trash


def test_what_two_share_stays(ink: Path) -> None:
    twin = ink.with_suffix(".ckpt")
    twin.write_bytes(b"x")
    thrown(ink)
    assert names(ink.parent) == {twin.name, *BESIDE, "ink2.json", "other.png"}


def test_a_file_in_shards_goes_whole(ink: Path) -> None:
    shards = [f"t[5]-0000{number}-of-00003.safetensors" for number in (1, 2, 3)]
    others = ["t[5]-00002-of-00004.safetensors", "t5-00002-of-00003.safetensors", "clip.safetensors.index.json"]
    before = names(ink.parent)
    for name in (*shards, "t[5].safetensors.index.json", *others):
        (ink.parent / name).write_text(name)
    gone = thrown(ink.parent / shards[0])
    assert names(ink.parent) == {*before, *others}
    if gone.can_return:
        trash.bring_back(gone)
        assert names(ink.parent) == {*before, *others, *shards, "t[5].safetensors.index.json"}


def test_a_folder_goes_whole(tmp_path: Path) -> None:
    folder = copied(STARTER, tmp_path / "models" / "sd")
    gone = thrown(folder)
    assert not folder.exists()
    if gone.can_return:
        trash.bring_back(gone)
        assert (folder / "model_index.json").is_file()


def test_it_does_not_come_back_over_another(ink: Path) -> None:
    gone = thrown(ink)
    ink.write_text("another")
    if gone.can_return:
        with pytest.raises(UserError, match="there again"):
            trash.bring_back(gone)
    assert ink.read_text() == "another"


def test_the_built_in_model_and_links_stay(ink: Path) -> None:
    with pytest.raises(UserError, match="built-in"):
        trash.throw_away(STARTER)
    link = ink.with_name("link.safetensors")
    link.symlink_to(ink)
    with pytest.raises(UserError, match="only a link"):
        trash.throw_away(link)
    snapshot = ink.parent / "snapshot"
    snapshot.mkdir()
    (snapshot / "weights.safetensors").symlink_to(ink)
    with pytest.raises(UserError, match="only a link"):
        trash.throw_away(snapshot)
    assert link.is_symlink()
    assert (snapshot / "weights.safetensors").is_symlink()
    assert STARTER.is_dir()


def test_deleting_for_good(ink: Path) -> None:
    folder = ink.parent / "sd"
    folder.mkdir()
    (folder / "a").touch()
    trash.delete([ink, folder, ink.parent / "gone"])
    assert names(ink.parent) == {*BESIDE, "ink2.json", "other.png"}
