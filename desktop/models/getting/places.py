"""Where files of others go: names from outside lead nowhere but into the folder that was meant."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path, PurePosixPath

from desktop.errors import UserError

LONGEST = 180  # bytes of a name: a few more are added while it is written
DEEPEST = 8
FORBIDDEN = re.compile(r'[<>:"|?*\\\x00-\x1f\x7f]')  # on any platform
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # what Windows takes for devices
# All that is of use; none of these is a program for the reader, as pickles are.
HARMLESS = (".safetensors", ".sft", ".gguf", ".json", ".txt", ".model", ".md", ".yaml", ".jinja")


def inside(folder: Path, name: str) -> Path:
    """The file of that name below the folder. Raises UserError for a name that leads elsewhere."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or len(parts) > DEEPEST or any(part in ("..", "/") for part in parts):
        raise UserError(f"{name[:80]!r} is no name for a file.", "Get the model elsewhere.")
    target = folder.joinpath(*map(clean, parts))
    if not target.resolve().is_relative_to(folder.resolve()):
        raise UserError(f"{name[:80]!r} would lie outside of {folder}.", "A link there leads elsewhere; remove it.")
    return target


def clean(name: str) -> str:
    """As a name that every file system takes."""
    plain = FORBIDDEN.sub("_", unicodedata.normalize("NFC", name).replace("/", "_"))
    plain = "".join(letter for letter in plain if letter.isprintable()).strip(" .") or "_"
    plain = f"_{plain}" if RESERVED.fullmatch(plain) else plain
    return _shortened(plain)


def is_harmless(name: str) -> bool:
    """Whether reading it cannot run what is in it."""
    return name.lower().endswith(HARMLESS)


def _shortened(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 20:
        stem, dot, ending = name, "", ""
    room = LONGEST - len(f"{dot}{ending}".encode())
    return stem.encode()[:room].decode(errors="ignore").strip(" .") + dot + ending
