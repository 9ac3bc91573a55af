"""The hashes that model files go by elsewhere, A1111's and Civitai's; worked out once and remembered."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

from desktop.models.entry import SAFE
from desktop.models.records import Record, Records
from desktop.models.scanning import file_state
from desktop.models.weights import LONGEST_HEADER, content_id

CHUNK = 1 << 20  # bytes that are read at a time
STRETCH = 8  # of them, after which whoever waits may have changed their mind
LEGACY_START, LEGACY_BYTES = 0x100000, 0x10000  # the part of a file that the oldest hash looks at
SHORTEST = 8  # digits of a hash
HEX = re.compile("[0-9a-f]{64}")


def autov2(file: Path) -> str:
    """A1111's "Model hash": 10 digits. Reads all of the file; raises OSError."""
    return _digests(file)["file"][:10]


def autov3(file: Path) -> str:
    """A1111's "Lora hashes": 12 digits of the weights alone, as the header tells or read. Raises OSError."""
    return (_told(file) or _digests(file)["weights"])[:12]


def legacy(file: Path) -> str:
    """A1111's "Model hash" before 2023: 8 digits; of a small part, so that many models may share one."""
    with file.open("rb") as stream:
        stream.seek(LEGACY_START)
        return hashlib.sha256(stream.read(LEGACY_BYTES)).hexdigest()[:8]


class Hashes:
    """The hashes of files, kept in `folder` for as long as a file stays as it is. For any thread."""

    def __init__(self, folder: Path):
        self._records = Records(folder)

    def fits(self, file: Path, hash: str) -> bool:
        """Whether the file goes by that hash, as far as that is known without reading all of it."""
        return any(self.fitting([file], hash))

    def fitting(self, files: Iterable[Path], hash: str) -> Iterator[Path]:
        """Those that do. What takes but a moment to work out is worked out first, once."""
        if len(hash) < SHORTEST:
            return
        for file, known in self._completed(files, "legacy", _quick):
            if any(each.startswith(hash.lower()) for each in (known.file, known.weights, known.told, known.legacy)):
                yield file

    def content_ids(self, files: Iterable[Path]) -> Iterator[tuple[Path, str]]:
        """Of those that can be read."""
        for file, known in self._completed(files, "content", lambda file: {"content": content_id(file)}):
            yield file, known.content

    def told(self, made: Mapping[str, Any], content_ids: Iterable[str]) -> dict[str, Any]:
        """`made` of a picture, with `files`: `name`, `autov2` and `autov3` by content id, as far as they are known."""
        files = {id: told for id in content_ids if (told := self._told(id))}
        return {**made, "files": files} if files else dict(made)

    def is_known(self, file: Path) -> bool:
        known = self._records.of(file)
        try:
            return bool(known and known.file and known.state == file_state(file))
        except OSError:
            return True  # it is gone: there is nothing to learn of it

    def learn(self, file: Path) -> None:
        """Reads all of the file, which takes its time. Raises OSError."""
        for _ in self.learning(file):
            pass

    def learning(self, file: Path) -> Iterator[None]:
        """As `learn`, in pieces; what is left early is begun again the next time. Raises OSError."""
        state = file_state(file)
        digests: dict[str, str] = {}
        yield from _reading(file, digests)
        self._records.keep([(file, state, digests)])  # if it was written meanwhile, it has another state now

    def _told(self, content_id: str) -> dict[str, str]:
        for file, known in self._records.with_content(content_id).items():
            with suppress(OSError):  # gone
                if file.is_file() and known.state == file_state(file):
                    weights = known.told or known.weights if file.suffix.lower() in SAFE else known.file
                    told = {"name": file.name, "autov2": known.file[:10], "autov3": weights[:12]}
                    return {name: value for name, value in told.items() if value}
        return {}

    def _completed(
        self, files: Iterable[Path], column: str, find: Callable[[Path], dict[str, str]]
    ) -> Iterator[tuple[Path, Record]]:
        """What is known of each as it is now; where that column is empty, it is found and kept."""
        known = self._records.all()
        news: list[tuple[Path, str, dict[str, str]]] = []
        try:
            for file in files:
                with suppress(OSError):  # gone, or forbidden
                    state = file_state(file)
                    record = known.get(file)
                    if record is None or record.state != state:
                        record = Record(state)
                    if not getattr(record, column):
                        news.append((file, state, find(file)))
                        record = replace(record, **news[-1][2])
                    yield file, record
        finally:
            if news:
                self._records.keep(news)


def _quick(file: Path) -> dict[str, str]:
    return {"told": _told(file), "legacy": legacy(file)}


def _digests(file: Path) -> dict[str, str]:
    digests: dict[str, str] = {}
    for _ in _reading(file, digests):
        pass
    return digests


def _reading(file: Path, digests: dict[str, str]) -> Iterator[None]:
    """At last `digests` are sha256 of the file, and of what stands behind its header."""
    whole, weights = hashlib.sha256(), hashlib.sha256()
    with file.open("rb") as stream:
        start = stream.read(8)
        length = min(int.from_bytes(start, "little"), LONGEST_HEADER)
        whole.update(start + stream.read(length))
        for number in count(1):
            if not (chunk := stream.read(CHUNK)):
                break
            whole.update(chunk)
            weights.update(chunk)
            if not number % STRETCH:
                yield
    digests.update(file=whole.hexdigest(), weights=weights.hexdigest())


def _told(file: Path) -> str:
    """The hash of the weights that kohya's and A1111's tools write into the header; empty where there is none."""
    with file.open("rb") as stream:
        header = stream.read(min(int.from_bytes(stream.read(8), "little"), LONGEST_HEADER))
    try:
        told = json.loads(header)["__metadata__"]["sshs_model_hash"]
        return told if HEX.fullmatch(told) else ""
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""
