"""Takes out of a finished bundle for Linux libraries that nothing in it is linked to, names for debuggers, and paths of
the machine that built it.

binutils and chrpath must be installed.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import elf

SEARCHED = re.compile(r"\((?:RUNPATH|RPATH)\).*\[(.+)\]")
NAMES = re.compile(r"\] \.(symtab|debug_info) ")
LOADED = re.compile(r"^\s+LOAD\s+(\w+) (\w+) \w+ \w+ \w+ .*?(0x\w+)$", re.MULTILINE)
FOLLOWED = ("", "PySide6/Qt/lib")  # folders of libraries that are there for others, which may have been left out
UNTOUCHED = "nvidia"  # whose licences let its libraries be passed on as they are
ASKED_FOR = re.compile(r"libpython")  # by name


def prune(folder: Path) -> None:
    """Removes what came along with what is not there."""
    needed = set(_needed(folder))
    for each in FOLLOWED:
        for file in (folder / each).glob("lib*.so*"):
            if file.name not in needed and not ASKED_FOR.match(file.name):
                file.unlink()


def strip(folder: Path) -> None:
    """Takes the names of what is within them out of compiled files."""
    for file in _changeable(folder):
        if NAMES.search(elf.tell("-S", file)):
            _strip(file)


def forget_paths(folder: Path) -> None:
    """Libraries are looked for only beside those that need them: elsewhere, somebody may put others in their place."""
    for file in _changeable(folder):
        found = SEARCHED.search(elf.tell("-d", file))
        searched = found[1].split(":") if found else []
        inside = [path for path in searched if path.startswith(("$ORIGIN", "${ORIGIN}"))]
        if inside != searched:
            change = ["--replace", ":".join(inside)] if inside else ["--delete"]
            subprocess.run(["chrpath", *change, str(file)], check=True, stdout=subprocess.DEVNULL)


def is_aligned(headers: str) -> bool:
    """Whether each segment lies in the file as it will in memory, by what `readelf -lW` says."""
    segments = [[int(number, 16) for number in found] for found in LOADED.findall(headers)]
    return bool(segments) and all(offset % align == address % align for offset, address, align in segments)


def _needed(folder: Path) -> Iterator[str]:
    """Names of libraries, from those that nothing has to be linked to."""
    followed = {file.name: file for each in FOLLOWED for file in (folder / each).glob("lib*.so*")}
    libpython = {name for name in followed if ASKED_FOR.match(name)}
    waiting = [file for file in elf.libraries(folder) if followed.get(file.name) != file or file.name in libpython]
    seen = set[str]()
    while waiting:
        new = elf.needed(waiting.pop()) - seen
        yield from new
        seen |= new
        waiting += [followed[name] for name in new if name in followed]


def _changeable(folder: Path) -> list[Path]:
    return sorted(file for file in elf.libraries(folder) if UNTOUCHED not in file.relative_to(folder).parts)


def _strip(file: Path) -> None:
    """Only if it can be loaded afterwards: where paths were edited, `strip` may shift what lies behind them."""
    part = file.with_name(file.name + ".part")
    done = subprocess.run(["strip", "--strip-unneeded", "-o", str(part), str(file)], capture_output=True)
    if not done.returncode and is_aligned(elf.tell("-l", part)):
        part.replace(file)
    else:
        part.unlink(missing_ok=True)
