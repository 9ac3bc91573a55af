"""`sfumato library`: in and out of the library without a window."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from desktop.cli import run
from desktop.library.metadata import writing
from tests.library.things import picture, produced


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "lake.png").write_bytes(writing.png(produced(1, prompt="a lake at dawn")))
    (folder / "cat.png").write_bytes(writing.png(produced(2, prompt="a cat")))
    picture(3).image().save(folder / "photo.jpg")
    (folder / "broken.png").write_bytes(b"\x89PNG")
    return folder


def test_a_folder_is_imported_once(theirs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["library", "import", str(theirs)]) == 0
    out, errors = capsys.readouterr()
    assert out == "3 imported, 0 known already, 1 failed\n"
    assert f"{theirs / 'broken.png'}: " in errors
    assert run(["library", "import", str(theirs)]) == 0
    assert capsys.readouterr().out == "0 imported, 3 known already, 1 failed\n"


def test_pictures_are_found_by_words(theirs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["library", "import", str(theirs)])
    capsys.readouterr()
    assert run(["library", "find", "lake daw"]) == 0
    assert capsys.readouterr().out == f"{theirs / 'lake.png'}\n"
    assert run(["library", "find", "zebra"]) == 0
    assert capsys.readouterr().out == ""


def test_all_that_is_known_is_told_as_json(theirs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["library", "import", str(theirs)])
    capsys.readouterr()
    assert run(["library", "find", "", "--json"]) == 0
    rows = {Path(row["file"]).name: row for row in json.loads(capsys.readouterr().out)}
    assert set(rows) == {"lake.png", "cat.png", "photo.jpg"}
    cat, photo = rows["cat.png"], rows["photo.jpg"]
    assert (cat["tool"], cat["recipe"]["prompt"], cat["recipe"]["seed"], cat["missing"]) == (
        "sfumato",
        "a cat",
        2,
        False,
    )
    assert (photo["tool"], photo["recipe"], photo["width"], photo["height"]) == (None, {}, 64, 48)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["library", "import", str(tmp_path / "nowhere")]) == 2
    assert "cannot be read" in capsys.readouterr().err
