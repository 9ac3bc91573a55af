"""Model folders to break: copies of whole ones, and files that claim to be safetensors."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any


def copied(folder: Path, target: Path) -> Path:
    return Path(shutil.copytree(folder, target))


def change_json(file: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """`change` alters the content in place, or returns what is to take its place."""
    content = json.loads(file.read_text(encoding="utf-8"))
    replaced = change(content)
    file.write_text(json.dumps(content if replaced is None else replaced), encoding="utf-8")


def safetensors(header: Any, data: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def tensor(shape: Any, begin: Any, end: Any) -> dict[str, Any]:
    return {"dtype": "F32", "shape": shape, "data_offsets": [begin, end]}
