"""Parts of the studio, and whole ones on an engine without models; nothing of them is left when the test ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from desktop.database import Database
from desktop.library.inputs import Inputs
from desktop.library.library import Library
from desktop.library.thumbnails import Thumbnails
from desktop.paths import data_folder
from desktop.settings import Settings
from desktop.studio.memory import Memory
from desktop.studio.notice import Notice
from desktop.studio.results import Results
from desktop.studio.session import Session
from desktop.studio.shelf import Shelf
from desktop.studio.stage import Stage
from desktop.studio.studio import Studio
from desktop.studio.worker import Errands, Worker
from desktop.styles import read_styles
from tests.fakes import FakeEngine

OpenStudio = Callable[..., Studio]


@pytest.fixture(autouse=True)
def _events(qapp: QApplication) -> None:
    """Signals from other threads need a loop."""


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def database() -> Iterator[Database]:
    with closing(Database(data_folder() / "sfumato.db")) as database:
        yield database


@pytest.fixture
def pictures_folder(tmp_path: Path) -> Path:
    return tmp_path / "pictures"


@pytest.fixture
def library(database: Database, pictures_folder: Path) -> Library:
    return Library(database, lambda: pictures_folder)


@pytest.fixture
def thumbnails() -> Iterator[Thumbnails]:
    with closing(Thumbnails(data_folder() / "thumbnails.db")) as thumbnails:
        yield thumbnails


@pytest.fixture
def inputs() -> Inputs:
    return Inputs(data_folder() / "inputs")


# ---------------------------------------------------------------- parts


@pytest.fixture
def parent(database: Database) -> Iterator[QObject]:
    """Of all parts that a test makes: their lanes end before the database closes."""
    parent = QObject()
    yield parent
    _end(parent)


def _end(owner: QObject) -> None:
    workers = owner.findChildren(Worker)
    for worker in workers:
        worker.finish()
    assert all(worker.isFinished() for worker in workers)
    shiboken6.delete(owner)


@pytest.fixture
def errands(parent: QObject) -> Errands:
    return Errands("io", parent)


@pytest.fixture
def session(parent: QObject) -> Session:
    return Session(parent)


@pytest.fixture
def memory(database: Database, inputs: Inputs, parent: QObject) -> Memory:
    return Memory(database, inputs, parent)


@pytest.fixture
def shelf(session: Session, memory: Memory, errands: Errands, parent: QObject) -> Shelf:
    return Shelf(session, memory, errands, parent)


@pytest.fixture
def results(parent: QObject) -> Results:
    return Results(parent)


@pytest.fixture
def stage(results: Results, errands: Errands, parent: QObject) -> Stage:
    return Stage(results, errands, parent)


# ---------------------------------------------------------------- the whole


@pytest.fixture
def notices() -> list[Notice]:
    """What the studios of this test tell."""
    return []


@pytest.fixture
def open_studio(engine: FakeEngine, pictures_folder: Path, notices: list[Notice]) -> Iterator[OpenStudio]:
    """Opens a studio on the test's data folder, as a launch does; settings may be given at the first one."""
    opened: list[Studio] = []

    def launch(make_engine: Any = lambda device, precision: engine, **settings: Any) -> Studio:
        database = Database(data_folder() / "sfumato.db")
        if not opened:
            chosen = replace(Settings(pictures=str(pictures_folder)), **settings)
            database.keep_state("settings", chosen.to_json())
        studio = Studio(database, make_engine, read_styles())
        opened.append(studio)
        studio.noticed.connect(lambda notice: notices.append(notice))
        studio.start()
        return studio

    yield launch
    for studio in opened:
        studio.close()
        _end(studio)
