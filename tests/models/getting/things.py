"""Files to download, and what comes of an order."""

from __future__ import annotations

import hashlib
from pathlib import Path

from desktop.engine.api import Progress
from desktop.models.getting.client import Client
from desktop.models.getting.download import Order, fetch
from desktop.models.getting.network import HUGGING_FACE
from desktop.models.getting.offer import RemoteFile
from desktop.models.getting.stop import Stop
from tests.models.getting.server import Server, Stored

CONTENT = bytes(range(256)) * 4096 * 3  # 3 MiB
FOLDER = "checkpoints"


def stored(server: Server, name: str = "model.safetensors", content: bytes = CONTENT, **how: object) -> Stored:
    """Served at /files/name."""
    file = Stored(content, **how)  # type: ignore[arg-type]
    server.routes[f"/files/{name}"] = file
    return file


def order(server: Server, *names: str, unsafe: bool = False, **changes: object) -> Order:
    """Of files that are stored; the first ones if none are named."""
    files = []
    for name in names or ("model.safetensors",):
        file = server.routes[f"/files/{name}"]
        assert isinstance(file, Stored)
        made = {"name": name, "url": f"{server.address}/files/{name}", "bytes": len(file.content), "hash": file.hash}
        files.append(RemoteFile(**{**made, **changes}))  # type: ignore[arg-type]
    return Order("A model", HUGGING_FACE, "https://there.example", FOLDER, tuple(files), unsafe)


def got(order: Order, models: Path, client: Client, stop: Stop | None = None) -> list[Progress | Path]:
    """All that is told, without waiting for a beat."""
    beats = iter(range(10**9))
    return list(fetch(order, models, client, stop or Stop(), clock=lambda: float(next(beats))))


def parts(models: Path) -> list[Path]:
    return sorted(models.rglob("*.part"))


def git_hash(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
