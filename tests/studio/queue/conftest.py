"""A queue and what it stores."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject

from desktop.database import Database
from desktop.library.jobs import Jobs
from desktop.studio.queue import Queue
from tests.studio.things import at_once


@pytest.fixture
def jobs(database: Database) -> Jobs:
    return Jobs(database)


@pytest.fixture
def queue(jobs: Jobs, parent: QObject) -> Queue:
    return Queue(jobs, at_once, parent)
