"""The archive: unpacked, it runs; and it is the same whoever packs it."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

import archive

pytestmark = pytest.mark.skipif(not shutil.which("zstd"), reason="makes a .tar.zst, which takes zstd")


def _opened(packed: Path) -> tarfile.TarFile:
    plain = subprocess.run(["zstd", "--decompress", "--stdout", str(packed)], check=True, capture_output=True).stdout
    return tarfile.open(fileobj=io.BytesIO(plain))


def test_unpacked_it_runs(bundle: Path, tmp_path: Path) -> None:
    packed = archive.make(bundle, "1.2.0", "cpu", tmp_path / "out")
    assert packed.name.startswith("sfumato-cpu-1.2.0-")
    with _opened(packed) as stream:
        stream.extractall(tmp_path / "a b", filter="data")
    program = tmp_path / "a b" / "sfumato-1.2.0" / "sfumato-cli"
    assert subprocess.run([program, "x"], check=True, capture_output=True).stdout == b"made by sfumato-cli: x\n"
    assert (program.parent / "_internal" / "data.txt").read_text() == "data"


def test_it_tells_nothing_of_the_machine_that_packed_it(bundle: Path, tmp_path: Path) -> None:
    with _opened(archive.make(bundle, "1.2.0", "cpu", tmp_path / "out")) as stream:
        entries = stream.getmembers()
    assert {(entry.uid, entry.gid, entry.uname, entry.gname) for entry in entries} == {(0, 0, "root", "root")}
    assert {entry.mode for entry in entries if entry.isfile()} == {0o755, 0o644}


def test_the_same_bundle_makes_the_same_archive(bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    again = tmp_path / "again" / "sfumato"
    for name in ("sfumato-cli", "sfumato", "_internal"):  # in another order
        (again / name).parent.mkdir(parents=True, exist_ok=True)
        if (bundle / name).is_dir():
            shutil.copytree(bundle / name, again / name, copy_function=shutil.copy)
        else:
            shutil.copy(bundle / name, again / name, follow_symlinks=False)
    first, second = (archive.make(each, "1.2.0", "cpu", each.parent) for each in (bundle, again))
    assert first.read_bytes() == second.read_bytes()


def test_a_folder_that_cannot_be_read_leaves_no_archive_that_looks_whole(bundle: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        archive.make(bundle / "gone", "1.2.0", "cpu", tmp_path)
    assert list(tmp_path.glob("*.zst")) == []
