"""Where things lie on disk, and how to write there without ever leaving half a file."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import platformdirs

RESOURCES = Path(__file__).parent / "resources"
if not RESOURCES.exists():  # a source tree or an editable install
    RESOURCES = Path(__file__).parent.parent / "resources"
STARTER = RESOURCES / "starter"
HANDOVER = "handover"  # of the data folder: what another launch was given
NOTICES = "NOTICES.txt"  # of the packaged program: the licences of all that is in it
PORTABLE = "portable"  # a file beside the program: all that it keeps lies there, too
PRIVATE = 0o700  # who may look into the folders of Sfumato's own data
OURS = ".sfumato-{}.part"  # names of files that are being written
ABANDONED = 3600  # seconds after which nobody goes on writing a file


def data_folder() -> Path:
    """Sfumato's own data: `SFUMATO_DATA` if that is set, else beside a portable program, else the platform's place."""
    chosen = os.environ.get("SFUMATO_DATA") or portable_folder()
    return Path(chosen or platformdirs.user_data_path("sfumato", appauthor=False))


def pictures_folder() -> Path:
    """Where pictures are kept unless the settings say otherwise."""
    portable = portable_folder()
    return portable / "pictures" if portable else platformdirs.user_pictures_path() / "Sfumato"


def portable_folder() -> Path | None:
    """`data` beside the packaged program, where a file `portable` lies there; on macOS beside the bundle."""
    if not getattr(sys, "frozen", False):
        return None
    program = Path(sys.executable).resolve()
    bundle = next((each for each in program.parents if each.suffix == ".app"), program)
    return bundle.parent / "data" if (bundle.parent / PORTABLE).exists() else None


def notices_file() -> Path | None:
    """None where Sfumato runs from its source."""
    program = Path(sys.executable).resolve().parent
    places = (program, program.parent / "Resources", program / "_internal")
    found = (each / NOTICES for each in places if (each / NOTICES).is_file())
    return next(found, None) if getattr(sys, "frozen", False) else None


def is_there(path: Path) -> bool:
    """Whether the path exists; one that no file can have, of endless length say, does not."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


@contextmanager
def written_atomically(file: Path) -> Iterator[BinaryIO]:
    """What is written into the stream becomes the file when all went well, whenever the power goes. Raises OSError."""
    part = file.with_name(OURS.format(os.urandom(8).hex()))
    with _named_when_written(part, file) as stream:
        yield stream


def write_atomically(file: Path, content: bytes) -> None:
    """The file is there whole or not at all. Raises OSError."""
    with written_atomically(file) as stream:
        stream.write(content)


def copy_atomically(file: Path, copy: Path) -> None:
    """Content and times; the copy is there whole or not at all. Raises OSError."""
    with written_atomically(copy) as stream, file.open("rb") as source:
        shutil.copyfileobj(source, stream)
    facts = file.stat()
    os.utime(copy, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def write_new(file: Path, content: bytes) -> None:
    """As `write_atomically`, but FileExistsError where a file is already, or is just being written by somebody else."""
    part = file.with_name(OURS.format(file.name))  # while it is there, the name is taken
    with _named_when_written(part, file) as stream:
        if file.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(file))
        stream.write(content)


def make_folder(folder: Path) -> None:
    """With those around it; they are on the disk before anything is put into them. Raises OSError."""
    new = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for each in new:
        sync_folder(each.parent)


def remove(file: Path) -> None:
    """It does not come back, whenever the power goes. Raises OSError."""
    file.unlink(missing_ok=True)
    sync_folder(file.parent)


def remove_leftovers(folder: Path) -> None:
    """What a program that was killed had begun to write there or below; nothing that anybody may still be writing."""
    for part in folder.rglob(OURS.format("*")):
        if time.time() - part.stat().st_mtime > ABANDONED:
            part.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """The names in it reach the disk, not only the content; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno != errno.EINVAL:  # that file system cannot: some of networks
            raise
    finally:
        os.close(handle)


@contextmanager
def _named_when_written(part: Path, file: Path) -> Iterator[BinaryIO]:
    stream = part.open("xb")
    try:
        with stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(file.parent)
