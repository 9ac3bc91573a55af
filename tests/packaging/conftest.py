"""A bundle to pack that is like a finished one, but small."""

from __future__ import annotations

from pathlib import Path

import pytest

NEEDS = b"\x7fELF\0GLIBC_2.2.5\0GLIBC_2.14\0GLIBC_2.34\0GLIBC_PRIVATE\0"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "dist" / "sfumato"
    (folder / "_internal").mkdir(parents=True)
    program = folder / "sfumato"
    program.write_text('#!/bin/sh\necho "made by ${0##*/}: $*"\n')
    program.chmod(0o700)
    (folder / "sfumato-cli").symlink_to("sfumato")
    library = folder / "_internal" / "libpretended.so.1"
    library.write_bytes(NEEDS)
    library.chmod(0o755)
    (folder / "_internal" / "data.txt").write_text("data")
    (folder / "_internal" / "data.txt").chmod(0o600)
    (folder / "_internal" / "LICENSE").write_text("words")
    (folder / "_internal" / "LICENSE").chmod(0o755)  # as some packages have it
    return folder
