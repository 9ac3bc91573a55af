"""Help: about, diagnostics, updates; and what becomes of bugs, crashes and a second launch."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QSysInfo, Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QHideEvent, QIcon
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QPushButton

from desktop import __version__, logs, paths, reports, versions
from desktop.database import Database
from desktop.engine.api import Failed, Started
from desktop.errors import UserError
from desktop.library.handover import Handover
from desktop.releases import Release
from desktop.studio.notice import Kind, Notice
from desktop.ui import application
from desktop.ui.help import telling
from desktop.ui.help.about import FROM_SOURCE
from desktop.ui.window import Window
from tests.fakes import FakeEngine
from tests.ui.conftest import Open
from tests.ui.hands import click, make, named, settle, toast, until

TRACE = 'Traceback (most recent call last):\n  File "/home/ann/x.py", line 1, in f\nRuntimeError: swans at dawn'
PROMPT = "swans at dawn"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What the system was asked to open."""
    asked: list[Path] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: asked.append(Path(url.toLocalFile() or QUrl(url).toString()))
    )
    return asked


class OfTheSystem(QHideEvent):
    """As a window hears of its being minimised."""

    def spontaneous(self) -> bool:
        return True


def kept() -> list[str]:
    return [file.read_text() for file in sorted(reports.folder().glob("*.txt"))]


def until_idle(window: Window) -> None:
    """What was sent to the lane is done."""
    done: list[None] = []
    window.studio.errands.send(lambda: None, done.append)
    until(lambda: bool(done))


# ---------------------------------------------------------------- reports


def test_a_bug_becomes_a_report_without_prompts_and_its_folder_is_offered(
    window: Window, engine: FakeEngine, opened: list[Path]
) -> None:
    window.studio.session.prompt = PROMPT
    engine.script = [Started(), Failed(f"The engine failed: {PROMPT}", "This is a bug.", TRACE)]
    window.studio.generate()
    shown = toast(window, "The engine failed")
    until(lambda: len(kept()) == 1)
    assert "The engine failed: <prompt>" in kept()[0]
    assert 'File "x.py", line 1' in kept()[0]
    assert PROMPT not in kept()[0]
    click(named(shown, QPushButton, "Open the folder"))
    assert opened == [reports.folder()]


def test_the_same_bug_again_and_again_is_one_report(window: Window) -> None:
    for number in range(50):
        telling.say(window, Notice(Kind.ERROR, f"Number {number}", details=TRACE, is_reported=True))
    telling.say(window, Notice(Kind.ERROR, "Another", details=f"{TRACE}!", is_reported=True))
    until(lambda: len(kept()) == 2)


def test_a_bug_that_never_comes_twice_the_same_leaves_the_first_reports(window: Window) -> None:
    for number in range(30):
        telling.say(window, Notice(Kind.ERROR, f"Number {number}.", details=f"{TRACE} {number}", is_reported=True))
    until_idle(window)
    assert len(kept()) == reports.MOST
    assert "Number 0." in "".join(kept())


def test_prompts_of_the_private_mode_reach_no_report_not_even_when_they_are_long_gone(
    window: Window, engine: FakeEngine
) -> None:
    memory, session = window.studio.memory, window.studio.session
    session.prompt = "a public lake"
    make(window, 1)
    memory.change_settings(private=True)
    session.prompt = "Private swans, at dawn"
    make(window, 2)
    session.prompt = "other private words"
    memory.change_settings(private=False)
    until_idle(window)
    logs.folder().mkdir(parents=True, exist_ok=True)
    (logs.folder() / logs.ENGINE).write_text("cut off: private swans, at dawn\nand: a public lake\n")
    failed = Notice(Kind.ERROR, "Private swans, at dawn", details="ValueError: private swans", is_reported=True)
    telling.say(window, failed)
    until(lambda: len(kept()) == 1)
    assert "swans" not in kept()[0]
    found: list[dict[str, str]] = []
    window.studio.reports.gather(True, found.append)
    until(lambda: bool(found))
    assert "swans" not in "".join(found[0].values())
    assert "a public lake" in found[0]["prompts.txt"]
    assert "and: a public lake" in found[0][logs.ENGINE]


@pytest.mark.parametrize(
    "notice",
    [
        Notice(Kind.ERROR, "The disk is full.", "Make room."),
        Notice(Kind.ERROR, "The LoRA is broken.", details="Of 20 parts, 3 are cut."),
        Notice(Kind.INFO, "The recipe is restored as far as it goes.", details="clip skip: 2"),
    ],
)
def test_what_is_no_bug_is_not_reported(window: Window, notice: Notice) -> None:
    telling.say(window, notice)
    assert "Open the folder" not in [each.text() for each in toast(window, "The").findChildren(QPushButton)]
    until_idle(window)
    assert kept() == []


def test_a_report_that_cannot_be_written_is_no_further_trouble(window: Window) -> None:
    reports.folder().write_text("a file in the way")
    telling.say(window, Notice(Kind.ERROR, "A bug", details=TRACE, is_reported=True))
    until_idle(window)
    assert [each.notice.message for each in window.toasts.shown] == ["A bug"]


def test_the_crash_of_the_last_time_is_told_and_reported(open_window: Open) -> None:
    logs.folder().mkdir(parents=True)
    (logs.folder() / logs.LAST_CRASH).write_text(
        'Fatal Python error: Segmentation fault\n\n  File "a.py", line 1 in f\n'
    )
    window = open_window()
    shown = toast(window, "Sfumato crashed the last time")
    assert named(shown, QPushButton, "Open the folder")
    until(lambda: len(kept()) == 1)
    assert "Segmentation fault" in kept()[0]
    window.close()
    again = open_window()
    settle()
    assert again.toasts.shown == []


def test_what_cannot_be_read_of_the_settings_is_told_and_stays(open_window: Open) -> None:
    window = open_window()
    stored = {**window.studio.memory.settings.to_json(), "theme": "sepia", "brain": {"size": 2}}
    window.close()
    with closing(Database(paths.data_folder() / "sfumato.db")) as database:
        database.keep_state("settings", stored)
    again = open_window()
    assert "theme, brain" in toast(again, "Some settings cannot be read").notice.message
    again.studio.memory.change_settings(rulers=True)
    again.close()
    with closing(Database(paths.data_folder() / "sfumato.db")) as database:
        assert database.state("settings") == json.loads(json.dumps({**stored, "rulers": True}))


# ---------------------------------------------------------------- diagnostics


def test_diagnostics_are_seen_before_they_are_saved(window: Window, tmp_path: Path) -> None:
    window.studio.session.prompt = PROMPT
    window.actions_["diagnostics"].trigger()
    shown = window.help_windows.diagnostics
    until(shown.button.isEnabled)
    names = [shown.names.item(row).text() for row in range(shown.names.count())]
    assert names[0] == "machine.txt"
    assert __version__ in shown.text.toPlainText()
    assert "prompts.txt" not in names
    click(shown.button)
    until(lambda: bool(shown.findChildren(QFileDialog)))
    [dialog] = shown.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path / "d.zip"))
    dialog.close()
    toast(window, "The diagnostics are in d.zip")
    with zipfile.ZipFile(tmp_path / "d.zip") as archive:
        assert archive.namelist() == names
        assert not any(PROMPT.encode() in archive.read(name) for name in names)


def test_prompts_and_paths_are_in_it_only_with_leave(window: Window) -> None:
    window.studio.session.prompt = PROMPT
    window.actions_["diagnostics"].trigger()
    shown = window.help_windows.diagnostics
    until(shown.button.isEnabled)
    click(shown.agreed)
    until(lambda: shown.button.isEnabled() and "prompts.txt" in shown._files)
    assert shown._files["prompts.txt"] == PROMPT
    assert "pictures" in shown._files["settings.json"]
    click(shown.agreed)
    until(lambda: shown.button.isEnabled() and "prompts.txt" not in shown._files)
    click(shown.agreed)
    shown.close()
    window.actions_["diagnostics"].trigger()
    assert not shown.agreed.isChecked()  # leave is given once


def test_a_place_that_cannot_be_written_is_told(window: Window, tmp_path: Path) -> None:
    window.actions_["diagnostics"].trigger()
    shown = window.help_windows.diagnostics
    until(shown.button.isEnabled)
    shown.save(tmp_path / "nowhere" / "d.zip")
    assert toast(window, "d.zip cannot be written").notice.hint
    assert shown.isVisible()


# ---------------------------------------------------------------- about and updates


def test_about_says_what_this_is(window: Window, opened: list[Path]) -> None:
    window.actions_["about"].trigger()
    about = window.help_windows.about
    until(lambda: versions.flavour() in about.flavour.text())
    click(about.notices)
    assert about.problem.text() == FROM_SOURCE
    click(about.data)
    assert opened == [paths.data_folder()]


def test_the_notices_of_the_packaged_program_are_opened(
    window: Window, opened: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "notices_file", lambda: tmp_path / "NOTICES.txt")
    window.actions_["about"].trigger()
    click(window.help_windows.about.notices)
    assert opened == [tmp_path / "NOTICES.txt"]


def test_updates_are_asked_for_and_a_failure_can_be_tried_again(
    window: Window, opened: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = Release("9.0", date(2026, 11, 20), "<b>All</b> is new.", "https://sfumato.example/9")
    asked: list[tuple[Callable[..., object], Callable[..., object]]] = []
    monkeypatch.setattr(window.studio.updates, "check", lambda *answers: asked.append(answers))
    window.actions_["updates"].trigger()
    shown = window.help_windows.updates
    assert "Asking sfumato.example" in shown.title.text()
    assert not shown.go.isVisible()
    asked[0][1](Failed("sfumato.example cannot be reached.", "Look at the connection."))
    assert "cannot be reached" in shown.title.text()
    click(shown.again)
    asked[1][0](newest)
    assert "Sfumato 9.0" in shown.title.text()
    assert shown.news.toPlainText() == "<b>All</b> is new."
    assert opened == []
    click(shown.go)
    assert [str(each) for each in opened] == ["https:/sfumato.example/9"]
    shown.close()
    window.actions_["updates"].trigger()
    asked[2][0](None)
    assert "is the newest" in shown.title.text()
    assert not shown.go.isVisible()


def test_an_answer_comes_to_a_window_that_was_minimised_and_not_to_one_that_was_closed(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[None] = []
    monkeypatch.setattr(window.studio.updates, "check", lambda *answers: None)
    monkeypatch.setattr(window.studio.updates, "leave", lambda: left.append(None))
    window.actions_["updates"].trigger()
    shown = window.help_windows.updates
    shown.hideEvent(OfTheSystem())
    assert left == []
    shown.close()
    assert left == [None]


# ---------------------------------------------------------------- a second launch


def test_a_second_launch_without_files_raises_the_window(window: Window) -> None:
    window.showMinimized()
    until(window.isMinimized)
    Handover(paths.data_folder() / paths.HANDOVER).give([])
    until(lambda: not window.isMinimized())


# ---------------------------------------------------------------- what comes before and beside the window


def test_the_log_tells_how_jobs_went_and_not_what_they_were(
    window: Window, engine: FakeEngine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "sfumato")
    window.studio.session.prompt = PROMPT
    make(window, 1)
    engine.failures = 1
    window.studio.generate()
    until(lambda: bool(window.studio.queue.failed))
    said = "\n".join(caplog.messages)
    assert "a job begins: 128 x 128, 20 steps" in said
    assert "a job is done in 0.6 s" in said
    assert "a job has failed" in said
    assert PROMPT not in said


def test_a_folder_that_cannot_be_written_is_no_open_window(tmp_path: Path) -> None:
    with application.only_one(tmp_path), pytest.raises(application.OpenAlready), application.only_one(tmp_path):
        pass
    host = QSysInfo.machineHostName()
    with application.only_one(tmp_path):
        lock = (tmp_path / "window.lock").read_text()
    (tmp_path / "window.lock").write_text(lock.replace(f"\n{host}\n", "\nanns-laptop\n"))
    with pytest.raises(UserError, match="another computer: anns-laptop") as caught, application.only_one(tmp_path):
        pass
    assert not isinstance(caught.value, application.OpenAlready)
    assert str(tmp_path / "window.lock") in caught.value.hint
    with pytest.raises(UserError, match="can be written") as caught, application.only_one(tmp_path / "nowhere"):
        pass
    assert not isinstance(caught.value, application.OpenAlready)


def test_why_there_is_no_window_is_shown_as_plain_words(qapp: QApplication) -> None:
    seen: list[tuple[str, str, object, bool]] = []

    def look() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        seen.append((box.text(), box.informativeText(), box.textFormat(), box.windowIcon().isNull()))
        box.close()

    qapp.setWindowIcon(QIcon())
    QTimer.singleShot(50, look)
    application.show_problem(UserError("<b>The file</b> is newer.", "Update Sfumato."))
    assert seen == [("<b>The file</b> is newer.", "Update Sfumato.", Qt.TextFormat.PlainText, False)]


def test_files_that_macos_gives_to_the_window_are_opened() -> None:
    code = (
        "from PySide6.QtGui import QFileOpenEvent\n"
        "from desktop import app\n"
        "from desktop.ui import application\n"
        "def run(qt, window):\n"
        "    window.studio.opening.handed_over.connect(lambda files: print(ascii([file.name for file in files])))\n"
        "    qt.sendEvent(qt, QFileOpenEvent('/a b/\u00fc.ora'))\n"
        "    window.close()\n"
        "    return 0\n"
        "application.run = run\n"
        "app.open_window()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == r"['\xfc.ora']" + "\n"
    assert done.returncode == 0


def test_a_window_that_cannot_begin_leaves_a_report() -> None:
    code = (
        "from desktop import app\n"
        "def broken(*_): raise ZeroDivisionError('it broke')\n"
        "app.make_studio = broken\n"
        "app.open_window()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr
    (report,) = kept()
    assert report.startswith("Sfumato cannot go on: ZeroDivisionError('…')")
    assert 'File "desktop/app.py", line' in report
