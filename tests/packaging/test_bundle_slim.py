"""What is taken out of a finished bundle, on small libraries that are compiled here."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import slim

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or not all(map(shutil.which, ("cc", "readelf", "strip"))),
    reason="compiles small libraries",
)
HEADERS = """
  LOAD           0x000000 0x0000000000000000 0x0000000000000000 0x0004a8 0x0004a8 R   0x1000
  LOAD           {offset} 0x0000000000001000 0x0000000000001000 0x000109 0x000109 R E 0x1000
"""


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A module that is linked to `libused`, which is linked to `libbehind`; nothing is linked to `libunused`."""
    for name, links in (("behind", ()), ("used", ("behind",)), ("unused", ()), ("python3.11", ())):
        _compile(tmp_path / f"lib{name}.so", links)
    (tmp_path / "module").mkdir()
    _compile(tmp_path / "module" / "module.so", ("used",), tmp_path)
    (tmp_path / "libunused.so.1").symlink_to("libunused.so")
    return tmp_path


def test_libraries_that_nothing_is_linked_to_are_removed(bundle: Path) -> None:
    slim.prune(bundle)
    assert {file.name for file in bundle.glob("lib*")} == {"libbehind.so", "libused.so", "libpython3.11.so"}
    assert (bundle / "module" / "module.so").exists()


def test_stripped_libraries_can_be_loaded(bundle: Path) -> None:
    file = bundle / "libbehind.so"
    size = file.stat().st_size
    slim.strip(bundle)
    assert file.stat().st_size < size
    assert ctypes.CDLL(str(file)).behind() == 7
    assert not list(bundle.rglob("*.part"))


def test_what_cannot_be_stripped_stays_as_it_was(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = bundle / "libbehind.so"
    content = file.read_bytes()
    monkeypatch.setattr(slim, "is_aligned", lambda headers: False)
    slim.strip(bundle)
    assert file.read_bytes() == content
    assert not list(bundle.rglob("*.part"))


@pytest.mark.parametrize(("offset", "expected"), [("0x001000", True), ("0x001010", False)])
def test_segments_must_lie_in_files_as_in_memory(offset: str, expected: bool) -> None:
    assert slim.is_aligned(HEADERS.format(offset=offset)) == expected


def test_no_segments_are_no_library() -> None:
    assert not slim.is_aligned("")


def _compile(file: Path, links: tuple[str, ...], libraries: Path | None = None) -> None:
    name = file.stem.removeprefix("lib").split(".")[0].replace("python3", "python")
    source = f"static int secret_of_{name}(void) {{ return 7; }}\nint {name}(void) {{ return secret_of_{name}(); }}\n"
    source += "".join(f"int {link}(void);\nint call_{link}(void) {{ return {link}(); }}\n" for link in links)
    order = ["cc", "-shared", "-fPIC", "-g", "-x", "c", "-", "-o", str(file), f"-L{libraries or file.parent}"]
    subprocess.run(
        [*order, "-Wl,--no-as-needed", *(f"-l{link}" for link in links)], input=source, text=True, check=True
    )
