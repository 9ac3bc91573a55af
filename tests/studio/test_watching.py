"""Watching the folders of models: every change is told once it has come to rest, wherever it happens."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.models.scanning import folders
from desktop.studio import watching
from desktop.studio.watching import Watching

QUIET = 100


@pytest.fixture
def watch(qtbot: QtBot, tmp_path: Path) -> Watching:
    (tmp_path / "models" / "loras").mkdir(parents=True)
    made = Watching(quiet=QUIET)
    made.watch(folders([tmp_path / "models"]))
    return made


def test_all_folders_below_are_watched(watch: Watching, tmp_path: Path) -> None:
    assert set(watch.folders) == {tmp_path / "models", tmp_path / "models" / "loras"}


@pytest.mark.parametrize("folder", ["models", "models/loras"])
def test_a_file_that_comes_is_told(watch: Watching, qtbot: QtBot, tmp_path: Path, folder: str) -> None:
    with qtbot.waitSignal(watch.changed):
        (tmp_path / folder / "a.safetensors").write_bytes(b"")


def test_a_file_that_goes_is_told(watch: Watching, qtbot: QtBot, tmp_path: Path) -> None:
    file = tmp_path / "models" / "a.safetensors"
    with qtbot.waitSignal(watch.changed):
        file.write_bytes(b"")
    with qtbot.waitSignal(watch.changed):
        file.unlink()


def test_a_file_that_grows_is_told_where_it_is_known_to(watch: Watching, qtbot: QtBot, tmp_path: Path) -> None:
    file = tmp_path / "models" / "a.safetensors"
    file.write_bytes(b"half")
    watch.watch(folders([tmp_path / "models"]), [file])
    with qtbot.waitSignal(watch.changed):
        file.write_bytes(b"half and half")


def test_many_changes_are_told_once(watch: Watching, qtbot: QtBot, tmp_path: Path) -> None:
    told: list[bool] = []
    watch.changed.connect(lambda: told.append(True))
    with qtbot.waitSignal(watch.changed):
        for number in range(50):
            (tmp_path / "models" / f"{number}.safetensors").write_bytes(b"")
    qtbot.wait(3 * QUIET)
    assert told == [True]


def test_a_new_folder_is_watched_as_soon_as_it_is_there(watch: Watching, qtbot: QtBot, tmp_path: Path) -> None:
    with qtbot.waitSignal(watch.changed):
        (tmp_path / "models" / "new").mkdir()
    with qtbot.waitSignal(watch.changed):
        (tmp_path / "models" / "new" / "a.safetensors").write_bytes(b"")


def test_folders_that_are_gone_or_no_longer_wanted_are_not_watched(watch: Watching, tmp_path: Path) -> None:
    watch.watch([tmp_path / "models" / "loras", tmp_path / "missing", Path("nul\0nul")])
    assert watch.folders == [tmp_path / "models" / "loras"]


def test_only_so_many_are_watched(watch: Watching, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Systems have a limit, for all programs together."""
    monkeypatch.setattr(watching, "MOST", 3)
    for number in range(5):
        (tmp_path / "models" / str(number)).mkdir()
    watch.watch(folders([tmp_path / "models"]))
    assert len(watch.folders) == 3
