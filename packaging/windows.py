"""The installer for Windows, made of a finished bundle by Inno Setup, and what Windows shows of a program's version.

Not tried: written where there is no Windows. Tests check what can be checked elsewhere.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).parent / "windows" / "sfumato.iss"
MOST_IN_ONE = 6_000_000_000  # bytes unpacked; packed they are about half, and Windows runs no program of 4 GB
SHOWN = {
    "CompanyName": "The Sfumato maintainers",
    "FileDescription": "Sfumato",
    "InternalName": "sfumato",
    "LegalCopyright": "Apache License 2.0",
    "ProductName": "Sfumato",
}


def make(bundle: Path, version: str, flavour: str, out: Path) -> Path:
    """`sfumato-FLAVOUR-VERSION-windows-x64.exe` in `out`. Inno Setup must be installed."""
    subprocess.run([_compiler(), *arguments(bundle, version, flavour, out)], check=True)
    return out / f"{installer_name(version, flavour)}.exe"


def installer_name(version: str, flavour: str) -> str:
    """As the script names it."""
    return f"sfumato-{flavour}-{version}-windows-x64"


def arguments(bundle: Path, version: str, flavour: str, out: Path) -> list[str]:
    """What the script is told."""
    size = sum(file.stat().st_size for file in bundle.rglob("*") if file.is_file())
    told = {
        "Version": version,
        "Flavour": flavour,
        "Numbers": ".".join(map(str, numbers(version))),
        "Bundle": str(bundle.resolve()),
        "Out": str(out.resolve()),
        "Spanning": "yes" if size > MOST_IN_ONE else "no",
    }
    return [*(f"/D{name}={value}" for name, value in told.items()), str(SCRIPT)]


def version_resource(version: str, program: str) -> str:
    """The text that PyInstaller's EXE takes as `version`, for the program of that name."""
    shown = {**SHOWN, "OriginalFilename": f"{program}.exe", "FileVersion": version, "ProductVersion": version}
    rows = ",\n        ".join(f"StringStruct({name!r}, {value!r})" for name, value in shown.items())
    return f"""\
VSVersionInfo(
    ffi=FixedFileInfo(filevers={numbers(version)}, prodvers={numbers(version)}, OS=0x40004, fileType=1),
    kids=[
        StringFileInfo([StringTable("040904B0", [
        {rows},
        ])]),
        VarFileInfo([VarStruct("Translation", [0x0409, 1200])]),
    ],
)
"""


def numbers(version: str) -> tuple[int, int, int, int]:
    """All that Windows compares: of 1.2.0+5.gabc1234, five commits after 1.2.0, (1, 2, 0, 5)."""
    found = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?(?:\+(\d+)\.g)?", version)
    if not found:
        raise ValueError(f"{version!r} does not begin with two numbers")
    major, minor, patch, commits = (int(part or 0) for part in found.groups())
    return major, minor, patch, commits


def _compiler() -> str:
    """On the path, or where Inno Setup installs itself."""
    usual = Path(os.environ.get("PROGRAMFILES(X86)", "C:/Program Files (x86)"), "Inno Setup 6", "ISCC.exe")
    return shutil.which("iscc") or str(usual)
