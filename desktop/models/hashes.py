"""The hashes that model files go by elsewhere, A1111's and Civitai's; worked out once and remembered."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from desktop.models.weights import LONGEST_HEADER
from desktop.paths import write_atomically

CHUNK = 1 << 20  # bytes that are read at a time
LEGACY_START, LEGACY_BYTES = 0x100000, 0x10000  # the part of a file that the oldest hash looks at
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
        self._list = folder / "hashes.json"

    def fits(self, file: Path, hash: str) -> bool:
        """Whether the file goes by that hash, as far as that is known without reading all of it."""
        try:
            known = {**self._remembered(file), "legacy": legacy(file), "told": _told(file)}
        except OSError:
            return False
        return len(hash) >= 8 and any(each.startswith(hash.lower()) for each in known.values())

    def is_known(self, file: Path) -> bool:
        return bool(self._remembered(file))

    def learn(self, file: Path) -> None:
        """Reads all of the file, which takes its time. Raises OSError."""
        entry = {"state": _state(file), "hashes": _digests(file)}
        with contextlib.suppress(OSError):  # it can be worked out again
            self._list.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self._list, json.dumps({**self._all(), str(file): entry}, indent=1).encode())

    def _remembered(self, file: Path) -> dict[str, str]:
        entry = self._all().get(str(file))
        if not isinstance(entry, dict) or not isinstance(entry.get("hashes"), dict):
            return {}
        hashes = {name: value for name, value in entry["hashes"].items() if isinstance(value, str)}
        return hashes if entry.get("state") == _state(file) else {}

    def _all(self) -> Mapping[str, Any]:
        try:
            data = json.loads(self._list.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        return data if isinstance(data, dict) else {}


def _state(file: Path) -> list[int]:
    stat = file.stat()
    return [stat.st_size, stat.st_mtime_ns]


def _digests(file: Path) -> dict[str, str]:
    """sha256 of the file, and of what stands behind its header."""
    whole, weights = hashlib.sha256(), hashlib.sha256()
    with file.open("rb") as stream:
        start = stream.read(8)
        length = min(int.from_bytes(start, "little"), LONGEST_HEADER)
        whole.update(start + stream.read(length))
        while chunk := stream.read(CHUNK):
            whole.update(chunk)
            weights.update(chunk)
    return {"file": whole.hexdigest(), "weights": weights.hexdigest()}


def _told(file: Path) -> str:
    """The hash of the weights that kohya's and A1111's tools write into the header; empty where there is none."""
    with file.open("rb") as stream:
        header = stream.read(min(int.from_bytes(stream.read(8), "little"), LONGEST_HEADER))
    try:
        told = json.loads(header)["__metadata__"]["sshs_model_hash"]
        return told if HEX.fullmatch(told) else ""
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""
