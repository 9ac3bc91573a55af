"""The application for macOS: what its Info.plist says, and the way to a signed image of a disk.

Not tried: written where there is no macOS. Tests check what can be checked elsewhere.

The environment variable SFUMATO_IDENTITY names a "Developer ID Application" certificate of the keychain, SFUMATO_NOTARY
a profile that `xcrun notarytool store-credentials` has kept. Without the first the application is signed for this
machine only; without the second Apple has not looked at it, and people must allow it in their settings.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ENTITLEMENTS = Path(__file__).parent / "macos" / "entitlements.plist"
IDENTIFIER = "art.sfumato.Sfumato"
OPENRASTER = "art.sfumato.openraster"
PICTURES = ["public.png", "public.jpeg", "org.webmproject.webp", "public.tiff", "public.avif"]
OLDEST = "13.0"  # of macOS: Qt 6.11 asks for it
MACH_O = {b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe"}  # how code for one kind of processor begins, and for several


def make(bundle: Path, version: str, flavour: str, out: Path) -> Path:
    """`sfumato-FLAVOUR-VERSION-macos-arm64.dmg` in `out`, of `Sfumato.app`, which is signed where it lies."""
    out.mkdir(parents=True, exist_ok=True)
    identity = os.environ.get("SFUMATO_IDENTITY", "-")
    for command in signing(bundle, identity):
        _run(command)
    image = out / f"sfumato-{flavour}-{version}-macos-{platform.machine()}.dmg"
    with TemporaryDirectory() as folder:
        disk = Path(folder)
        _run(["ditto", str(bundle), str(disk / bundle.name)])
        (disk / "Applications").symlink_to("/Applications")  # where people drag it
        _run(["hdiutil", "create", "-volname", "Sfumato", "-srcfolder", folder, "-format", "ULMO", "-ov", str(image)])
    if identity != "-":
        _run(["codesign", "--sign", identity, "--timestamp", str(image)])
    if profile := os.environ.get("SFUMATO_NOTARY"):
        _run(["xcrun", "notarytool", "submit", str(image), "--keychain-profile", profile, "--wait"])
        _run(["xcrun", "stapler", "staple", str(image)])
    return image


def information(version: str) -> dict[str, Any]:
    """What PyInstaller's BUNDLE takes as `info_plist`."""
    return {
        "CFBundleName": "Sfumato",
        "CFBundleDisplayName": "Sfumato",
        "CFBundleIdentifier": IDENTIFIER,
        "CFBundleShortVersionString": _numbers(version),
        "CFBundleVersion": _numbers(version),
        "CFBundleDevelopmentRegion": "en",
        "LSApplicationCategoryType": "public.app-category.graphics-design",
        "LSMinimumSystemVersion": OLDEST,
        "NSHighResolutionCapable": True,
        "NSSupportsAutomaticGraphicsSwitching": True,
        "NSHumanReadableCopyright": "Apache License 2.0",
        "CFBundleDocumentTypes": [
            _documents("OpenRaster document", "Owner", [OPENRASTER]),
            _documents("Picture", "Alternate", PICTURES),
        ],
        "UTImportedTypeDeclarations": [
            {
                "UTTypeIdentifier": OPENRASTER,
                "UTTypeDescription": "OpenRaster document",
                "UTTypeConformsTo": ["public.data", "public.image"],
                "UTTypeTagSpecification": {
                    "public.filename-extension": ["ora"],
                    "public.mime-type": ["image/openraster"],
                },
            }
        ],
    }


def signing(application: Path, identity: str) -> Iterator[list[str]]:
    """Commands, from the inside out: a signature covers those within. `--deep` would miss libraries in Resources."""
    sign = ["codesign", "--force", "--options", "runtime", "--entitlements", str(ENTITLEMENTS), "--sign", identity]
    stamp = ["--timestamp"] if identity != "-" else []  # Apple's clock, which asks for a real certificate
    for code in sorted(_code(application), key=lambda path: (-len(path.parts), path)):
        yield [*sign, *stamp, str(code)]
    yield [*sign, *stamp, str(application)]


def _code(application: Path) -> Iterator[Path]:
    """Libraries, frameworks and programs, but the first, which is signed with the application."""
    first = application / "Contents" / "MacOS" / "sfumato"
    for path in application.rglob("*"):
        if not path.is_symlink() and path != first and (path.suffix == ".framework" or _is_code(path)):
            yield path


def _is_code(path: Path) -> bool:
    """Not all of it has an ending that says so."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(4) in MACH_O


def _documents(name: str, rank: str, types: list[str]) -> dict[str, Any]:
    return {"CFBundleTypeName": name, "CFBundleTypeRole": "Editor", "LSHandlerRank": rank, "LSItemContentTypes": types}


def _numbers(version: str) -> str:
    """macOS compares three numbers and takes nothing else."""
    found = re.match(r"\d+(\.\d+){1,2}", version)
    if not found:
        raise ValueError(f"{version!r} does not begin with two numbers")
    return found[0]


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True)
