"""The publisher's tool: keys, and lists that the program believes."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from desktop import releases
from tests.publisher import TOOL, listing, tool


def test_a_new_key_signs_what_its_public_half_believes(tmp_path: Path) -> None:
    private, public = tmp_path / "private.pem", tmp_path / "public.pem"
    tool().make_key(private, public)
    if os.name != "nt":
        assert private.stat().st_mode & 0o777 == 0o600
    signed = tool().sign(listing(), private.read_bytes())
    assert releases.read(signed, public.read_bytes(), date(2026, 11, 24)).newest.version == "0.10.0"
    with pytest.raises(FileExistsError):  # a key that is in use is never lost
        tool().make_key(private, public)


def test_nothing_is_published_that_the_program_would_refuse(tmp_path: Path) -> None:
    private = tmp_path / "private.pem"
    tool().make_key(private, tmp_path / "public.pem")  # another than the program's
    (tmp_path / "list.json").write_text(listing())
    command = [
        sys.executable,
        str(TOOL),
        "sign",
        *(str(tmp_path / name) for name in ("list.json", "private.pem", "out")),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "not signed" in done.stderr
    assert not (tmp_path / "out").exists()
