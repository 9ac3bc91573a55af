"""The version that everything packaged bears: git's newest tag, and how far from it this state is."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent
STATED = re.compile(r'^__version__ = "(.+)"$', re.MULTILINE)
DESCRIBED = re.compile(r"v?(?P<tag>\d.*?)(-(?P<ahead>\d+)-(?P<commit>g[0-9a-f]+))?")


def version() -> str:
    """`1.2.0` at a tag, `1.2.0+5.gab12cd3` five commits on; without tags what the program says, and the commit."""
    described = _git("describe", "--tags", "--match", "v[0-9]*")
    return read(described) if described else _of_no_tag()


def read(described: str) -> str:
    """From what `git describe` says."""
    found = DESCRIBED.fullmatch(described)
    if not found:
        raise ValueError(f"That is no version: {described}")
    return found["tag"] + (f"+{found['ahead']}.{found['commit']}" if found["ahead"] else "")


def stamp(source: Path, name: str) -> None:
    """Writes it into that copy of the program, so that all that speaks of the version says this one."""
    file = source / "desktop" / "__init__.py"
    file.write_text(STATED.sub(f'__version__ = "{name}"', file.read_text(encoding="utf-8")), encoding="utf-8")


def _of_no_tag() -> str:
    text = (ROOT / "desktop" / "__init__.py").read_text(encoding="utf-8")
    found = STATED.search(text)
    assert found
    commit = _git("rev-parse", "--short", "HEAD")
    return found[1] + (f"+g{commit}" if commit else "")


def _git(*words: str) -> str:
    """Nothing where it has nothing to say, or is not there."""
    try:
        done = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if not done.returncode else ""
