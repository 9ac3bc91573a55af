"""Upkeep: what the library takes of the disk, its move and its backup."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from desktop.database import Database
from desktop.engine.api import Progress
from desktop.errors import UserError
from desktop.library.importing import import_folder
from desktop.library.inputs import Inputs
from desktop.library.library import Library
from desktop.library.query import Query
from desktop.library.thumbnails import Thumbnails
from desktop.library.upkeep import BACKUP, Upkept, back_up, move_all, usage
from desktop.paths import ABANDONED
from desktop.raster import Raster
from tests.library.things import MADE, files_in, last, never, picture, produced


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    inputs = Inputs(tmp_path / "inputs")
    inputs.keep(picture(50))
    return inputs


def steps_of(events: Iterator[Any]) -> list[Progress]:
    return [event for event in events if isinstance(event, Progress)]


def after(count: int) -> Callable[[], bool]:
    """Stops it when it has asked so often."""
    asked = iter(range(10_000))
    return lambda: next(asked) >= count


# ---------------------------------------------------------------- usage


def test_usage_by_month_and_by_model(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: dict[str, int] = {}
    for seed, (month, model) in enumerate([(3, "large"), (11, "small"), (11, "large")]):
        with monkeypatch.context() as patch:
            patch.setattr(time, "time", datetime(2025, month, 1, 0, 30).timestamp)
            added = library.add(produced(seed, {**MADE, "model": model}), 0)
        for name in (f"2025-{month:02}", model):
            sizes[name] = sizes.get(name, 0) + added.file.stat().st_size
    library.trash(list(library.ids(Query()))[:1])
    found = usage(library)
    assert [(share.name, share.count, share.bytes) for share in found.months] == [
        ("2025-11", 2, sizes["2025-11"]),
        ("2025-03", 1, sizes["2025-03"]),
    ]
    assert [(share.name, share.count, share.bytes) for share in found.models] == [
        ("large", 2, sizes["large"]),
        ("small", 1, sizes["small"]),
    ]
    assert found.bytes == sizes["large"] + sizes["small"]


def test_an_empty_library_takes_nothing(library: Library) -> None:
    assert (usage(library).bytes, usage(library).models) == (0, ())


# ---------------------------------------------------------------- moving


def test_all_pictures_move_to_the_same_places(library: Library, folder: Path, tmp_path: Path) -> None:
    added = [library.add(produced(seed), 0) for seed in range(3)]
    library.trash([added[0].id])
    before = files_in(folder)
    *steps, done = move_all(library, folder, tmp_path / "new", never)
    assert done == Upkept(tmp_path / "new", 3, complete=True)
    assert steps == [Progress(place, 3, "moving pictures") for place in range(3)]
    assert (files_in(folder), files_in(tmp_path / "new")) == ([], before)
    for old, now in zip(added, library.pictures([each.id for each in added]), strict=True):
        assert now.file == tmp_path / "new" / old.file.relative_to(folder)
        assert (now.recipe, now.content) == (old.recipe, Raster.read(now.file).sha256)


def test_stopped_it_goes_on_the_next_time(library: Library, folder: Path, tmp_path: Path) -> None:
    for seed in range(5):
        library.add(produced(seed), 0)
    before = files_in(folder)
    assert last(move_all(library, folder, tmp_path / "new", after(2))) == Upkept(tmp_path / "new", 2)
    assert (len(files_in(folder)), len(files_in(tmp_path / "new"))) == (3, 2)
    assert last(move_all(library, folder, tmp_path / "new", never)) == Upkept(tmp_path / "new", 3, complete=True)
    assert (files_in(folder), files_in(tmp_path / "new")) == ([], before)


def test_what_lies_elsewhere_or_is_missing_is_left_alone(
    library: Library, thumbnails: Thumbnails, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "a.png").write_bytes(picture(9).png())
    last(import_folder(tmp_path / "theirs", library, thumbnails, never))
    gone, here = (library.add(produced(seed), 0) for seed in range(2))
    gone.file.unlink()
    done = last(move_all(library, folder, tmp_path / "new", never))
    assert (done.count, done.left, done.complete) == (1, 1, True)
    assert [file for file, _ in done.failed] == [gone.file]
    files = {each.id: each.file for each in library.pictures(library.ids(Query()))}
    assert files[gone.id] == gone.file
    assert files[here.id].is_relative_to(tmp_path / "new")
    assert (tmp_path / "theirs" / "a.png") in files.values()


@pytest.mark.parametrize("link", [False, True], ids=["straight", "by a link"])
def test_a_folder_within_is_refused(library: Library, folder: Path, tmp_path: Path, link: bool) -> None:
    added = library.add(produced(), 0)
    new = folder / "within"
    if link:
        (tmp_path / "link").symlink_to(folder, target_is_directory=True)
        new = tmp_path / "link" / "within"
    with pytest.raises(UserError, match="within") as caught:
        list(move_all(library, folder, new, never))
    assert "outside" in caught.value.hint
    assert library.recent(5) == [added]


def test_to_where_it_is_nothing_moves(library: Library, folder: Path) -> None:
    added = library.add(produced(), 0)
    assert last(move_all(library, folder, folder, never)).count == 0
    assert library.recent(5) == [added]


def test_what_an_earlier_folder_still_holds_comes_along(library: Library, folder: Path, tmp_path: Path) -> None:
    """After the setting was changed without a move, or a move was left in the middle."""
    added = library.add(produced(), 0)
    done = last(move_all(library, tmp_path / "new", tmp_path / "new", never))
    assert (done.count, done.complete) == (1, True)
    (now,) = library.recent(5)
    assert now.file == tmp_path / "new" / added.file.parent.name / added.file.name


def test_a_backup_holds_what_an_earlier_folder_still_holds(
    library: Library, inputs: Inputs, database: Database, folder: Path, tmp_path: Path
) -> None:
    added = library.add(produced(), 0)
    moved = Library(database, lambda: tmp_path / "new")
    done = last(back_up(moved, inputs, tmp_path / "stick", never))
    assert done.complete
    (copy,) = (tmp_path / "stick" / BACKUP / "pictures").rglob("*.png")
    assert copy.read_bytes() == added.file.read_bytes()


def test_what_can_be_no_files_name_holds_nothing_up(
    library: Library, database: Database, folder: Path, tmp_path: Path
) -> None:
    odd, even = (library.add(produced(seed), 0) for seed in range(2))
    with database.write() as connection:
        connection.execute("UPDATE pictures SET file = 'a' || char(0) WHERE id = ?", (odd.id,))
    list(move_all(library, folder, tmp_path / "new", never))
    assert library.pictures([even.id])[0].file.is_relative_to(tmp_path / "new")


def test_to_a_folder_around_it_everything_moves(library: Library, folder: Path) -> None:
    added = library.add(produced(), 0)
    for _ in range(2):
        list(move_all(library, folder, folder.parent, never))
        (now,) = library.recent(5)
        assert now.file == folder.parent / added.file.relative_to(folder)


# ---------------------------------------------------------------- backing up


def test_a_backup_holds_everything_and_opens_as_a_library(
    library: Library, inputs: Inputs, folder: Path, tmp_path: Path
) -> None:
    added = [library.add(produced(seed), 0) for seed in range(3)]
    library.trash([added[0].id])
    *steps, done = back_up(library, inputs, tmp_path / "stick", never)
    assert done == Upkept(tmp_path / "stick" / BACKUP, 4, complete=True)
    copy = tmp_path / "stick" / BACKUP
    assert steps == [Progress(place, 4, "backing up") for place in range(4)]
    assert files_in(copy / "pictures") == files_in(folder)
    assert sorted(path.name for path in copy.iterdir()) == ["inputs", "pictures", "sfumato.db"]
    assert Inputs(copy / "inputs").find(picture(50).sha256) == picture(50)
    with closing(Database(copy / "sfumato.db")) as database:
        restored = Library(database, lambda: folder)
        assert restored.recent(5) == library.recent(5)
        assert list(restored.ids(Query(trashed=True))) == [added[0].id]


def test_what_it_has_is_not_copied_again(library: Library, inputs: Inputs, tmp_path: Path) -> None:
    library.add(produced(0), 0)
    list(back_up(library, inputs, tmp_path, never))
    copy = tmp_path / BACKUP
    before = {file: file.stat().st_ino for file in copy.rglob("*.png")}
    for file in before:  # as the clock of a memory stick says it
        os.utime(file, (1, int(file.stat().st_mtime) // 2 * 2))
    library.add(produced(1), 0)
    list(back_up(library, inputs, tmp_path, never))
    now = {file: file.stat().st_ino for file in copy.rglob("*.png")}
    assert now.items() > before.items()
    assert len(now) == len(before) + 1


def test_a_picture_that_has_changed_is_copied_again(library: Library, inputs: Inputs, tmp_path: Path) -> None:
    added = library.add(produced(0), 0)
    list(back_up(library, inputs, tmp_path, never))
    added.file.write_bytes(picture(7).png())
    list(back_up(library, inputs, tmp_path, never))
    (copy,) = (tmp_path / BACKUP / "pictures").rglob("*.png")
    assert copy.read_bytes() == added.file.read_bytes()


def test_what_comes_and_goes_meanwhile_does_no_harm(library: Library, inputs: Inputs, tmp_path: Path) -> None:
    """The copied database names nothing that is not copied, but for what was deleted."""
    first = library.add(produced(0), 0)
    steps = back_up(library, inputs, tmp_path, never)
    next(steps)
    library.add(produced(1), 0)
    library.trash([first.id])
    library.delete([first.id])
    list(steps)
    with closing(Database(tmp_path / BACKUP / "sfumato.db")) as database:
        (named,) = Library(database, Path).ids(Query())
    assert named == first.id


def test_a_stopped_backup_leaves_the_last_one_as_it_was(library: Library, inputs: Inputs, tmp_path: Path) -> None:
    library.add(produced(0), 0)
    list(back_up(library, inputs, tmp_path, never))
    copy = tmp_path / BACKUP / "sfumato.db"
    before = copy.read_bytes()
    library.add(produced(1), 0)
    assert not last(back_up(library, inputs, tmp_path, after(1))).complete
    assert copy.read_bytes() == before
    assert sorted(path.name for path in copy.parent.iterdir()) == ["inputs", "pictures", "sfumato.db"]


def test_what_a_killed_backup_has_left_goes_in_time(library: Library, inputs: Inputs, tmp_path: Path) -> None:
    deep = tmp_path / BACKUP / "pictures" / "deep"
    deep.mkdir(parents=True)
    (deep / ".sfumato-0.part").write_text("half")
    os.utime(deep / ".sfumato-0.part", (1, time.time() - ABANDONED - 60))
    list(back_up(library, inputs, tmp_path, never))
    assert files_in(deep) == []


def test_where_no_folder_can_be_it_is_told(library: Library, inputs: Inputs, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="not complete") as caught:
        list(back_up(library, inputs, tmp_path / "file", never))
    assert "disk" in caught.value.hint
