"""Full disks, disks that may only be read, and two processes at one library."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from desktop.database import Database
from desktop.errors import UserError
from desktop.library import unfinished
from desktop.library.importing import import_folder
from desktop.library.inputs import Inputs
from desktop.library.library import Library
from desktop.library.picture import Picture
from desktop.library.query import Query
from desktop.library.thumbnails import Thumbnails
from desktop.library.upkeep import back_up, move_all
from desktop.raster import Raster
from tests.library.things import files_in, last, never, picture, produced, row_1, version_1

ROOT = Path(__file__).parents[2]
SIZE = 1024  # KiB
COUNTED = ("pictures", "unfinished")  # tables
BALLAST = "ballast"  # a file that fills a disk
BIG = {"width": 200, "height": 150}  # pixels: a picture of 90 KB


class Disk:
    """A small one of its own."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir()
        _run("mount", "-t", "tmpfs", "-o", f"size={SIZE}k", "tmpfs", str(folder))

    def fill(self, left: int = 0) -> None:
        """But for so many KiB."""
        with (self.folder / BALLAST).open("ab", buffering=0) as ballast:
            try:
                while ballast.write(bytes(4096)):
                    pass
            except OSError:
                ballast.truncate(ballast.tell() - left * 1024)

    def make_room(self) -> None:
        (self.folder / BALLAST).unlink()

    def forbid_writing(self) -> None:
        _run("mount", "-o", "remount,ro", str(self.folder))

    def allow_writing(self) -> None:
        _run("mount", "-o", "remount,rw", str(self.folder))

    def close(self) -> None:
        _run("umount", "-l", str(self.folder))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)


@pytest.fixture
def disks(tmp_path: Path) -> Iterator[Callable[[str], Disk]]:
    """Makes disks, by name."""
    made: list[Disk] = []

    def make(name: str) -> Disk:
        try:
            made.append(Disk(tmp_path / name))
        except (OSError, subprocess.CalledProcessError) as error:
            pytest.skip(f"no disk can be mounted here: {error}")
        return made[-1]

    yield make
    for disk in made:
        disk.close()


def add(library: Library, seed: int) -> Picture:
    made = produced(seed)
    return library.add(type(made)(picture(seed, **BIG), made.recipe, made.made), 0)


def fill_with_pictures(library: Library, kept: list[Path]) -> None:
    for seed in range(1, 200):
        kept.append(add(library, seed).file)


def check(library: Library) -> None:
    """Rows and files are of the same pictures, and whole."""
    library.finish()
    rows = library.pictures([*library.ids(Query()), *library.ids(Query(trashed=True))])
    files = {library.folder / name for name in files_in(library.folder) if name != BALLAST}
    assert {each.file for each in rows} == files
    assert all(Raster.read(each.file).sha256 == each.content for each in rows)
    with library.database.read() as connection:
        assert not [note for note in unfinished.notes(connection) if note.file.exists()]


# ---------------------------------------------------------------- full


@pytest.mark.parametrize("left", [0, 20, 60])
def test_no_room_for_pictures(disks: Callable[[str], Disk], database: Database, left: int) -> None:
    disk = disks("pictures")
    library = Library(database, lambda: disk.folder)
    kept = add(library, 0)
    disk.fill(left)
    for seed in (1, 2):
        with pytest.raises(UserError, match="full") as caught:
            add(library, seed)
        assert "room" in caught.value.hint
    assert library.recent(5) == [kept]
    assert len(files_in(disk.folder)) == 2
    disk.make_room()
    added = add(library, 1)
    assert library.recent(5) == [added, kept]
    check(library)


@pytest.mark.parametrize("left", range(0, 64, 8))
def test_no_room_for_the_database(disks: Callable[[str], Disk], folder: Path, left: int) -> None:
    disk = disks("data")
    with closing(Database(disk.folder / "sfumato.db")) as database:
        library = Library(database, lambda: folder)
        kept = [add(library, 0).file]
        disk.fill(left)
        with pytest.raises(UserError, match="full") as caught:
            fill_with_pictures(library, kept)
        assert "room" in caught.value.hint
        assert [each.file for each in library.recent(300)] == kept[::-1]
        disk.make_room()
        add(library, 500)
        check(library)


@pytest.mark.parametrize("left", [0, 40, 100, 140])
def test_no_room_for_either(disks: Callable[[str], Disk], left: int) -> None:
    disk = disks("all")
    with closing(Database(disk.folder / "sfumato.db")) as database:
        library = Library(database, lambda: disk.folder / "pictures")
        kept = [add(library, 0).file]
        disk.fill(left)
        with pytest.raises(UserError, match="full") as caught:
            fill_with_pictures(library, kept)
        assert "room" in caught.value.hint
        assert [each.file for each in library.recent(9)] == kept[::-1]
        disk.make_room()
        add(library, 9)
        check(library)


@pytest.mark.parametrize("left", [0, 8, 40])
def test_no_room_to_begin_a_database(disks: Callable[[str], Disk], left: int) -> None:
    disk = disks("data")
    disk.fill(left)
    with pytest.raises(UserError, match="full") as caught:
        Database(disk.folder / "sfumato.db")
    assert "room" in caught.value.hint
    disk.make_room()
    with closing(Database(disk.folder / "sfumato.db")) as database:
        assert (database.notice, database.state("a")) == (None, None)


@pytest.mark.parametrize("left", [0, 60, 200])
def test_no_room_to_migrate(disks: Callable[[str], Disk], tmp_path: Path, left: int) -> None:
    disk = disks("data")
    file = disk.folder / "sfumato.db"
    version_1(file, [row_1(tmp_path / f"{seed}.png", seed) for seed in range(100)])
    disk.fill(left)
    with pytest.raises(UserError, match="full") as caught:
        Database(file)
    assert "room" in caught.value.hint
    disk.make_room()
    with closing(Database(file)) as database:
        assert database.notice is None
        assert len(Library(database, Path).ids(Query())) == 100


def test_no_room_for_thumbnails(disks: Callable[[str], Disk], library: Library, tmp_path: Path) -> None:
    disk = disks("data")
    (tmp_path / "theirs").mkdir()
    for seed in range(3):
        (tmp_path / "theirs" / f"{seed}.png").write_bytes(picture(seed).png())
    with closing(Thumbnails(disk.folder / "thumbnails.db")) as thumbnails:
        disk.fill()
        with pytest.raises(UserError, match="full"):
            last(import_folder(tmp_path / "theirs", library, thumbnails, never))
        disk.make_room()
        last(import_folder(tmp_path / "theirs", library, thumbnails, never))
        assert len(library.ids(Query())) == 3


def test_no_room_to_move_to(disks: Callable[[str], Disk], library: Library, database: Database, folder: Path) -> None:
    disk = disks("new")
    for seed in range(3):
        add(library, seed)
    names = files_in(folder)
    disk.fill(150)
    with pytest.raises(UserError, match="full"):
        list(move_all(library, folder, disk.folder, never))
    assert len(files_in(folder)) == 2
    assert len(library.recent(5)) == 3
    disk.make_room()
    list(move_all(library, folder, disk.folder, never))
    assert (files_in(folder), files_in(disk.folder)) == ([], names)
    check(Library(database, lambda: disk.folder))


@pytest.mark.parametrize("left", [0, 60, 120, 200])
def test_no_room_for_a_backup(disks: Callable[[str], Disk], library: Library, tmp_path: Path, left: int) -> None:
    disk, inputs = disks("stick"), Inputs(tmp_path / "inputs")
    for seed in range(2):
        add(library, seed)
    disk.fill(left)
    with pytest.raises(UserError, match=str(disk.folder)) as caught:
        list(back_up(library, inputs, disk.folder, never))
    assert "room" in caught.value.hint.lower()
    assert [name for name in files_in(disk.folder) if name.endswith((".part", ".now", ".db"))] == []
    disk.make_room()
    list(back_up(library, inputs, disk.folder, never))
    assert len(files_in(disk.folder)) == 3
    Database(tmp_path / "sfumato.db").close()  # the library's own is not taken for damaged
    assert len(library.recent(5)) == 2


# ---------------------------------------------------------------- only to be read


def test_pictures_that_may_only_be_read(disks: Callable[[str], Disk], database: Database) -> None:
    disk = disks("pictures")
    library = Library(database, lambda: disk.folder)
    kept = add(library, 0)
    disk.forbid_writing()
    with pytest.raises(UserError, match="cannot be kept") as caught:
        add(library, 1)
    assert "settings" in caught.value.hint
    library.trash([kept.id])
    library.delete([kept.id])  # its file goes later
    assert library.recent(5) == []
    library.tidy()
    library.finish()
    disk.allow_writing()
    add(library, 1)
    check(library)
    assert len(files_in(disk.folder)) == 1


def test_a_database_that_may_only_be_read(disks: Callable[[str], Disk], folder: Path) -> None:
    disk = disks("data")
    file = disk.folder / "sfumato.db"
    with closing(Database(file)) as database:
        kept = add(Library(database, lambda: folder), 0)
    disk.forbid_writing()
    with pytest.raises(UserError) as caught, closing(Database(file)) as database:
        add(Library(database, lambda: folder), 1)
    assert "SFUMATO_DATA" in caught.value.hint
    disk.allow_writing()
    with closing(Database(file)) as database:
        library = Library(database, lambda: folder)
        assert (database.notice, library.recent(5)) == (None, [kept])
        check(library)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_nobody_may_write_takes_no_backup(library: Library, tmp_path: Path) -> None:
    (tmp_path / "stick").mkdir(mode=0o555)
    with pytest.raises(UserError, match="not complete") as caught:
        list(back_up(library, Inputs(tmp_path / "inputs"), tmp_path / "stick", never))
    assert "may write" in caught.value.hint


# ---------------------------------------------------------------- names and folders


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere all names are text")
def test_a_file_whose_name_is_no_text_is_told_and_the_others_are_imported(
    library: Library, thumbnails: Thumbnails, folder: Path
) -> None:
    folder.mkdir(parents=True)
    for name in (b"a.png", b"\xff.png"):
        (folder / os.fsdecode(name)).write_bytes(picture(1).png())
    done = last(import_folder(folder, library, thumbnails, never))
    assert (done.added, done.known) == (1, 0)
    assert [(file.name, "name" in reason) for file, reason in done.failed] == [("?.png", True)]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a handle is of")
def test_folders_are_on_the_disk_before_what_is_in_them_counts(
    library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new file's, before its row; one's that goes, before its note is forgotten."""
    synced: list[tuple[Path, int, int]] = []
    fsync = os.fsync

    def noted(handle: int) -> None:
        fsync(handle)
        with library.database.read() as connection:
            counts = [connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in COUNTED]
        synced.append((Path(f"/proc/self/fd/{handle}").readlink(), *counts))

    monkeypatch.setattr(os, "fsync", noted)
    added = library.add(produced(), 0)
    month = added.file.parent
    assert [each for each in synced if each[0].is_dir()] == [
        (folder, 0, 0),
        (folder.parent, 0, 0),
        (folder.parent.parent, 0, 0),
        (month, 0, 1),
    ]
    synced.clear()
    library.trash([added.id])
    library.delete([added.id])
    assert synced == [(month, 0, 1)]


# ---------------------------------------------------------------- two at once

BUSY = """
import sys
from pathlib import Path
from tests.library.victim import Home
from tests.library.things import produced
home = Home(Path(sys.argv[1]))
sys.stdin.readline()
for seed in range(10):
    print(home.library.add(produced(int(sys.argv[2]) + seed % 2), 0).id)
    home.import_theirs()
    home.library.finish()
home.close()
"""


def test_two_at_once_lose_nothing_and_make_nothing_twice(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    for seed in range(40):
        (theirs / f"{seed}.png").write_bytes(picture(1000 + seed, 8, 8).png())
    children = [
        subprocess.Popen(
            [sys.executable, "-c", BUSY, str(tmp_path), str(seed)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for seed in (0, 1)  # one of the seeds is both's: their names are, too
    ]
    told = [child.communicate("go\n") for child in children]
    assert [problems for _, problems in told] == ["", ""]
    kept = [int(line) for lines, _ in told for line in lines.split()]
    with closing(Database(tmp_path / "sfumato.db")) as database:
        library = Library(database, lambda: tmp_path / "pictures")
        assert library.finish() == 0
        assert len(set(kept)) == 20
        added = library.pictures(kept)
        assert sorted(each.file for each in added) == sorted((tmp_path / "pictures").rglob("*.png"))
        assert all(Raster.read(each.file).sha256 == each.content for each in added)
        everything = library.pictures(library.ids(Query()))
        imported = {each.file for each in everything} - {each.file for each in added}
        assert imported == set(theirs.iterdir())
        assert len(everything) == 60
