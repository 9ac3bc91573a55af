"""A clean virtual environment with the program, one build of torch, and what freezes both."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from flavours import PUBLISHED
from version import ROOT, stamp

CONSTRAINTS = ROOT / "packaging" / "constraints.txt"
PROGRAM = ("desktop", "resources", "README.md", "LICENSE", "pyproject.toml")
BUILDS = re.compile(r"torch(vision)?\b")  # what a flavour chooses: no other requirement or constraint has a say


def make(folder: Path, version: str, builds: list[str], index: str) -> Path:
    """Its Python. `builds` are the requirements of torch, and of torchvision where there is one for it."""
    shutil.rmtree(folder, ignore_errors=True)
    source = folder / "source"
    copy_program(source)
    stamp(source, version)
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    python = folder / "venv" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    chosen = folder / "constraints.txt"
    chosen.write_text("\n".join(others(CONSTRAINTS.read_text(encoding="utf-8").splitlines())), encoding="utf-8")
    extra = ["--extra-index-url", PUBLISHED + index] if index else []
    _pip(python, *extra, "--constraint", str(chosen), *builds, *requirements())
    _pip(python, "--no-deps", "--constraint", str(chosen), str(source))
    return python


def copy_program(folder: Path) -> None:
    """What belongs into a wheel, as it is now; what was never committed, too."""
    folder.mkdir(parents=True)
    for name in PROGRAM:
        path, copy = ROOT / name, folder / name
        if path.is_dir():
            shutil.copytree(path, copy, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(path, copy)


def requirements() -> list[str]:
    """Of the program and of the packaging, but for torch."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return others([*project["dependencies"], *project["optional-dependencies"]["package"]])


def others(lines: list[str]) -> list[str]:
    return [line for line in lines if not BUILDS.match(line)]


def _pip(python: Path, *words: str) -> None:
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--no-compile", *words], check=True)
