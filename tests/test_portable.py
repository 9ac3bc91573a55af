"""Where a packaged program keeps what is the user's: in the system's places, or beside itself."""

from __future__ import annotations

import sys
from pathlib import Path

import platformdirs
import pytest

from desktop import paths


@pytest.fixture(autouse=True)
def _no_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SFUMATO_DATA")


def packaged(monkeypatch: pytest.MonkeyPatch, program: Path) -> None:
    program.parent.mkdir(parents=True)
    program.touch()
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(program))


@pytest.mark.parametrize("inside", ["sfumato", "Sfumato.app/Contents/MacOS/sfumato"])
def test_a_portable_one_keeps_all_beside_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inside: str) -> None:
    home = tmp_path / "Ein Stöckchen"
    packaged(monkeypatch, home / inside)
    usual = platformdirs.user_data_path("sfumato", appauthor=False)
    assert (paths.data_folder(), paths.portable_folder()) == (usual, None)
    (home / paths.PORTABLE).touch()
    assert paths.data_folder() == home / "data"
    assert paths.pictures_folder() == home / "data" / "pictures"
    monkeypatch.setenv("SFUMATO_DATA", str(tmp_path / "chosen"))
    assert paths.data_folder() == tmp_path / "chosen"


def test_a_link_to_the_program_is_not_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packaged(monkeypatch, tmp_path / "opt" / "sfumato")
    link = tmp_path / "bin" / "sfumato"
    link.parent.mkdir()
    link.symlink_to(tmp_path / "opt" / "sfumato")
    (link.parent / paths.PORTABLE).touch()
    monkeypatch.setattr(sys, "executable", str(link))
    assert paths.portable_folder() is None


def test_from_its_source_it_is_never_portable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    packaged(monkeypatch, tmp_path / "bin" / "python")
    (tmp_path / "bin" / paths.PORTABLE).touch()
    (tmp_path / "bin" / paths.NOTICES).touch()
    monkeypatch.setattr(sys, "frozen", False)
    assert paths.portable_folder() is None
    assert paths.notices_file() is None


@pytest.mark.parametrize("place", ["", "_internal"])
def test_the_notices_of_a_packaged_one_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    packaged(monkeypatch, tmp_path / "sfumato" / "sfumato")
    assert paths.notices_file() is None
    file = tmp_path / "sfumato" / place / paths.NOTICES
    file.parent.mkdir(exist_ok=True)
    file.write_text("licences")
    assert paths.notices_file() == file
