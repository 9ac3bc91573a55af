"""The engines that tests run on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.app import ENGINES, make_engine
from desktop.engine.api import Engine
from tests.engine.jobs import job
from tests.models.folders import change_json, copied


@pytest.fixture(scope="session", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Each engine in turn; tests leave it as they found it: able to run the next job."""
    made = make_engine(request.param, "cpu")
    list(made.run(job()))  # its thread or process is there before the tests that use it
    yield made
    made.close()


@pytest.fixture
def unheld(models: dict[str, Path], tmp_path: Path) -> Path:
    """A model that no engine has in memory yet."""
    folder = copied(models["sd15"], tmp_path / "unheld")
    change_json(folder / "scheduler/scheduler_config.json", lambda config: config | {"unheld": str(tmp_path)})
    return folder


@pytest.fixture
def local() -> Iterator[Engine]:
    made = make_engine("local", "cpu")
    yield made
    made.close()
