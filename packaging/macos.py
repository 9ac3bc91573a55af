"""The application for macOS: what its Info.plist says, and the way to a signed image of a disk.

Not tried: written where there is no macOS. Tests check what can be checked elsewhere.

The environment variable SFUMATO_IDENTITY names a "Developer ID Application" certificate of the keychain, SFUMATO_NOTARY
a profile that `xcrun notarytool store-credentials` has kept. Without the first the application is signed for this
machine only; without the second Apple has not looked at it, and people must allow it in their settings.
"""

from __future__ import annotations

import os
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
CODE = {".so", ".dylib"}


def make(bundle: Path, version: str, out: Path) -> Path:
    """`sfumato-VERSION-macos.dmg` in `out`, of the application `Sfumato.app`, which is signed where it lies."""
    out.mkdir(parents=True, exist_ok=True)
    identity = os.environ.get("SFUMATO_IDENTITY", "-")
    for command in signing(bundle, identity):
        _run(command)
    image = out / f"sfumato-{version}-macos.dmg"
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
    """Libraries and frameworks, and programs beside the first."""
    for path in application.rglob("*"):
        if path.is_symlink():
            continue
        framework = path.is_dir() and path.suffix == ".framework"
        program = path.is_file() and path.parent.name == "MacOS"
        if framework or program or (path.is_file() and path.suffix in CODE):
            yield path


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
