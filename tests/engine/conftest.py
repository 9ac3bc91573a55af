"""The engines that tests run on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from desktop.app import make_engine
from desktop.engine.api import Engine
from tests.engine.jobs import job


@pytest.fixture(scope="session", params=["local", "process"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Each engine in turn; tests leave it as they found it: able to run the next job."""
    made = make_engine(request.param, "cpu")
    list(made.run(job()))  # its thread or process is there before the tests that use it
    yield made
    made.close()


@pytest.fixture
def local() -> Iterator[Engine]:
    made = make_engine("local", "cpu")
    yield made
    made.close()
