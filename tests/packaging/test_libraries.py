"""Libraries of a bundle look for others in it only, and lose what nobody reads unless that is forbidden."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import slim

TOOLS = ("cc", "chrpath", "readelf", "strip")
pytestmark = pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason="links libraries and edits them")


def _link(library: Path, *options: str) -> Path:
    source = "static int hidden(void) { return 42; } int answer(void) { return hidden(); }"
    library.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cc", "-shared", "-x", "c", "-", "-o", str(library), *options], check=True, input=source, text=True)
    return library


def _told(what: str, library: Path) -> str:
    return subprocess.run(["readelf", "-W", what, str(library)], check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize(
    ("linked", "left"),
    [
        ("/home/someone/lib", ""),
        ("$ORIGIN/../lib:/home/someone/lib:$ORIGIN", "$ORIGIN/../lib:$ORIGIN"),
        ("$ORIGIN", "$ORIGIN"),
        ("${ORIGIN}/../lib", "${ORIGIN}/../lib"),
        ("", ""),
    ],
)
def test_folders_of_the_machine_that_built_it_are_forgotten(tmp_path: Path, linked: str, left: str) -> None:
    library = _link(tmp_path / "libsome.so.1", *([f"-Wl,-rpath,{linked}"] if linked else []))
    slim.forget_paths(tmp_path)
    found = re.search(r"RUNPATH.*\[(.*)\]", _told("-d", library))
    assert (found[1] if found else "") == left


def test_nvidias_libraries_are_passed_on_as_they_are(tmp_path: Path) -> None:
    ours, theirs = (
        _link(tmp_path / "some" / "libsome.so"),
        _link(tmp_path / "nvidia" / "lib" / "libtheirs.so", "-Wl,-rpath,$ORIGIN:"),
    )
    before = theirs.read_bytes()
    slim.strip(tmp_path)
    slim.forget_paths(tmp_path)
    assert "hidden" not in _told("-s", ours)
    assert theirs.read_bytes() == before
