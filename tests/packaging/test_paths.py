"""Libraries of a bundle look for others in it, and nowhere on the machine where they run."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import slim

TOOLS = ("cc", "chrpath", "readelf")
pytestmark = pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason="links libraries and edits them")


@pytest.mark.parametrize(
    ("linked", "left"),
    [
        ("/home/someone/lib", ""),
        ("$ORIGIN/../lib:/home/someone/lib:$ORIGIN", "$ORIGIN/../lib:$ORIGIN"),
        ("$ORIGIN", "$ORIGIN"),
        ("", ""),
    ],
)
def test_folders_of_the_machine_that_built_it_are_forgotten(tmp_path: Path, linked: str, left: str) -> None:
    library = tmp_path / "libsome.so.1"
    searched = [f"-Wl,-rpath,{linked}"] if linked else []
    source = "int answer(void) { return 42; }"
    subprocess.run(
        ["cc", "-shared", "-x", "c", "-", "-o", str(library), *searched], check=True, input=source, text=True
    )
    slim.forget_paths(tmp_path)
    told = subprocess.run(["readelf", "-dW", str(library)], check=True, capture_output=True, text=True).stdout
    found = re.search(r"RUNPATH.*\[(.*)\]", told)
    assert (found[1] if found else "") == left
