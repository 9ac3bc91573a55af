"""The header of a safetensors file: read without the weights, and held against the file's true length."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
    try:
        size = file.stat().st_size
        with file.open("rb") as stream:
            start = stream.read(8)
            length = int.from_bytes(start, "little")
            text = stream.read(length) if length <= LONGEST_HEADER else b""
    except OSError as error:
        raise UserError(f"{_shown(file)} cannot be read: {error.strerror}.", "Download the model again.") from None
    if not size:
        raise UserError(f"{_shown(file)} is empty.", "The download failed; fetch the file again.")
    if len(start) < 8 or length > LONGEST_HEADER:
        raise UserError(f"{_shown(file)} is no safetensors file.", "It may be mislabelled, or a web page in its place.")
    if len(text) < length:
        raise UserError(f"{_shown(file)} is cut short.", "The download is incomplete; fetch the file again.")
    try:
        tensors = [_tensor(entry) for name, entry in json.loads(text).items() if name != "__metadata__"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UserError(f"{_shown(file)} has a broken header.", "The file is damaged; fetch it again.") from None
    whole = 8 + length + max((end for _, end in tensors), default=0)
    if whole > size:
        message = f"{_shown(file)} is incomplete: {size / 1e6:,.1f} of {whole / 1e6:,.1f} MB are there."
        raise UserError(message, "Fetch the file again.")
    return Header(sum(values for values, _ in tensors), size)


def _tensor(entry: dict[str, Any]) -> tuple[int, int]:
    """A tensor's number of values and where its bytes end. Raises ValueError, KeyError or TypeError."""
    begin, end = entry["data_offsets"]
    numbers = [*entry["shape"], begin, end]
    if not all(type(number) is int and 0 <= number < 2**63 for number in numbers) or begin > end:
        raise ValueError("impossible shape or place")
    values = math.prod(entry["shape"])
    if values > 8 * (end - begin):  # a bit each at the least
        raise ValueError("more values than bytes")
    return values, end


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
