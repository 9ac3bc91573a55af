"""The one moment that everything packaged is dated with, so that two builds of one state are the same files."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def build_date() -> int:
    """Seconds since 1970: SOURCE_DATE_EPOCH if that is set, else when the newest commit was made."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(given)
    command = ["git", "-C", str(Path(__file__).parent), "log", "-1", "--format=%ct"]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
