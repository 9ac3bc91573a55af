"""The log and the traces of crashes: in programs of their own, as they are the whole process's."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from desktop import logs

CRASH = "import faulthandler; from desktop import logs\nwith logs.kept():\n    faulthandler._sigsegv()"
ENDS = "from desktop import logs\nwith logs.kept():\n    logs.LOG.info('it begins')"
SPEAKS = """
import os, sys, faulthandler
from pathlib import Path
from desktop import logs
logs.keep_last_words(Path(sys.argv[1]))
print("in Python", file=sys.stderr)
os.write(2, b"in a library\\n")
faulthandler._sigsegv()
"""
FLOODS = """
import os, sys, time
from pathlib import Path
from desktop import logs
logs.MOST_BYTES, logs.LOOK, file = 1000, 0.01, Path(sys.argv[1])
logs.keep_last_words(file)
for number in range(100):
    os.write(2, f"line {number} of many\\n".encode())
    time.sleep(0.002)
end = time.monotonic() + 10
while file.stat().st_size > 1000 and time.monotonic() < end:
    time.sleep(0.01)
os.write(2, b"the end\\n")
"""
BREAKS = """
import faulthandler
from desktop import logs
try:
    with logs.kept():
        raise ValueError
except ValueError:
    print(faulthandler.is_enabled(), logs.LOG.parent.handlers)
"""
NO_CONSOLE = """
import sys
sys.stdout = sys.stderr = None
from desktop.__main__ import main
sys.argv = ["sfumato", "describe", "/nowhere/a.png"]
main()
"""


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)


@pytest.mark.skipif(os.name == "nt", reason="no signals there")
def test_a_crash_leaves_its_trace_and_the_next_launch_takes_it_once() -> None:
    assert run(CRASH).returncode == -signal.SIGSEGV
    assert logs.take_crash() == ""  # it becomes that of the last time as the next launch begins
    assert run(ENDS).returncode == 0
    trace = logs.take_crash()
    assert "Segmentation fault" in trace
    assert '"<string>", line 3' in trace
    assert logs.take_crash() == ""


def test_a_good_end_leaves_a_log_and_no_trace() -> None:
    for _ in range(2):
        assert run(ENDS).returncode == 0
    assert sorted(file.name for file in logs.folder().iterdir()) == [logs.NAME]
    assert logs.tail(logs.folder() / logs.NAME).count("it begins") == 2
    assert logs.take_crash() == ""


def test_where_no_log_is_kept_nothing_is_printed() -> None:
    assert run("from desktop import logs\nlogs.LOG.error('the engine was killed')").stderr == ""


def test_where_nothing_can_be_written_the_program_goes_on() -> None:
    logs.folder().parent.mkdir(parents=True)
    logs.folder().write_text("a file in the way")
    done = run(ENDS)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_log_stays_small_and_tells_no_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MOST_BYTES", 2000)
    with logs._logging(tmp_path / "a.log"):
        for number in range(200):
            logs.LOG.warning("%s: /home/ann/Bilder/%s.png", number, number)
    files = list(tmp_path.iterdir())
    assert len(files) == 1 + logs.OLDER
    assert all(file.stat().st_size <= 2000 for file in files)
    assert "199: <path>" in logs.tail(tmp_path / "a.log")
    assert not any("ann" in file.read_text() for file in files)
    assert not [each for each in logging.getLogger().handlers if isinstance(each, logs._Handler)]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
def test_a_full_disk_takes_only_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    with logs._logging(Path("/dev/full")):
        logs.LOG.warning("a line")
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(os.name == "nt", reason="no signals there")
def test_the_last_words_of_a_process_are_kept_whoever_says_them(tmp_path: Path) -> None:
    file = tmp_path / "logs" / logs.ENGINE
    for _ in range(2):
        done = run(SPEAKS, str(file))
        assert (done.returncode, done.stderr) == (-signal.SIGSEGV, "")
    for each in (file, file.with_name(logs.LAST_ENGINE)):
        words = logs.tail(each)
        assert words.startswith("in Python\nin a library\nFatal Python error: Segmentation fault")


def test_what_an_engine_says_without_end_takes_no_room_without_end(tmp_path: Path) -> None:
    file = tmp_path / logs.ENGINE
    assert run(FLOODS, str(file)).returncode == 0
    assert file.stat().st_size <= 1100
    assert logs.tail(file).endswith("the end")
    assert "of many" in logs.tail(file.with_name(logs.LAST_ENGINE))


def test_a_window_that_cannot_begin_leaves_no_trace_where_another_file_may_be() -> None:
    assert run(BREAKS).stdout == "False []\n"
    assert not (logs.folder() / logs.CRASH).exists() or not (logs.folder() / logs.CRASH).read_bytes()


def test_only_the_newest_lines_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "TAIL", 20)
    file = tmp_path / "a.log"
    file.write_text("a long line at first\nsecond\nthird\n")
    assert logs.tail(file) == "second\nthird"
    assert logs.tail(tmp_path / "none") == ""


def test_a_program_without_a_console_can_say_what_it_wants() -> None:
    done = run(NO_CONSOLE)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "")
