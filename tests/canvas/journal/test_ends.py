"""The journal after any end."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.canvas.history import History
from desktop.canvas.journal import Journal
from desktop.canvas.snapshot import Snapshot
from desktop.canvas.tools.kit import Kit
from desktop.errors import UserError
from tests.canvas.journal.pasts import PAGES, ROOT, painted
from tests.canvas.painter import digest
from tests.canvas.things import ACTIONS, Past, Watched, act

# ---------------------------------------------------------------- at random


sessions = st.lists(
    st.tuples(
        st.sampled_from([*ACTIONS, *["brush", "undo", "redo", "later", "crash", "close", "full", "tidy"] * 2]),
        st.integers(0, 999),
    ),
    min_size=3,
    max_size=16,
)


class Session:
    """A document whose keeping waits; it may end at any moment, or find the disk full."""

    def __init__(self, file: Path):
        self.file = file
        self.kept: Past | None = None
        self._open()

    def _open(self) -> None:
        self.waiting: list[tuple[Callable[[], object], Past]] = []
        self.journal = Journal(self.file)
        self.document = Watched(self.journal, self._later, budget=0, history=self.journal.load())
        self.kit = Kit(self.document)
        if self.kept is None:
            self.write()

    def _later(self, work: Callable[[], object]) -> None:
        # the beginning is told before the document is there
        self.waiting.append((work, self.document.past if hasattr(self, "document") else Past(())))

    def write(self) -> None:
        for work, past in self.waiting:
            with suppress(UserError):  # the disk is full
                work()
                self.kept = past if past.steps else self.document.past
        self.waiting.clear()

    def come_back(self) -> None:
        self.journal.close()
        self._open()
        assert Past.of(self.document.history) == self.document.past == self.kept

    def do(self, name: str, seed: int) -> None:
        match name:
            case "later":
                self.write()
            case "crash":
                self.waiting.clear()
                self.come_back()
            case "close":
                self.write()
                self.come_back()
            case "full":
                self._pages(1)
                self.write()
                self._pages(PAGES)
            case "tidy":
                self.write()
                self.journal.tidy()
            case _:
                act(self.kit, name, seed)

    def _pages(self, most: int) -> None:
        with self.journal.database.read() as connection:
            connection.execute(f"PRAGMA max_page_count = {most}")


@settings(max_examples=80)
@given(sessions)
def test_after_any_end_the_document_is_as_it_was_kept(deeds: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as folder:
        session = Session(Path(folder) / "document.db")
        try:
            for name, seed in deeds:
                session.do(name, seed)
            session.do("later", 0)
            assert session.kept == session.document.past  # whatever failed before is made up for
            session.come_back()
        finally:
            session.journal.close()


# ---------------------------------------------------------------- killed


def kill_painters(folder: Path, times: int, seed: int) -> None:
    """Each goes on with the document that the one before had in hand."""
    chance, told = random.Random(seed), dict[int, str]()
    for turn in range(times):
        file = folder / f"{turn // 10}.db"
        if turn % 10 == 0:
            told.clear()
        told |= _killed_while_painting(file, chance)
        with closing(Journal(file)) as journal:
            history = journal.load()
            assert journal.database.notice is None
            if history is None:  # it came before the beginning was kept
                assert not told
                continue
            assert history.at == len(history.steps) - 1 >= max(told, default=0)
            found = {place: digest(step.snapshot) for place, step in enumerate(history.steps)}
        assert {place: found[place] for place in told} == told
        told = found


def _killed_while_painting(file: Path, chance: random.Random) -> dict[int, str]:
    """What it had told."""
    command = [sys.executable, "-m", "tests.canvas.painter", str(file), str(chance.randrange(999))]
    painter = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert painter.stdout
    first = painter.stdout.readline() if chance.random() < 0.8 else ""
    time.sleep(chance.uniform(0, 0.5))
    painter.kill()
    lines = (first + painter.communicate()[0]).splitlines(keepends=True)
    assert painter.returncode < 0, lines
    return {int(place): text for place, text in (line.split() for line in lines if line.endswith("\n"))}


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_every_step_that_was_told_survives_kills(tmp_path: Path) -> None:
    kill_painters(tmp_path, times=5, seed=0)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_every_step_that_was_told_survives_many_kills(tmp_path: Path) -> None:
    kill_painters(tmp_path, times=50, seed=1)


def test_the_painter_tells_of_many_steps(tmp_path: Path) -> None:
    """Else the tests above would test nothing."""
    command = [sys.executable, "-m", "tests.canvas.painter", str(tmp_path / "document.db"), "5"]
    painter = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert painter.stdout
    lines = [painter.stdout.readline() for _ in range(12)]
    painter.kill()
    painter.communicate()
    assert [int(line.split()[0]) for line in lines] == list(range(1, 13))
    assert len({line.split()[1] for line in lines}) > 8


def test_a_document_is_what_its_journal_says(journal: Journal, file: Path) -> None:
    """A history that is given is not written again."""
    document = painted(journal)
    journal.close()
    with closing(Journal(file)) as again:
        history = again.load()
        assert isinstance(history, History)
        Watched(again, lambda work: pytest.fail("nothing is to be kept"), history=history)
        assert Past.of(history) == document.past
        assert Snapshot.new().layers
