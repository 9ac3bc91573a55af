"""Reports and diagnostics: what is in them, what is not, and how many are kept."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest

from desktop import __version__, logs, reports
from desktop.redaction import Redaction

DEVICES = {"cuda:0": "A large card, 8.0 GB"}
SECRET = "Ann at the sea"


@pytest.fixture(autouse=True)
def _logs() -> None:
    logs.folder().mkdir(parents=True)
    (logs.folder() / logs.NAME).write_text("the engine starts\n")
    (logs.folder() / logs.ENGINE).write_text(f"CUDA error\ntoo long: {SECRET}\nno file /home/ann/Ann.png\n")


def test_a_report_tells_what_happened_and_where() -> None:
    text = reports.compose("ValueError: it broke", "a trace", DEVICES, Redaction.of([SECRET]))
    for told in ("ValueError: it broke", "a trace", __version__, "A large card", "the engine starts", "CUDA error"):
        assert told in text
    for private in (SECRET, "/home/ann", "Ann.png"):
        assert private not in text


def test_the_last_ten_are_kept_and_nothing_else_is_touched() -> None:
    reports.folder().mkdir(parents=True)
    mine = reports.folder() / "mine.txt"
    mine.write_text("a note")
    os.utime(mine, (1, 1))
    kept: list[Path] = []
    for number in range(13):
        kept.append(reports.keep(f"report {number}"))
        os.utime(kept[-1], (1000 + number, 1000 + number))
    assert [file.exists() for file in kept] == [False] * 3 + [True] * 10
    assert kept[-1].read_text() == "report 12"
    assert mine.exists()


def test_diagnostics_without_leave_hold_nothing_private() -> None:
    reports.keep("an older report")
    files = reports.diagnostics(DEVICES, Redaction.of([SECRET]), {})
    assert {"machine.txt", logs.NAME, logs.ENGINE} <= set(files)
    assert "an older report" in files.values()
    assert not [text for text in files.values() if SECRET in text or "/home/ann" in text]


def test_diagnostics_with_leave_hold_all() -> None:
    private = {"prompts.txt": SECRET, "settings.json": '{"hub": "https://ann:pass@mirror"}'}
    files = reports.diagnostics(DEVICES, Redaction.of(["of the private mode"], keeps_places=True), private)
    assert files["prompts.txt"] == SECRET
    assert "/home/ann/Ann.png" in files[logs.ENGINE]
    assert files["settings.json"] == '{"hub": "https://<secret>@mirror"}'


def test_the_words_of_the_engine_before_are_told_where_the_present_one_has_said_nothing() -> None:
    (logs.folder() / logs.ENGINE).replace(logs.folder() / logs.LAST_ENGINE)
    (logs.folder() / logs.ENGINE).touch()
    assert "CUDA error" in reports.compose("it broke", "a trace", DEVICES, Redaction())


def test_a_zip_holds_what_was_seen() -> None:
    with zipfile.ZipFile(io.BytesIO(reports.zipped({"a.txt": "ä\ud800", "reports/b.txt": "b"}))) as archive:
        assert archive.namelist() == ["a.txt", "reports/b.txt"]
        assert archive.read("a.txt").decode() == "ä?"
