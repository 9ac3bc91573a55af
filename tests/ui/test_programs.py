"""Programs as people begin and end them."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

from desktop import reports
from desktop.paths import HANDOVER, data_folder
from tests.ui import hands
from tests.ui.hands import until
from tests.ui.programs import SFUMATO, Launch, files

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")

OPEN_ALREADY = "Sfumato is open already: its window comes to the front.\n"


def test_interrupts_close_it_like_a_click(launch: Launch) -> None:
    program = launch()
    until(program.has_engine)
    os.killpg(program.popen.pid, signal.SIGINT)  # Ctrl+C is for all
    assert program.ends() == (0, "", "")


def test_a_second_one_calls_for_the_first_and_hands_its_files_over(launch: Launch, tmp_path: Path) -> None:
    file = tmp_path / "theirs ö.png"
    file.write_bytes(hands.picture(160, 96).png())
    first = launch()
    until(first.has_engine)
    assert launch().ends() == (0, OPEN_ALREADY, "")
    until(lambda: not list((data_folder() / HANDOVER).iterdir()))  # it has heard
    assert first.popen.poll() is None
    assert launch([*SFUMATO, str(file)]).ends() == (0, OPEN_ALREADY, "")
    until(lambda: list((data_folder() / "inputs").glob("*.png")) != [])  # it has become the source
    first.signal(signal.SIGTERM)
    assert first.ends() == (0, "", "")
    assert not list((data_folder() / HANDOVER).iterdir())


def test_a_first_one_opens_the_files_that_it_is_given(launch: Launch, tmp_path: Path) -> None:
    file = tmp_path / "theirs.png"
    file.write_bytes(hands.picture(160, 96).png())
    first = launch([*SFUMATO, str(file)])
    until(lambda: list((data_folder() / "inputs").glob("*.png")) != [])
    first.signal(signal.SIGTERM)
    assert first.ends() == (0, "", "")


def test_a_crash_is_told_by_the_next_one(launch: Launch) -> None:
    first = launch()
    until(first.has_engine)
    first.signal(signal.SIGSEGV)
    assert first.is_gone()
    again = launch()
    until(lambda: reports.folder().exists() and bool(files(reports.folder())))
    again.signal(signal.SIGTERM)
    assert again.ends() == (0, "", "")
    (report,) = files(reports.folder())
    assert report.read_text().startswith("Sfumato crashed the last time.")
    assert 'File "desktop/ui/application.py", line' in report.read_text()


def test_two_people_on_one_machine_each_have_their_window(launch: Launch, tmp_path: Path) -> None:
    theirs = tmp_path / "Zoë Müllers Haus"
    shutil.copytree(data_folder(), theirs)
    one, other = launch(), launch(environment={**os.environ, "SFUMATO_DATA": str(theirs), "HOME": str(theirs)})
    for each in (one, other):
        until(each.has_engine)
        each.signal(signal.SIGTERM)
        assert each.ends() == (0, "", "")


def test_without_a_display_it_says_so(launch: Launch) -> None:
    blind = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    del blind["QT_QPA_PLATFORM"]
    code, out, errors = launch(environment=blind).ends()
    assert (code, out) == (2, "")
    assert errors.startswith("sfumato: There is no display to open a window on.\n")
    assert "sfumato generate" in errors
