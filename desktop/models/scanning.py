"""Finding model files where they lie: in folders of any tool, each file once, through links but never in circles."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from desktop.models.entries import INDEX
from desktop.models.entry import SUFFIXES
from desktop.models.sidecars import names_beside
from desktop.models.weights import SHARD

DEEPEST = 16  # folders within folders
LEFT_OUT = ("__pycache__", "node_modules", "venv", "site-packages")  # and those with a dot before
Rows = dict[str, os.DirEntry[str]]


@dataclass(frozen=True)
class Found:
    """A model file or a diffusers folder. It is the same for as long as both texts are."""

    path: Path  # absolute
    state: str  # of the file, or of all files in the folder: their sizes and times
    beside: str  # of what lies beside it


def scan(roots: Iterable[Path]) -> Iterator[Found]:
    """What is in or below them, as it is found, sorted within each folder; a root may be a model itself."""
    seen: set[tuple[int, int]] = set()
    named: defaultdict[str, list[Path]] = defaultdict(list)
    roots = list(roots)
    for root in roots:
        for folder, rows in _walk(str(root.absolute()), seen):
            for found in _found(folder, rows):
                named[found.path.name].append(found.path)
                yield found
    for root in roots:
        with suppress(OSError, ValueError):
            if root.is_file() and not any(root.samefile(path) for path in named[root.name]):
                yield Found(root.absolute(), file_state(root), "")


def folders(roots: Iterable[Path]) -> Iterator[Path]:
    """All that `scan` looks into: whoever watches for changes watches these."""
    seen: set[tuple[int, int]] = set()
    yield from (Path(folder) for root in roots for folder, _ in _walk(str(root.absolute()), seen))


def state_of(path: Path) -> str:
    """As `scan` would find it. Raises OSError."""
    return folder_state(path) if path.is_dir() else file_state(path)


def file_state(file: Path) -> str:
    """Raises OSError."""
    return _state(file.stat())


def folder_state(folder: Path) -> str:
    """Of its files, and of those in the folders in it, as far as they can be seen. Raises OSError."""
    rows = sorted(os.scandir(folder), key=lambda row: row.name)
    for inner in [row for row in rows if _is(row, folder=True)]:
        with suppress(OSError):  # forbidden: whoever reads the model is told
            rows += sorted(os.scandir(inner), key=lambda row: row.name)
    return _digest(rows)


def _digest(rows: Iterable[os.DirEntry[str]]) -> str:
    """Of the states of the files among them."""
    digest = hashlib.sha256()
    for row in rows:
        with suppress(OSError):  # gone in the meantime, or a broken link
            if row.is_file():
                digest.update(os.fsencode(f"{row.name} {_state(row.stat())}\n"))
    return digest.hexdigest()


def _walk(folder: str, seen: set[tuple[int, int]], depth: int = 0) -> Iterator[tuple[str, Rows]]:
    try:
        facts = os.stat(folder)  # noqa: PTH116 - paths as texts: thousands of them
        with os.scandir(folder) as found:
            rows = {row.name: row for row in found}
    except (OSError, ValueError):  # gone, forbidden, or no folder
        return
    place = (facts.st_dev, facts.st_ino)
    if place in seen or depth > DEEPEST:
        return
    seen.add(place)
    yield folder, rows
    if INDEX in rows:
        return  # a model as a whole
    for name in sorted(rows):
        if not name.startswith(".") and name not in LEFT_OUT and _is(rows[name], folder=True):
            yield from _walk(rows[name].path, seen, depth + 1)


def _found(folder: str, rows: Rows) -> Iterator[Found]:
    try:
        if INDEX in rows:
            yield Found(Path(folder), folder_state(Path(folder)), "")
            return
    except OSError:
        return
    for name in sorted(rows):
        if name.lower().endswith(SUFFIXES) and not name.startswith(".") and not _is_later_shard(name):
            try:
                if rows[name].is_file():
                    file = Path(rows[name].path)
                    yield Found(file, _state(rows[name].stat()), _beside(file, rows))
            except OSError:  # gone in the meantime
                continue


def _is_later_shard(name: str) -> bool:
    found = SHARD.search(name)
    return bool(found and found[1] != "00001")


def _is(row: os.DirEntry[str], folder: bool) -> bool:
    try:
        return row.is_dir() == folder
    except OSError:
        return False


def _beside(file: Path, rows: Rows) -> str:
    there = [rows[name] for name in names_beside(file) if name in rows]
    return _digest(there) if there else ""


def _state(facts: os.stat_result) -> str:
    return f"{facts.st_size} {facts.st_mtime_ns}"
