"""The header of a safetensors file: read without the weights, and held against the file's true length."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from pathlib import Path

from desktop.errors import UserError

LONGEST_HEADER = 100_000_000  # the format's own limit
BLOCK = 64 * 1024


@dataclass(frozen=True)
class Header:
    """What a file holds: its tensors' number of values, and its bytes."""

    values: int
    bytes: int


def read_header(file: Path) -> Header:
    """Raises UserError for a file that is empty, cut short or something else."""
    size = file.stat().st_size
    if size == 0:
        raise UserError(f"{_shown(file)} is empty.", "The download failed; fetch the file again.")
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if size < 8 or length > LONGEST_HEADER:
            raise UserError(
                f"{_shown(file)} is no safetensors file.", "It may be mislabelled, or a web page saved in its place."
            )
        text = stream.read(length)
    if len(text) < length:
        raise UserError(f"{_shown(file)} is cut short.", "The download is incomplete; fetch the file again.")
    try:
        tensors = {name: entry for name, entry in json.loads(text).items() if name != "__metadata__"}
        values = sum(math.prod(entry["shape"]) for entry in tensors.values())
        end = 8 + length + max((entry["data_offsets"][1] for entry in tensors.values()), default=0)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        raise UserError(f"{_shown(file)} has a broken header.", "The file is damaged; fetch it again.") from None
    if end > size:
        hint = "The download is incomplete; fetch the file again."
        raise UserError(f"{_shown(file)} is incomplete: {size / 1e6:,.1f} of {end / 1e6:,.1f} MB are there.", hint)
    return Header(values, size)


def content_id(file: Path) -> str:
    """sha256 of the size, the header and 16 spread blocks of 64 KiB: telling, at a cost that does not grow."""
    size = file.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        digest.update(stream.read(min(length, LONGEST_HEADER)))
        for i in range(16):
            stream.seek(max(0, (size - BLOCK) * i // 15))
            digest.update(stream.read(BLOCK))
    return digest.hexdigest()


def _shown(file: Path) -> str:
    return f"{file.parent.name}/{file.name}"
