"""The package for Debian and its relatives, made of a finished bundle by dpkg-deb."""

from __future__ import annotations

import gzip
import hashlib
import mmap
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from tempfile import TemporaryDirectory

import needs
from moment import build_date

HERE = Path(__file__).parent
LINUX = HERE / "linux"
ICONS = HERE.parent / "resources" / "icons"
METAINFO = "art.sfumato.Sfumato.metainfo.xml"
SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
PROGRAMS = ("sfumato", "sfumato-cli")
MAINTAINER = "The Sfumato maintainers <maintainers@sfumato.invalid>"
SUMMARY = "desktop studio for Stable Diffusion"
DESCRIPTION = """\
 Sfumato makes pictures from words, and works on pictures: a canvas with layers
 and brushes, masks that say what is made anew, a gallery that finds every
 picture again by its prompt, and each picture's recipe inside its file.
 .
 Everything runs on this machine. A small model is built in, so that the first
 picture needs no download; larger models are used where they lie."""
RECOMMENDED = ("ca-certificates", "xdg-utils")  # whom a site is trusted by; what opens folders and pages
OLDEST_GLIBC = 17  # of 2.17, older than all that Debian still knows
SYMBOL_VERSION = re.compile(rb"\0GLIBC_2\.(\d+)(?=\0)")  # the next name begins where this one ends


def make(bundle: Path, version: str, flavour: str, out: Path) -> Path:
    """`sfumato-FLAVOUR_VERSION_amd64.deb` in `out`. All flavours are one package: one replaces another."""
    out.mkdir(parents=True, exist_ok=True)
    version, machine = debian_version(version), _machine()
    with TemporaryDirectory(dir=bundle.parent, prefix="deb-") as folder:  # beside it, so that files need not be copied
        root = Path(folder) / "sfumato"
        _lay_programs(root / "usr", bundle)
        _lay_desktop(root / "usr" / "share")
        _lay_documents(root / "usr" / "share", version)
        _lay_control(root, version, flavour, machine)
        _settle(root)
        package = out / f"sfumato-{flavour}_{version}_{machine}.deb"
        command = ["dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(root), str(package)]
        same = {"SOURCE_DATE_EPOCH": str(build_date())}  # for all files that are newer
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ | same)
    return package


def debian_version(version: str) -> str:
    """Debian sorts `1.2.0~rc1` before `1.2.0`, and takes what follows a hyphen for a revision of the package."""
    release, plus, build = version.partition("+")
    return (re.sub(r"-?(rc|alpha|beta|a|b)(?=\d)", r"~\1", release, count=1) + plus + build).replace("-", ".") + "-1"


def newest_symbols(bundle: Path) -> int:
    """The x of the glibc 2.x that the bundle's libraries need."""
    return max(_symbols(bundle), default=OLDEST_GLIBC)


def _symbols(bundle: Path) -> Iterator[int]:
    for file in bundle.rglob("*"):
        if file.is_file() and not file.is_symlink() and _is_elf(file):
            with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
                yield from (int(found[1]) for found in SYMBOL_VERSION.finditer(content))


def _is_elf(file: Path) -> bool:
    return _begins(file, b"\x7fELF")


def _begins(file: Path, mark: bytes) -> bool:
    with file.open("rb") as stream:
        return stream.read(len(mark)) == mark


def _machine() -> str:
    return subprocess.run(["dpkg", "--print-architecture"], check=True, capture_output=True, text=True).stdout.strip()


def _lay_programs(usr: Path, bundle: Path) -> None:
    shutil.copytree(bundle, usr / "lib" / "sfumato", symlinks=True, copy_function=os.link)
    (usr / "bin").mkdir()
    for program in PROGRAMS:
        (usr / "bin" / program).symlink_to(f"../lib/sfumato/{program}")


def _lay_desktop(share: Path) -> None:
    _put(share / "applications" / "sfumato.desktop", (LINUX / "sfumato.desktop").read_bytes())
    _put(share / "mime" / "packages" / "sfumato.xml", (LINUX / "sfumato.xml").read_bytes())
    _put(share / "metainfo" / METAINFO, (LINUX / METAINFO).read_bytes())
    icons = share / "icons" / "hicolor"
    _put(icons / "scalable" / "apps" / "sfumato.svg", (ICONS / "sfumato.svg").read_bytes())
    for size in SIZES:
        _put(icons / f"{size}x{size}" / "apps" / "sfumato.png", (ICONS / f"sfumato-{size}.png").read_bytes())


def _lay_documents(share: Path, version: str) -> None:
    documents = share / "doc" / "sfumato"
    _put(documents / "copyright", (LINUX / "copyright").read_bytes())
    changes = f"sfumato ({version}) unstable; urgency=medium\n\n  * Built from its sources.\n\n"
    changes += f" -- {MAINTAINER}  {formatdate(build_date())}\n"
    _put(documents / "changelog.Debian.gz", _zipped(changes.encode()))
    for program in PROGRAMS:
        page = (LINUX / f"{program}.1").read_bytes()
        _put(share / "man" / "man1" / f"{program}.1.gz", _zipped(page))
    _put(share / "lintian" / "overrides" / "sfumato", (LINUX / "lintian-overrides").read_bytes())


def _lay_control(root: Path, version: str, flavour: str, machine: str) -> None:
    files = sorted(file for file in root.rglob("*") if file.is_file() and not file.is_symlink())
    control = {
        "Package": "sfumato",
        "Version": version,
        "Architecture": machine,
        "Maintainer": MAINTAINER,
        "Installed-Size": str(sum(-(-file.stat().st_size // 1024) for file in files)),
        "Depends": ", ".join([f"libc6 (>= 2.{newest_symbols(root)})", *needs.packages()]),
        "Recommends": ", ".join(RECOMMENDED),
        "Section": "graphics",
        "Priority": "optional",
        "Description": f"{SUMMARY} ({flavour})\n{DESCRIPTION}",
    }
    sums = [f"{_checksum(file)}  {file.relative_to(root)}\n" for file in files]
    _put(root / "DEBIAN" / "control", "".join(f"{name}: {value}\n" for name, value in control.items()).encode())
    _put(root / "DEBIAN" / "md5sums", "".join(sums).encode())


def _settle(root: Path) -> None:
    """Modes that do not depend on who built it: programs run, and all can read everything."""
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or _is_program(path) else 0o644)


def _is_program(file: Path) -> bool:
    """Some packages mark all of their files as such."""
    if ".so" in file.suffixes or not file.stat().st_mode & 0o100:
        return False
    return _is_elf(file) or _begins(file, b"#!")


def _put(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def _zipped(content: bytes) -> bytes:
    return gzip.compress(content, 9, mtime=0)


def _checksum(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
