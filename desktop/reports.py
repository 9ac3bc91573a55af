"""Reports: what went wrong, on what kind of machine, for whoever is to mend it. Nothing is ever sent."""

from __future__ import annotations

import io
import os
import re
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

from desktop import logs, versions
from desktop.paths import data_folder, make_folder, write_atomically
from desktop.redaction import Redaction

MOST = 10  # that are kept
NAME = re.compile(r"report-[\d-]+\.txt")  # ours, among whatever lies there
LINES = 200  # of each log, in a report


def folder() -> Path:
    return data_folder() / "reports"


def compose(message: str, trace: str, devices: Mapping[str, str], redaction: Redaction) -> str:
    """What happened, versions, devices and the newest lines of the logs."""
    words = next(filter(None, (logs.tail(logs.folder() / name) for name in (logs.ENGINE, logs.LAST_ENGINE))), "")
    parts = {
        redaction(message): redaction(trace),
        "Machine": describe(devices),
        "Log": _newest(redaction(logs.tail(logs.folder() / logs.NAME))),
        "The engine's last words": _newest(redaction(words)),
    }
    return "\n\n".join(f"{title}\n{'-' * min(len(title), 80)}\n{text}" for title, text in parts.items() if text) + "\n"


def describe(devices: Mapping[str, str]) -> str:
    """Versions and devices."""
    facts = {**versions.facts(), **{f"Device {name}": words for name, words in devices.items()}}
    return "\n".join(f"{name}: {value}" for name, value in facts.items())


def keep(text: str) -> Path:
    """Where it is kept; the oldest ones go. Raises OSError."""
    make_folder(folder())
    file = folder() / f"report-{time.strftime('%Y-%m-%d-%H%M%S')}-{int.from_bytes(os.urandom(2)):05}.txt"
    write_atomically(file, text.encode("utf-8", "replace"))
    for old in _kept()[:-MOST]:
        old.unlink(missing_ok=True)
    return file


def diagnostics(devices: Mapping[str, str], redaction: Redaction, private: Mapping[str, str]) -> dict[str, str]:
    """Files by name. `private` ones are there only where people agree."""
    kept = {name: logs.tail(logs.folder() / name) for name in (logs.NAME, logs.ENGINE, logs.LAST_ENGINE)}
    reports = {f"reports/{file.name}": logs.tail(file) for file in reversed(_kept())}
    files = {**kept, **reports, **private}
    return {"machine.txt": describe(devices), **{name: redaction(text) for name, text in files.items() if text}}


def zipped(files: Mapping[str, str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text.encode("utf-8", "replace"))
    return content.getvalue()


def _kept() -> list[Path]:
    """The oldest first."""
    found = [file for file in folder().glob("*.txt") if NAME.fullmatch(file.name)]
    return sorted(found, key=lambda file: (file.stat().st_mtime_ns, file.name))


def _newest(text: str) -> str:
    return "\n".join(text.splitlines()[-LINES:])
