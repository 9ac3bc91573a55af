"""Where things lie on disk, and how to write there without ever leaving half a file."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import platformdirs

RESOURCES = Path(__file__).parent / "resources"
if not RESOURCES.exists():  # a source tree or an editable install
    RESOURCES = Path(__file__).parent.parent / "resources"
STARTER = RESOURCES / "starter"


def data_folder() -> Path:
    """Sfumato's own data: `SFUMATO_DATA` if that is set, else the platform's place."""
    return Path(os.environ.get("SFUMATO_DATA") or platformdirs.user_data_path("sfumato", appauthor=False))


def write_atomically(file: Path, content: bytes) -> None:
    """The file is there whole or not at all, whenever the power goes. Raises OSError."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".sfumato-", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.chmod(0o666 & ~_umask())  # mkstemp makes files that only their owner may read
        part.replace(file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(file.parent)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _sync_folder(folder: Path) -> None:
    """The rename itself must reach the disk too; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
