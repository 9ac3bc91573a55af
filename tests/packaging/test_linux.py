"""What tells a Linux desktop about the program: kinds of files, names, icons, manuals."""

from __future__ import annotations

import configparser
import mimetypes
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PySide6.QtCore import QRect

import debian
from desktop import cli
from desktop.canvas.files import ora
from desktop.canvas.files.formats import OPENS
from desktop.canvas.snapshot import Snapshot

ENTRY = debian.LINUX / "sfumato.desktop"
KINDS = debian.LINUX / "sfumato.xml"
SPACE = {"m": "http://www.freedesktop.org/standards/shared-mime-info"}


@pytest.fixture
def entry() -> configparser.SectionProxy:
    parser = configparser.RawConfigParser()
    parser.optionxform = str  # pyright: ignore[reportAttributeAccessIssue]
    parser.read(ENTRY, encoding="utf-8")
    return parser["Desktop Entry"]


def test_the_desktop_offers_the_program_for_all_that_it_opens(entry: configparser.SectionProxy) -> None:
    types = mimetypes.MimeTypes()
    types.add_type("image/openraster", ".ora")
    types.add_type("image/avif", ".avif")
    types.add_type("image/webp", ".webp")
    opened = {types.guess_type(f"picture{suffix}")[0] for suffix in OPENS}
    assert set(entry["MimeType"].strip(";").split(";")) == opened
    assert entry["Exec"] == "sfumato %F"  # a second launch hands them to the first


@pytest.mark.skipif(not shutil.which("desktop-file-validate"), reason="asks desktop-file-validate")
def test_the_entry_is_valid() -> None:
    found = subprocess.run(["desktop-file-validate", str(ENTRY)], capture_output=True, text=True)
    assert found.stdout + found.stderr == ""


def test_software_centres_are_told_the_same(entry: configparser.SectionProxy) -> None:
    told = ET.parse(debian.LINUX / debian.METAINFO).getroot()
    assert {kind.text for kind in told.iter("mediatype")} == set(entry["MimeType"].strip(";").split(";"))
    assert [each.text for each in told.iter("launchable")] == [ENTRY.name]
    assert [each.text for each in told.iter("binary")] == list(debian.PROGRAMS)
    assert told.findtext("summary") == entry["Comment"]
    assert f"{told.findtext('id')}.metainfo.xml" == debian.METAINFO


@pytest.mark.skipif(not shutil.which("appstreamcli"), reason="asks appstreamcli")
def test_what_they_are_told_is_valid() -> None:
    command = ["appstreamcli", "validate", "--no-net", "--strict", str(debian.LINUX / debian.METAINFO)]
    assert subprocess.run(command, capture_output=True).returncode == 0


def test_documents_are_known_by_their_names_and_by_their_first_bytes(tmp_path: Path) -> None:
    kind = ET.parse(KINDS).find("m:mime-type[@type='image/openraster']", SPACE)
    assert kind is not None
    assert [each.get("pattern") for each in kind.findall("m:glob", SPACE)] == ["*.ora"]
    ora.write(tmp_path / "a.ora", Snapshot.new(QRect(0, 0, 64, 64)), None)
    content = (tmp_path / "a.ora").read_bytes()
    for match in kind.iter(f"{{{SPACE['m']}}}match"):
        value = match.get("value", "").encode().decode("unicode_escape").encode("latin-1")
        assert content.startswith(value, int(match.get("offset", "")))


def test_the_manual_names_each_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.run(["--help"])
    commands = [
        line.split()[0] for line in capsys.readouterr().out.splitlines() if line.startswith("    ") and line[4] != " "
    ]
    manual = (debian.LINUX / "sfumato-cli.1").read_text(encoding="utf-8")
    assert len(commands) >= 6
    assert [
        name for name in commands if f".TP\n.B {name}\n" not in manual or f".B sfumato-cli {name}\n" not in manual
    ] == []


def test_the_manual_names_each_format() -> None:
    manual = (debian.LINUX / "sfumato.1").read_text(encoding="utf-8").lower()
    spelled = {".jpg": "jpeg", ".jpeg": "jpeg", ".tif": "tiff"}
    assert [suffix for suffix in OPENS if spelled.get(suffix, suffix[1:]) not in manual] == []
