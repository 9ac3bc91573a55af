"""The installer for Windows, as far as it can be read elsewhere."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

import windows
from desktop.canvas.files.formats import OPENS

KINDS = {"Source", "Name", "Root", "Filename", "Type"}  # what a row of a section begins with


def _sections() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    section = ""
    for line in windows.SCRIPT.read_text(encoding="utf-8").splitlines():
        if heading := re.fullmatch(r"\[(\w+)\]", line):
            section = heading[1]
        elif line and not line.startswith((";", "#")):
            found[section].append(line)
    return found


def _setup() -> dict[str, str]:
    return dict(line.split("=", 1) for line in _sections()["Setup"])


def test_its_rows_are_rows() -> None:
    sections = _sections()
    assert set(sections) == {"Setup", "Tasks", "InstallDelete", "Files", "Icons", "Registry", "Run"}
    assert len(_setup()) == len(sections["Setup"])
    for row in (row for name, rows in sections.items() if name != "Setup" for row in rows):
        fields = [field.split(":", 1)[0].strip() for field in re.sub(r'"(""|[^"])*"', '""', row).split(";")]
        assert fields[0] in KINDS
        assert len(fields) == len(set(fields))
        assert row.count('"') % 2 == 0


def test_what_it_is_told_is_all_that_it_asks_for(bundle: Path, tmp_path: Path) -> None:
    text = windows.SCRIPT.read_text(encoding="utf-8")
    told = {word[2:].split("=")[0] for word in windows.arguments(bundle, "1.2.0", "cuda", tmp_path)[:-1]}
    assert set(re.findall(r"\{#(\w+)\}", text)) == told | set(re.findall(r"^#define (\w+)", text, re.MULTILINE))


def test_the_files_that_it_names_are_there() -> None:
    for name in ("LicenseFile", "SetupIconFile"):
        assert (windows.SCRIPT.parent / _setup()[name].replace("\\", "/")).is_file()


def test_an_upgrade_finds_what_it_replaces() -> None:
    assert _setup()["AppId"] == "{{6C0B1E52-5D3B-4F0E-9B6A-4B6C5D0F7E21}"  # never to be changed


def test_only_the_programs_own_files_are_ever_removed() -> None:
    assert _sections()["InstallDelete"] == [r'Type: filesandordirs; Name: "{app}\_internal"']
    assert "UninstallDelete" not in _sections()


def test_it_offers_the_program_for_all_that_it_opens() -> None:
    rows = [row for row in _sections()["Registry"] if "SupportedTypes" in row]
    assert [re.findall(r'ValueName: "(.+?)"', row)[0] for row in rows] == list(OPENS)


def test_files_are_given_to_the_program_whole_whatever_their_names() -> None:
    commands = [row for row in _sections()["Registry"] if "command" in row]
    assert len(commands) == 2
    assert all(r'ValueData: """{app}\{#Program}"" ""%1"""' in row for row in commands)


@pytest.mark.parametrize(
    ("version", "numbers"),
    [
        ("1.2.0", (1, 2, 0, 0)),
        ("1.2", (1, 2, 0, 0)),
        ("1.2.0+5.gab12cd3", (1, 2, 0, 5)),
        ("1.2.3-rc1", (1, 2, 3, 0)),
        ("0.1.0+gab12cd3", (0, 1, 0, 0)),
    ],
)
def test_versions_become_the_four_numbers_that_windows_compares(version: str, numbers: tuple[int, ...]) -> None:
    assert windows.numbers(version) == numbers


def test_the_version_resource_is_what_pyinstaller_reads() -> None:
    def told(kind: str) -> Any:
        return lambda *values, **named: (kind, *values, named)

    kinds = (
        "VSVersionInfo",
        "FixedFileInfo",
        "StringFileInfo",
        "StringTable",
        "StringStruct",
        "VarFileInfo",
        "VarStruct",
    )
    text = windows.version_resource("1.2.0+5.gab12cd3", "sfumato-cli")
    _, named = eval(text, {kind: told(kind) for kind in kinds})
    table = named["kids"][0][1][0]
    strings = dict(row[1:3] for row in table[2])
    assert named["ffi"][1]["filevers"] == (1, 2, 0, 5)
    assert strings["ProductVersion"] == "1.2.0+5.gab12cd3"
    assert strings["OriginalFilename"] == "sfumato-cli.exe"
    assert named["kids"][1][1][0][1:3] == ("Translation", [int(table[1][:4], 16), int(table[1][4:], 16)])


def test_what_fits_no_single_file_is_spread(bundle: Path, tmp_path: Path) -> None:
    assert "/DSpanning=no" in windows.arguments(bundle, "1.2.0", "cuda", tmp_path)
    with (bundle / "_internal" / "libcublasLt.dll").open("wb") as stream:
        stream.truncate(windows.MOST_IN_ONE + 1)
    assert "/DSpanning=yes" in windows.arguments(bundle, "1.2.0", "cuda", tmp_path)


def test_its_file_says_what_torch_is_built_for() -> None:
    name = _setup()["OutputBaseFilename"].replace("{#Version}", "1.2.0").replace("{#Flavour}", "cuda")
    assert name == windows.installer_name("1.2.0", "cuda")
