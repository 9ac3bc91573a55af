"""What the libraries of a finished bundle for Linux leave to the system, and whether `linux-packages.txt` names it all.

People install what that file names, or apt does, since the .deb depends on it.
"""

from __future__ import annotations

from pathlib import Path

import elf
from origin import owners

PACKAGES = Path(__file__).parent / "linux-packages.txt"
EVERYWHERE = {"libc6"}  # the .deb says which version


class Uncovered(Exception):
    """The bundle would start here, and not where nothing else is installed."""


def packages() -> list[str]:
    """Those that must be installed."""
    return PACKAGES.read_text(encoding="utf-8").split()


def check(bundle: Path) -> list[str]:
    """Raises Uncovered, or returns libraries that are not here either: drivers of devices bring them."""
    found = owners(sorted(left_to_the_system(bundle)))
    covered = EVERYWHERE.union(packages())
    if lost := {name: owner for name, owner in found.items() if owner and owner not in covered}:
        rows = "".join(f"\n  {owner} ({name})" for name, owner in lost.items())
        raise Uncovered(f"The bundle needs packages that {PACKAGES.name} does not name:{rows}")
    return [name for name, owner in found.items() if not owner]


def left_to_the_system(bundle: Path) -> set[str]:
    """Names of libraries that some in the bundle are linked to, and that are not in it."""
    there = {file.name for file in bundle.rglob("*.so*")}
    return {name for file in elf.libraries(bundle) for name in elf.needed(file)} - there
