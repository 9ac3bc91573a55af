"""What the libraries of a finished bundle for Linux say of themselves. binutils must be installed."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

NEEDED = re.compile(r"\(NEEDED\).*\[(.+)\]")


def libraries(folder: Path) -> Iterator[Path]:
    """All of them, modules of Python too."""
    return (file for file in folder.rglob("*") if ".so" in file.name and file.is_file() and not file.is_symlink())


def needed(file: Path) -> set[str]:
    """Names of the libraries that it is linked to."""
    return set(NEEDED.findall(tell("-d", file)))


def tell(what: str, file: Path) -> str:
    """By `readelf` and its option."""
    return subprocess.run(["readelf", "-W", what, str(file)], capture_output=True, text=True, errors="replace").stdout
