"""`models`: a line for each file, or all that is known of it as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from desktop.models.entry import Entry
from desktop.paths import STARTER
from tests.cli.conftest import Sfumato
from tests.models.corpus import CASES
from tests.models.folders import copied
from tests.models.layouts import written

NEEDED = {"path", "kind", "family", "variant", "precision", "quantization", "bytes", "triggers", "title", "problem"}


def _listed(sfumato: Sfumato, *folders: Path) -> dict[str, dict[str, Any]]:
    outcome = sfumato("models", "--json", *folders)
    assert (outcome.code, outcome.err) == (0, "")
    return {Path(row["path"]).name: row for row in json.loads(outcome.out)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    written(CASES["sd15 inpaint"], tmp_path / "mine" / "deep")
    (tmp_path / "mine" / "page.safetensors").write_bytes(b"<!DOCTYPE html>")
    return tmp_path / "mine"


def test_folders_are_listed_as_json(sfumato: Sfumato, folder: Path) -> None:
    rows = _listed(sfumato, folder)
    assert set(rows) == {"some.safetensors", "page.safetensors"}
    found = rows["some.safetensors"]
    assert set(found) >= NEEDED
    assert (found["kind"], found["family"], found["variant"], found["precision"]) == (
        "checkpoint",
        "sd15",
        "inpaint",
        "float16",
    )
    assert Path(found["path"]) == folder / "deep" / "some.safetensors"
    assert rows["page.safetensors"]["problem"] == "a web page, not a model"
    assert Entry.from_json(found).bytes == (folder / "deep" / "some.safetensors").stat().st_size


def test_paths_are_absolute(sfumato: Sfumato, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    assert all(Path(row["path"]).is_absolute() for row in _listed(sfumato, Path("mine")).values())


def test_without_folders_all_that_are_known_are_listed(sfumato: Sfumato, tmp_path: Path, folder: Path) -> None:
    copied(folder, tmp_path / "sfumato-data" / "models")
    assert set(_listed(sfumato)) == {STARTER.name, "some.safetensors", "page.safetensors"}


def test_the_table_has_a_line_for_each_with_its_problem(sfumato: Sfumato, folder: Path) -> None:
    outcome = sfumato("models", folder)
    first, second = outcome.out.splitlines()
    assert first.startswith("page ")
    assert first.endswith("(a web page, not a model)")
    assert second.split()[:2] == ["some", "Checkpoint"]
    assert str(folder / "deep" / "some.safetensors") in second


def test_a_folder_that_is_not_there_is_told(sfumato: Sfumato, tmp_path: Path) -> None:
    outcome = sfumato("models", tmp_path / "missing")
    assert outcome.code == 2
    assert "There is no folder" in outcome.err
