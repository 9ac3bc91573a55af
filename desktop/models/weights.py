"""The header of a safetensors file: read without the weights, and held against the file's true length."""

from __future__ import annotations

import errno
import hashlib
import json
import re
from array import array
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from itertools import chain
from math import prod
from pathlib import Path
from stat import S_ISREG
from typing import Any, BinaryIO

from desktop.errors import UserError
from desktop.models.damage import Damaged, incomplete, what_else

LONGEST_HEADER = 100_000_000  # the format's own limit
MOST_COMMAS = 2_000_000  # in a header: a bound for the memory that its JSON takes; a tensor has five or six
MOST_SIDES = 16  # of a tensor
BLOCK = 64 * 1024
BROKEN = "its header is broken"
SHARD = re.compile(r"-(\d{5})-of-\d{5}\.")  # in the name of a file that is one of several


@dataclass(frozen=True)
class Header:
    """What a file holds: its tensors' number of values, and its bytes."""

    values: int
    bytes: int


@contextmanager
def opened(file: Path) -> Iterator[tuple[BufferedReader, int]]:
    """With its length. Raises OSError, as it does for a pipe, whose reading may never end."""
    facts = file.stat()
    if not S_ISREG(facts.st_mode):
        raise OSError(errno.EINVAL, "no file")
    with file.open("rb") as stream:
        yield stream, facts.st_size


def read_header(file: Path) -> Header:
    """Raises UserError for a file that is empty, cut short or something else."""
    try:
        with opened(file) as (stream, size):
            tensors, begin = parse_header(stream, size)
        tensors.pop("__metadata__", None)
        whole = begin + check_tensors(tensors)
        if whole > size:
            raise Damaged(incomplete(size, whole))
    except OSError as error:
        raise UserError(f"{_shown(file)} cannot be read: {error.strerror}.", "Download the model again.") from None
    except Damaged as error:
        raise UserError(f"{_shown(file)}: {error}.", "Fetch the file again.") from None
    return Header(sum(prod(tensor["shape"]) for tensor in tensors.values()), size)


def parse_header(stream: BinaryIO, size: int) -> tuple[dict[str, Any], int]:
    """Tensors and `__metadata__` as they are written, unchecked, and where the data begins. Raises Damaged, OSError.

    `stream` stands at its beginning.
    """
    start = stream.read(9)
    length = int.from_bytes(start[:8], "little")
    if start[8:] != b"{" or length > LONGEST_HEADER:
        raise Damaged(what_else(start + stream.read(BLOCK), size) or "no safetensors file")
    stream.seek(8)
    text = stream.read(length)
    if len(text) < length:
        raise Damaged("download incomplete: cut short within its header")
    if length > MOST_COMMAS and text.count(b",") > MOST_COMMAS:
        raise Damaged("its header is too large")
    try:
        return json.loads(text), 8 + length
    except (ValueError, RecursionError):
        raise Damaged(BROKEN) from None


def check_tensors(tensors: Mapping[str, Any]) -> int:
    """Where the last of them ends behind the header, once all are seen to be possible. Raises Damaged."""
    try:
        shapes = [tensor["shape"] for tensor in tensors.values()]
        places = [tensor["data_offsets"] for tensor in tensors.values()]
        array("Q", [*chain.from_iterable(places), *chain.from_iterable(shapes)])  # which takes no others
        if max(map(len, shapes), default=0) > MOST_SIDES:
            raise ValueError
        if any(prod(shape) > 8 * (end - begin) for shape, (begin, end) in zip(shapes, places, strict=True)):
            raise ValueError  # a value has a bit at the least
    except (LookupError, TypeError, ValueError, OverflowError):
        raise Damaged(BROKEN) from None
    return max((end for _, end in places), default=0)


def content_id(file: Path) -> str:
    """sha256 of the size, the header and 16 spread blocks of 64 KiB: telling, at a cost that does not grow."""
    with opened(file) as (stream, size):
        digest = hashlib.sha256(str(size).encode())
        length = int.from_bytes(stream.read(8), "little")
        digest.update(stream.read(min(length, LONGEST_HEADER)))
        for i in range(16):
            stream.seek(max(0, (size - BLOCK) * i // 15))
            digest.update(stream.read(BLOCK))
    return digest.hexdigest()


def _shown(file: Path) -> str:
    return f"{file.parent.name}/{file.name}"
