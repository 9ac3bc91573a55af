"""The application for macOS, as far as it can be read elsewhere."""

from __future__ import annotations

import plistlib
from pathlib import Path

import pytest

import macos
from desktop.canvas.files.formats import OPENS

UNIFORM = {  # macOS' own names of kinds
    ".png": "public.png",
    ".jpg": "public.jpeg",
    ".jpeg": "public.jpeg",
    ".webp": "org.webmproject.webp",
    ".tif": "public.tiff",
    ".tiff": "public.tiff",
    ".avif": "public.avif",
}


def test_its_information_is_a_property_list() -> None:
    said = macos.information("1.2.0+5.gab12cd3")
    assert plistlib.loads(plistlib.dumps(said)) == said
    assert said["CFBundleShortVersionString"] == said["CFBundleVersion"] == "1.2.0"
    assert said["NSHighResolutionCapable"] is True


def test_it_opens_all_that_the_program_opens() -> None:
    said = macos.information("1.2.0")
    (declared,) = said["UTImportedTypeDeclarations"]
    uniform = UNIFORM | {
        f".{ending}": declared["UTTypeIdentifier"]
        for ending in declared["UTTypeTagSpecification"]["public.filename-extension"]
    }
    opened = {name for kind in said["CFBundleDocumentTypes"] for name in kind["LSItemContentTypes"]}
    assert opened == {uniform[suffix] for suffix in OPENS}


def test_it_asks_for_no_more_rights_than_python_needs() -> None:
    with macos.ENTITLEMENTS.open("rb") as stream:
        asked = plistlib.load(stream)
    rights = ("disable-library-validation", "allow-unsigned-executable-memory")
    assert asked == {f"com.apple.security.cs.{right}": True for right in rights}


def test_it_is_signed_from_the_inside_out(tmp_path: Path) -> None:
    application = tmp_path / "Sfumato.app"
    inside = application / "Contents"
    framework = inside / "Frameworks" / "QtCore.framework"
    code = ("Frameworks/torch/lib/libtorch.dylib", "Frameworks/torch/bin/torch_shm_manager", "Resources/a/b.so")
    for file in ("MacOS/sfumato", "MacOS/sfumato-cli", *code, "Frameworks/QtCore.framework/Versions/A/inner.dylib"):
        (inside / file).parent.mkdir(parents=True, exist_ok=True)
        (inside / file).write_bytes(b"\xcf\xfa\xed\xfe and more")
    (inside / "Resources" / "words.so").write_text("no code")
    (inside / "Frameworks" / "again.dylib").symlink_to("torch/lib/libtorch.dylib")
    commands = list(macos.signing(application, "-"))
    signed = [Path(command[-1]) for command in commands]
    assert signed[-1] == application
    assert signed.index(framework / "Versions" / "A" / "inner.dylib") < signed.index(framework)
    assert {file.relative_to(application).as_posix() for file in signed[:-1]} == {
        "Contents/MacOS/sfumato-cli",
        *(f"Contents/{file}" for file in code),
        "Contents/Frameworks/QtCore.framework",
        "Contents/Frameworks/QtCore.framework/Versions/A/inner.dylib",
    }
    assert not [command for command in commands if "--timestamp" in command]
    assert all("--timestamp" in command for command in macos.signing(application, "Developer ID Application: A"))


@pytest.mark.parametrize(("version", "expected"), [("1.2.0", "1.2.0"), ("1.2-rc1", "1.2"), ("0.1.0+gab12cd3", "0.1.0")])
def test_versions_are_numbers(version: str, expected: str) -> None:
    assert macos.information(version)["CFBundleVersion"] == expected
