"""What people note about their model files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from desktop.database import MIGRATIONS, Database
from desktop.models.entry import Entry
from desktop.models.marks import Mark, ModelMarks
from tests import model_files

MARK = Mark(True, ("paper", "best, of"), "0.7\nwith few words")


@pytest.fixture
def marks(tmp_path: Path) -> Iterator[ModelMarks]:
    with closing(Database(tmp_path / "sfumato.db")) as database:
        yield ModelMarks(database)


def entry(file: Path) -> Entry:
    return Entry(file, "lora", file.stat().st_size)


def test_marks_are_kept_changed_and_taken_back(marks: ModelMarks, tmp_path: Path) -> None:
    ink, clay = (entry(model_files.lora(tmp_path / f"{name}.safetensors")) for name in ("ink", "clay"))
    assert marks.of([ink, clay]) == {}
    marks.put({ink: MARK})
    marks.put({clay: Mark(notes="soft")})
    assert marks.of([ink, clay]) == {ink.path: MARK, clay.path: Mark(notes="soft")}
    marks.put({clay: Mark()})
    assert marks.of([clay, ink]) == {ink.path: MARK}


def test_they_follow_a_file_that_is_moved(marks: ModelMarks, tmp_path: Path) -> None:
    ink = model_files.lora(tmp_path / "ink.safetensors", seed=1)
    alike = entry(model_files.lora(tmp_path / "alike.safetensors", seed=2))  # of the same size
    marks.put({entry(ink): MARK})
    moved = entry(ink.rename(tmp_path / "elsewhere.safetensors"))
    assert marks.of([alike, moved]) == {moved.path: MARK}
    assert marks.of([moved]) == {moved.path: MARK}  # from now on
    back = entry(moved.path.rename(ink))
    assert marks.of([back]) == {ink: MARK}


def test_they_leave_a_place_where_another_file_is_now(marks: ModelMarks, tmp_path: Path) -> None:
    ink = model_files.lora(tmp_path / "ink.safetensors", seed=1)
    marks.put({entry(ink): MARK})
    moved = entry(ink.rename(tmp_path / "moved.safetensors"))
    other = entry(model_files.lora(ink, seed=2))
    assert marks.of([other, moved]) == {moved.path: MARK}
    marks.put({other: Mark(notes="another")})
    assert marks.of([other, moved]) == {moved.path: MARK, ink: Mark(notes="another")}


def test_two_files_that_change_places_take_their_marks_along(marks: ModelMarks, tmp_path: Path) -> None:
    ink, clay = (entry(model_files.lora(tmp_path / f"{name}.safetensors", seed=len(name))) for name in ("ink", "clay"))
    marks.put({ink: MARK})
    marks.put({clay: Mark(notes="soft")})
    aside = ink.path.rename(tmp_path / "aside")
    clay.path.rename(ink.path)
    aside.rename(clay.path)
    for _ in range(2):  # from now on
        assert marks.of([ink, clay]) == {clay.path: MARK, ink.path: Mark(notes="soft")}


def test_they_stay_with_a_file_that_is_made_anew(marks: ModelMarks, tmp_path: Path) -> None:
    ink = model_files.lora(tmp_path / "ink.safetensors", seed=1)
    marks.put({entry(ink): MARK})
    again = entry(model_files.lora(ink, seed=2))  # trained for longer, say
    assert marks.of([again]) == {ink: MARK}


def test_a_copy_has_marks_of_its_own(marks: ModelMarks, tmp_path: Path) -> None:
    ink, copy = (entry(model_files.lora(tmp_path / f"{name}.safetensors")) for name in ("ink", "copy"))
    marks.put({ink: MARK})
    assert marks.of([copy]) == {}  # the first one is only not listed now
    assert marks.of([ink, copy]) == {ink.path: MARK}


def test_they_wait_for_a_disk_that_is_away(marks: ModelMarks, tmp_path: Path) -> None:
    ink = model_files.lora(tmp_path / "ink.safetensors")
    marks.put({entry(ink): MARK})
    ink.unlink()
    assert marks.of([]) == {}
    again = entry(model_files.lora(ink))
    assert marks.of([again]) == {ink: MARK}


def test_folders_and_broken_files_have_marks_too(marks: ModelMarks, tmp_path: Path) -> None:
    folder, empty = tmp_path / "sd", tmp_path / "empty.safetensors"
    folder.mkdir()
    empty.touch()
    for path in (folder, empty):
        marks.put({Entry(path, "checkpoint", 0): MARK})
        assert marks.of([Entry(path, "checkpoint", 0)]) == {path: MARK}


def test_a_library_of_version_2_gets_a_place_for_them(tmp_path: Path) -> None:
    file = tmp_path / "sfumato.db"
    with closing(Database(file, MIGRATIONS[:2])) as old:
        old.keep_state("session", {"prompt": "a lake"})
    ink = entry(model_files.lora(tmp_path / "ink.safetensors"))
    with closing(Database(file)) as database:
        ModelMarks(database).put({ink: MARK})
        assert ModelMarks(database).of([ink]) == {ink.path: MARK}
        assert database.state("session") == {"prompt": "a lake"}


def test_names_that_are_no_text(marks: ModelMarks, tmp_path: Path) -> None:
    odd = tmp_path / "t\udcffnte.safetensors"
    try:
        model_files.lora(odd)
    except (OSError, UnicodeError):
        pytest.skip("this disk has only names that are text")
    marks.put({entry(odd): MARK})
    assert marks.of([entry(odd)]) == {odd: MARK}
