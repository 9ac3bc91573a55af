"""The command line, run in this process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from desktop.cli import run
from desktop.raster import Raster


@dataclass(frozen=True)
class Outcome:
    """What a command has left: its exit code and what it wrote."""

    code: int | str | None
    out: str
    err: str


Sfumato = Callable[..., Outcome]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def sfumato(here: Path, capsys: pytest.CaptureFixture[str]) -> Sfumato:
    """Runs `sfumato` with these words in that folder; whatever it raises fails the test, and so does a traceback."""

    def command(*words: str | Path) -> Outcome:
        capsys.readouterr()
        try:
            code: int | str | None = run([str(word) for word in words])
        except SystemExit as end:  # argparse's way
            code = end.code
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return Outcome(code, out, err)

    return command


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A picture to start from."""
    file = tmp_path / "photo.png"
    file.write_bytes(Raster(np.random.default_rng(0).integers(0, 256, (72, 88, 3), dtype=np.uint8)).png())
    return file
