"""How things are tried in tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.check.trial import Ways


@pytest.fixture
def ways(tmp_path: Path) -> Ways:
    folder = tmp_path / "check"
    folder.mkdir()
    return Ways("process", "cpu", None, folder)
