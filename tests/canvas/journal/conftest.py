"""A journal and its file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from desktop.canvas.journal import Journal


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "document.db"


@pytest.fixture
def journal(file: Path) -> Iterator[Journal]:
    with closing(Journal(file)) as journal:
        yield journal
