"""The .deb: what is in it, that it is the same whoever builds it, and that it comes and goes without a trace."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

import debian
import needs

pytestmark = pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="makes a .deb, which takes dpkg")
DATE = "1700000000"


@pytest.fixture
def package(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", DATE)
    return debian.make(bundle, "1.2.0", "cpu", bundle.parent)


def _run(*command: str | Path) -> str:
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout


def _field(package: Path, name: str) -> str:
    return _run("dpkg-deb", "--field", package, name).strip()


@pytest.fixture
def unpacked(package: Path, tmp_path: Path) -> Path:
    _run("dpkg-deb", "--raw-extract", package, tmp_path / "unpacked")
    return tmp_path / "unpacked"


def test_both_programs_are_on_the_path(unpacked: Path) -> None:
    for name in ("sfumato", "sfumato-cli"):
        program = unpacked / "usr" / "bin" / name
        assert program.is_symlink()
        assert program.resolve().is_relative_to(unpacked / "usr" / "lib" / "sfumato")
        assert _run(program, "x").endswith(": x\n")


def test_its_modes_and_owners_are_not_those_of_who_built_it(package: Path) -> None:
    rows = [row.split() for row in _run("dpkg-deb", "--contents", package).splitlines()]
    modes = {row[5].removeprefix("./usr/lib/sfumato/"): row[0] for row in rows}
    assert {row[1] for row in rows} == {"root/root"}
    assert modes["sfumato"] == "-rwxr-xr-x"
    assert {modes[f"_internal/{name}"] for name in ("data.txt", "LICENSE", "libpretended.so.1")} == {"-rw-r--r--"}


def test_the_same_bundle_makes_the_same_package(package: Path, bundle: Path, tmp_path: Path) -> None:
    again = tmp_path / "again" / "sfumato"
    shutil.copytree(bundle, again, symlinks=True)
    (again / "_internal" / "data.txt").chmod(0o644)
    before = os.umask(0o077)
    try:
        assert debian.make(again, "1.2.0", "cpu", again.parent).read_bytes() == package.read_bytes()
    finally:
        os.umask(before)


def test_the_bundle_stays_as_it_was_and_nothing_lies_beside_it(package: Path, bundle: Path) -> None:
    assert (bundle / "sfumato-cli").readlink() == Path("sfumato")
    assert set(bundle.parent.iterdir()) == {bundle, package}


def test_it_needs_what_the_libraries_need(package: Path) -> None:
    assert _field(package, "Depends").split(", ") == ["libc6 (>= 2.34)", *needs.packages()]


def test_its_checksums_are_those_of_its_files(unpacked: Path) -> None:
    rows = {row[34:]: row[:32] for row in (unpacked / "DEBIAN" / "md5sums").read_text().splitlines()}
    files = {str(file.relative_to(unpacked)) for file in unpacked.rglob("*") if file.is_file()}
    links = {str(file.relative_to(unpacked)) for file in unpacked.rglob("*") if file.is_symlink()}
    assert set(rows) == {name for name in files - links if not name.startswith("DEBIAN")}
    for name, checksum in rows.items():
        assert hashlib.md5((unpacked / name).read_bytes()).hexdigest() == checksum


def test_it_says_what_torch_is_built_for(package: Path) -> None:
    assert package.name.startswith("sfumato-cpu_1.2.0-1_")
    assert _field(package, "Package") == "sfumato"  # one flavour replaces another
    assert _field(package, "Description").splitlines()[0].endswith("(cpu)")


def test_it_says_how_much_room_it_takes(package: Path, unpacked: Path) -> None:
    files = [file for file in (unpacked / "usr").rglob("*") if file.is_file() and not file.is_symlink()]
    assert int(_field(package, "Installed-Size")) == sum(-(-file.stat().st_size // 1024) for file in files)


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("1.2.0", "1.2.1"),
        ("1.2.0", "1.2.0+5.gab12cd3"),
        ("1.2.0+5.gab12cd3", "1.2.0+12.g0012cd3"),
        ("1.2.0+5.gab12cd3", "1.2.1"),
        ("1.2.0-rc1", "1.2.0"),
        ("1.2.0rc1", "1.2.0-rc2"),
        ("1.2.0-rc1+3.gab12cd3", "1.2.0"),
    ],
)
def test_newer_versions_replace_older_ones(older: str, newer: str) -> None:
    _run("dpkg", "--compare-versions", debian.debian_version(older), "lt", debian.debian_version(newer))


def test_the_commit_is_told_as_it_is() -> None:
    assert debian.debian_version("1.2.0-rc1+5.gab12cd3") == "1.2.0~rc1+5.gab12cd3-1"


def test_it_comes_is_upgraded_and_goes_and_leaves_what_people_made(bundle: Path, tmp_path: Path) -> None:
    root = tmp_path / "machine"
    for folder in ("var/lib/dpkg/info", "var/lib/dpkg/updates", "usr/share"):
        (root / folder).mkdir(parents=True)
    (root / "var/lib/dpkg/status").touch()
    picture = root / "home/a/Pictures/Sfumato/2026-11/lake.png"
    picture.parent.mkdir(parents=True)
    picture.write_text("picture")
    forced = [f"--force-{each}" for each in ("not-root", "depends", "script-chrootless")]
    dpkg = ("dpkg", f"--root={root}", *forced, "--log=/dev/null")
    _run(*dpkg, "--install", debian.make(bundle, "1.2.0", "cpu", bundle.parent))
    (bundle / "_internal" / "data.txt").rename(bundle / "_internal" / "newer.txt")
    _run(*dpkg, "--install", debian.make(bundle, "1.2.1", "cpu", bundle.parent))
    installed = root / "usr/lib/sfumato/_internal"
    assert {file.name for file in installed.iterdir()} == {"newer.txt", "LICENSE", "libpretended.so.1"}
    _run(*dpkg, "--purge", "sfumato")
    assert not (root / "usr/lib").exists()
    assert not (root / "usr/bin").exists()
    assert picture.read_text() == "picture"


@pytest.mark.skipif(not shutil.which("lintian"), reason="asks lintian")
def test_lintian_finds_nothing(bundle: Path) -> None:
    (bundle / "_internal" / "libpretended.so.1").unlink()
    package = debian.make(bundle, "1.2.0", "cpu", bundle.parent)
    found = subprocess.run(["lintian", "--allow-root", str(package)], capture_output=True, text=True)
    assert found.stdout == ""
