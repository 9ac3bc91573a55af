"""After kill -9 at any instant, the next start finds every picture whole, once, in its row and on disk."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from desktop.database import MIGRATIONS, Database
from desktop.library import unfinished
from desktop.library.library import Library
from desktop.library.metadata import reading, writing
from desktop.library.picture import Picture
from desktop.library.upkeep import BACKUP
from desktop.raster import Raster
from tests.library.things import picture, produced, row_1, version_1
from tests.library.victim import Home

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows ends processes in another way, and has no fork")
ROOT = Path(__file__).parents[2]
OURS, THEIRS = 3, 3  # pictures
MOST = 1000  # instants of a deed


class Victim:
    """The process of victim.py, and the folder it works in, which is set up anew for each death."""

    def __init__(self, folder: Path):
        self.folder, self._before = folder / "home", folder / "before"
        command = [sys.executable, "-m", "tests.library.victim", str(self.folder)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)

    def close(self) -> None:
        self._process.communicate()

    def do(self, deed: str, when: float = 0) -> list[str]:
        """What it told; the last line says how it ended."""
        assert self._process.stdin
        assert self._process.stdout
        print(deed, when, file=self._process.stdin, flush=True)
        lines = [self._process.stdout.readline().strip()]
        while lines[-1] not in ("done", "killed"):
            assert lines[-1] not in ("failed", "")
            lines.append(self._process.stdout.readline().strip())
        return lines

    def deaths(self, deed: str) -> Iterator[int]:
        """One for each instant of it; between them, all is as it was at first."""
        shutil.copytree(self.folder, self._before)
        for instant in range(1, MOST):
            shutil.rmtree(self.folder)
            shutil.copytree(self._before, self.folder)
            if self.do(deed, instant) == ["done"]:
                return
            yield instant
        raise AssertionError("it has no end")


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Victim]:
    with closing(Victim(tmp_path)) as victim:
        furnish(victim.folder)
        yield victim


def furnish(folder: Path) -> None:
    """Pictures of ours, one more in the trash, some of others, and one that recipes start from."""
    with closing(Home(folder)) as home:
        for seed in range(OURS):
            home.library.add(produced(seed), 0)
        home.library.trash([home.ids()[-1]])
        home.inputs.keep(picture(50))
        home.theirs.mkdir()
        for seed in range(THEIRS):
            (home.theirs / f"{seed}.png").write_bytes(picture(60 + seed).png())


def visible(folder: Path) -> set[Path]:
    return {file for file in folder.rglob("*.png") if not file.name.startswith(".")}


def pictures_of(library: Library) -> list[Picture]:
    with library.database.read() as connection:
        return library.pictures([id for (id,) in connection.execute("SELECT id FROM pictures")])


def start_again(folder: Path) -> list[Picture]:
    """All pictures after the next start, which has put everything in order."""
    with closing(Home(folder)) as home:
        home.library.finish()
        assert home.library.finish() == 0
        pictures = pictures_of(home.library)
        files = [each.file for each in pictures]
        ours = visible(folder / "pictures") | visible(home.new)
        assert ours <= set(files) <= ours | visible(home.theirs)
        assert len(files) == len(set(files))
        for each in pictures:
            assert Raster.read(each.file).sha256 == each.content
            assert reading.describe(each.file).recipe == each.fields
        with home.database.read() as connection:
            assert [note for note in unfinished.notes(connection) if note.is_abandoned or note.file.exists()] == []
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
            assert connection.execute("SELECT rowid FROM words EXCEPT SELECT id FROM pictures").fetchall() == []
        assert home.database.notice is home.thumbnails._database.notice is None
    return pictures


def contents(pictures: list[Picture]) -> list[str]:
    return sorted(str(each.content) for each in pictures)


MADE_HERE = sorted(picture(seed).sha256 for seed in range(OURS))


# ---------------------------------------------------------------- at every instant


def test_adding(victim: Victim) -> None:
    counts = set()
    for _ in victim.deaths("add"):
        found = contents(start_again(victim.folder))
        counts.add(len(found))
        assert found in (MADE_HERE, sorted([*MADE_HERE, picture(99).sha256]))
    assert counts == {OURS, OURS + 1}


def test_importing(victim: Victim) -> None:
    everything = sorted([*MADE_HERE, *(picture(60 + seed).sha256 for seed in range(THEIRS))])
    counts = set()
    for _ in victim.deaths("import"):
        counts.add(len(start_again(victim.folder)))
        victim.do("import")
        assert contents(start_again(victim.folder)) == everything
    assert counts == {OURS, OURS + THEIRS}


@pytest.mark.parametrize(("deed", "before", "after"), [("trash", 1, OURS), ("restore", 1, 0)])
def test_into_the_trash_and_out_of_it(victim: Victim, deed: str, before: int, after: int) -> None:
    counts = set()
    for _ in victim.deaths(deed):
        pictures = start_again(victim.folder)
        assert contents(pictures) == MADE_HERE
        counts.add(sum(each.trashed is not None for each in pictures))
    assert counts == {before, after}


def test_deleting(victim: Victim) -> None:
    with closing(Home(victim.folder)) as home:
        home.library.trash(home.ids()[:1])
    counts = set()
    for _ in victim.deaths("delete"):
        counts.add(len(start_again(victim.folder)))
    assert counts == {OURS, OURS - 2}


def test_moving_everything(victim: Victim) -> None:
    for _ in victim.deaths("move"):
        assert contents(start_again(victim.folder)) == MADE_HERE
        victim.do("move")
        assert contents(start_again(victim.folder)) == MADE_HERE
        assert visible(victim.folder / "pictures") == set()


def test_backing_up(victim: Victim) -> None:
    copy = victim.folder / "backup" / BACKUP
    for _ in victim.deaths("back-up"):
        assert contents(start_again(victim.folder)) == MADE_HERE
        for file in visible(copy):
            Raster.read(file)
        victim.do("back-up")
        assert {file.name for file in copy.iterdir() if not file.name.startswith(".")} == {
            "inputs",
            "pictures",
            "sfumato.db",
        }
        assert sorted(Raster.read(file).sha256 for file in visible(copy / "pictures")) == MADE_HERE
        assert [Raster.read(file) for file in visible(copy / "inputs")] == [picture(50)]
        with closing(Database(copy / "sfumato.db")) as database:
            assert contents(pictures_of(Library(database, Path))) == MADE_HERE


def test_finishing_what_another_death_has_left(victim: Victim) -> None:
    """A picture without a row, a copy, and a file that was to go."""
    with closing(Home(victim.folder)) as home:
        first, second = home.library.pictures(home.ids())
        arriving, copy = home.folder / "pictures" / "arriving.png", home.new / "copy.png"
        home.new.mkdir()
        arriving.write_bytes(writing.png(produced(99)))
        shutil.copy(first.file, copy)
        with home.database.write() as connection:
            unfinished.claim(connection, arriving, unfinished.ARRIVING)
            unfinished.claim(connection, copy, f"{unfinished.COPY_OF}{first.file}")
            unfinished.leave(connection, second.file)
            connection.execute("DELETE FROM pictures WHERE id = ?", (second.id,))
    left = sorted({*MADE_HERE, picture(99).sha256} - {str(second.content)})
    for _ in victim.deaths("finish"):
        assert contents(start_again(victim.folder)) == left


def test_migrating(victim: Victim) -> None:
    shutil.rmtree(victim.folder / "pictures")
    file, folder = victim.folder / "sfumato.db", victim.folder / "pictures"
    folder.mkdir()
    for seed in range(OURS):
        (folder / f"{seed}.png").write_bytes(writing.png(produced(seed)))
    rows = [row_1(folder / f"{seed}.png", seed) for seed in range(OURS)]
    file.unlink()
    version_1(file, rows)
    versions = set()
    for _ in victim.deaths("open"):
        versions.add(_version(file))
        for copy in victim.folder.glob("sfumato.db.before-v*"):
            assert _version(copy) == 1
            with closing(sqlite3.connect(copy)) as connection:
                columns = "file, recipe, made, seconds, created"
                assert connection.execute(f"SELECT {columns} FROM pictures ORDER BY id").fetchall() == rows
        with closing(Home(victim.folder)) as home:
            assert home.library.finish() == 0
            assert [each.recipe for each in home.library.recent(9)] == [
                produced(seed).recipe for seed in reversed(range(OURS))
            ]
        assert _version(file) == len(MIGRATIONS)
        assert [copy.name for copy in victim.folder.glob("*before*")] == [f"sfumato.db.before-v{len(MIGRATIONS)}"]
    assert versions == {1, len(MIGRATIONS)}


def _version(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("PRAGMA user_version").fetchone()[0]


# ---------------------------------------------------------------- at random moments


def live_and_die(victim: Victim, deaths: int) -> None:
    moments = random.Random(deaths)
    kept, gone = set(MADE_HERE), set()
    for _ in range(deaths):
        told = [line.split() for line in victim.do("live", moments.uniform(0.05, 0.4))[:-1]]
        said = {word: {which for each, which in told if each == word} for word in ("kept", "deleting", "deleted")}
        kept = (kept | said["kept"]) - said["deleting"]
        gone |= said["deleted"]
        found = contents(start_again(victim.folder))
        assert len(set(found)) == len(found)
        assert kept <= set(found)
        assert not gone & set(found)
    assert len(kept) > OURS


def test_at_random_moments_of_a_busy_life(victim: Victim) -> None:
    live_and_die(victim, 5)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_at_many_random_moments_of_a_busy_life(victim: Victim) -> None:
    live_and_die(victim, 50)
