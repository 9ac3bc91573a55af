"""Disk: files are there whole or not at all."""

from __future__ import annotations

from pathlib import Path

from desktop.errors import UserError
from desktop.paths import write_atomically


def put(file: Path, content: bytes) -> None:
    """In place of what was there. Raises UserError; then what was there still is."""
    try:
        write_atomically(file, content)
    except OSError as error:
        hint = "Choose another place, or make room on the disk."
        raise UserError(f"Cannot save {file.name}: {error.strerror}.", hint) from error
