"""What a kill has interrupted is finished, case by case, and no file of others ever goes."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from desktop.database import Database
from desktop.errors import UserError
from desktop.library import unfinished
from desktop.library.importing import import_folder
from desktop.library.library import Library
from desktop.library.metadata import writing
from desktop.library.query import Query
from desktop.library.thumbnails import Thumbnails, stamp_of
from desktop.paths import ABANDONED
from tests.library.things import files_in, last, never, picture, produced

YOUNG, OLD = 1.0, ABANDONED + 60.0  # seconds


@pytest.fixture
def file(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder / "a.png"


def note(database: Database, file: Path, what: str, age: float = YOUNG) -> None:
    with database.write() as connection:
        connection.execute("INSERT INTO unfinished VALUES (?, ?, ?)", (str(file), what, time.time() - age))


def notes(database: Database) -> list[Path]:
    with database.read() as connection:
        return [each.file for each in unfinished.notes(connection)]


def rows(library: Library) -> list[Path]:
    return [each.file for each in library.pictures(library.ids(Query()))]


# ---------------------------------------------------------------- what arrives


def test_a_picture_without_its_row_gets_one(library: Library, database: Database, file: Path) -> None:
    file.write_bytes(writing.png(produced(5)))
    note(database, file, unfinished.ARRIVING)
    assert library.finish() == 1
    (found,) = library.recent(5)
    assert (found.file, found.recipe, found.content) == (file, produced(5).recipe, picture(5).sha256)
    assert (notes(database), library.finish()) == ([], 0)


def test_one_that_has_its_row_keeps_it(library: Library, database: Database) -> None:
    added = library.add(produced(), 1.5)
    note(database, added.file, unfinished.ARRIVING)
    assert library.finish() == 0
    assert library.recent(5) == [added]
    assert notes(database) == []


@pytest.mark.parametrize(("age", "left"), [(YOUNG, 1), (OLD, 0)])
@pytest.mark.parametrize("what", [unfinished.ARRIVING, f"{unfinished.COPY_OF}/nowhere.png"])
def test_who_may_still_be_about_to_write_it_is_given_time(
    library: Library, database: Database, file: Path, what: str, age: float, left: int
) -> None:
    note(database, file, what, age)
    assert library.finish() == 0
    assert len(notes(database)) == left


def test_what_is_no_picture_stays_and_is_forgotten(library: Library, database: Database, file: Path) -> None:
    file.write_text("theirs")
    note(database, file, unfinished.ARRIVING)
    assert library.finish() == 0
    assert (file.read_text(), notes(database), rows(library)) == ("theirs", [], [])


# ---------------------------------------------------------------- what goes


def test_what_was_to_go_goes(library: Library, database: Database) -> None:
    added = library.add(produced(), 0)
    with database.write() as connection:
        unfinished.leave(connection, added.file)
        connection.execute("DELETE FROM pictures")
    assert library.finish() == 0
    assert (added.file.exists(), notes(database)) == (False, [])


def test_a_file_that_has_taken_its_name_is_somebody_elses(library: Library, database: Database, file: Path) -> None:
    file.write_bytes(picture(1).png())
    with database.write() as connection:
        unfinished.leave(connection, file)
    file.unlink()
    file.write_bytes(picture(2).png())
    os.utime(file, (1, 1))
    library.finish()
    assert file.read_bytes() == picture(2).png()
    assert notes(database) == []


def test_what_has_a_row_again_does_not_go(library: Library, database: Database) -> None:
    added = library.add(produced(), 0)
    with database.write() as connection:
        unfinished.leave(connection, added.file)
    library.finish()
    assert library.recent(5) == [added]
    assert notes(database) == []


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_what_cannot_go_now_goes_at_a_later_start(library: Library, database: Database) -> None:
    added = library.add(produced(), 0)
    added.file.parent.chmod(0o555)
    library.trash([added.id])
    library.delete([added.id])
    assert (rows(library), notes(database)) == ([], [added.file])
    added.file.parent.chmod(0o755)
    library.finish()
    assert (added.file.exists(), notes(database)) == (False, [])


def test_many_are_deleted_and_nothing_of_them_is_left(library: Library, database: Database, folder: Path) -> None:
    ids = [library.add(produced(seed), 0).id for seed in range(120)]
    library.pictures(ids[5:6])[0].file.unlink()
    library.trash(ids[1:])
    library.delete(ids[1:])
    assert [each.id for each in library.recent(200)] == ids[:1]
    assert (len(files_in(folder)), notes(database)) == (1, [])


# ---------------------------------------------------------------- copies


def test_a_copy_goes_while_the_picture_is_there(library: Library, database: Database, file: Path) -> None:
    added = library.add(produced(), 0)
    shutil.copy(added.file, file)
    note(database, file, f"{unfinished.COPY_OF}{added.file}")
    assert library.finish() == 0
    assert (file.exists(), rows(library), notes(database)) == (False, [added.file], [])


def test_another_file_of_its_name_stays(library: Library, database: Database, file: Path) -> None:
    added = library.add(produced(), 0)
    file.write_bytes(picture(3).png())
    note(database, file, f"{unfinished.COPY_OF}{added.file}")
    assert library.finish() == 0
    assert file.read_bytes() == picture(3).png()
    assert (rows(library), notes(database)) == ([added.file], [])


def test_a_copy_that_is_all_that_is_left_becomes_the_picture(library: Library, database: Database, file: Path) -> None:
    file.write_bytes(writing.png(produced(5)))
    note(database, file, f"{unfinished.COPY_OF}{file.with_name('gone.png')}")
    assert library.finish() == 1
    assert (rows(library), notes(database)) == ([file], [])


def test_a_copy_that_has_the_row_is_the_picture(library: Library, database: Database) -> None:
    added = library.add(produced(), 0)
    note(database, added.file, f"{unfinished.COPY_OF}{added.file.with_name('before.png')}")
    assert library.finish() == 0
    assert (library.recent(5), notes(database)) == ([added], [])


# ---------------------------------------------------------------- moving


def test_a_moved_picture_is_the_same(library: Library, database: Database, tmp_path: Path) -> None:
    added = library.add(produced(), 1.5)
    stamp = stamp_of(added.file)
    file = library.move(added, tmp_path / "new" / "b.png")
    (moved,) = library.recent(5)
    assert (moved.id, moved.file, moved.recipe) == (added.id, tmp_path / "new" / "b.png", added.recipe)
    assert (stamp_of(file), added.file.exists(), notes(database)) == (stamp, False, [])


def test_a_name_that_others_have_taken_is_left_to_them(library: Library, tmp_path: Path) -> None:
    added = library.add(produced(), 0)
    (tmp_path / "b.png").write_text("theirs")
    assert library.move(added, tmp_path / "b.png") == tmp_path / "b-2.png"
    assert (tmp_path / "b.png").read_text() == "theirs"


def test_a_name_that_somebody_is_about_to_take_is_left_to_them(
    library: Library, database: Database, tmp_path: Path
) -> None:
    added = library.add(produced(), 0)
    note(database, tmp_path / "b.png", unfinished.ARRIVING)
    assert library.move(added, tmp_path / "b.png") == tmp_path / "b-2.png"


def test_a_row_of_a_file_that_is_gone_gives_its_name_away(library: Library, tmp_path: Path) -> None:
    first, second = (library.add(produced(seed), 0) for seed in range(2))
    library.move(first, tmp_path / "b.png").unlink()
    assert library.move(second, tmp_path / "b.png") == tmp_path / "b.png"
    assert [each.id for each in library.recent(5)] == [second.id]
    shutil.copy(tmp_path / "b.png", tmp_path / "c.png")
    library.found(second.id, tmp_path / "c.png")
    assert rows(library) == [tmp_path / "c.png"]


def test_a_picture_that_was_deleted_meanwhile_does_not_come_back(
    library: Library, database: Database, tmp_path: Path
) -> None:
    added = library.add(produced(), 0)
    with database.write() as connection:  # by another process, whose next step is to remove the file
        connection.execute("DELETE FROM pictures")
    library.move(added, tmp_path / "b.png")
    assert (library.finish(), rows(library), notes(database)) == (0, [], [])
    assert not (tmp_path / "b.png").exists()


def test_another_start_in_the_middle_of_a_move_loses_nothing(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes the copy for what a kill has left."""
    added = library.add(produced(), 0)
    monkeypatch.setattr(shutil, "copystat", lambda *_: library.finish())
    with pytest.raises(UserError, match="not moved") as caught:
        library.move(added, tmp_path / "b.png")
    assert caught.value.hint
    monkeypatch.undo()
    assert library.recent(5) == [added]
    assert library.move(added, tmp_path / "b.png") == tmp_path / "b.png"


def test_an_import_in_the_middle_of_a_move_makes_no_second_picture(
    library: Library, thumbnails: Thumbnails, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = library.add(produced(), 0)
    monkeypatch.setattr(
        shutil, "copystat", lambda *_: last(import_folder(tmp_path / "new", library, thumbnails, never))
    )
    library.move(added, tmp_path / "new" / "b.png")
    assert [(each.id, each.file) for each in library.recent(5)] == [(added.id, tmp_path / "new" / "b.png")]


def test_what_is_imported_twice_keeps_its_first_row(
    library: Library, thumbnails: Thumbnails, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By two processes at once: neither knows of the other's when it begins."""
    file.write_bytes(picture(1).png())
    last(import_folder(file.parent, library, thumbnails, never))
    ids = list(library.ids(Query()))
    monkeypatch.setattr(library, "known", lambda files: set())
    last(import_folder(file.parent, library, thumbnails, never))
    assert list(library.ids(Query())) == ids
