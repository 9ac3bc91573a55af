"""Tries a finished bundle where nothing of this source tree, its environment or its user can be seen.

python packaging/acceptance.py [BUNDLE] [--out DIR]: on Linux; screenshots go into DIR. As root it runs as nobody, in a
namespace in which the source tree and the Python that built it are empty folders.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psutil
from PIL import Image

from isolation import LONGEST, ROOT, Place, running
from screen import Screen

PROMPT = "a lighthouse by the sea at sunset"
PICTURES = 4
Found = TypeVar("Found")
ENGINE = "--multiprocessing-fork"  # in the command of the engine's child


class Wrong(Exception):
    """What the bundle did, and should not have."""


def speaks(place: Place, out: Path) -> None:
    for words in (["--help"], ["check"], ["models", "--json"]):
        done = _well(place.run(*words))
        print(done.stdout if words == ["check"] else f"{len(done.stdout)} characters")


def makes_a_picture(place: Place, out: Path) -> None:
    file = place.home / "picture.png"
    _well(place.run("generate", PROMPT, "--seed", "1", "--engine", "process", "--out", str(file)))
    _must(_is_colourful(Image.open(file)), "The picture is blank.")
    said = _well(place.run("describe", str(file))).stdout
    _must(PROMPT in said, f"The picture does not say how it was made: {said}")
    shutil.copyfile(file, out / "trial-picture.png")


def checks_everything(place: Place, out: Path) -> None:
    print(_well(place.run("check", "--all")).stdout)


def tells_of_a_killed_engine(place: Place, out: Path) -> None:
    words = ["generate", PROMPT, "--engine", "process", "--steps", "150", "--size", "512x512", "--out", str(place.home)]
    with running(place.command("sfumato-cli", *words), place.environment()) as program:
        engine = _wait(lambda: _engine(program), "The engine has not started.")
        libraries = engine.environ().get("LD_LIBRARY_PATH", "")
        _must(str(place.bundle) in libraries, f"The engine takes libraries from {libraries}")
        _wait(lambda: engine.cpu_times().user > 5, "The engine does nothing.")
        engine.kill()
        _, said = program.communicate(timeout=LONGEST)
    _must("SIGKILL" in said and program.returncode == 2, f"A killed engine is not told: {program.returncode} {said}")


def works_in_the_window(place: Place, out: Path) -> None:
    """The engine is killed after the first of some pictures: one is lost, the others are made by another engine."""
    with Screen() as screen:
        environment = place.environment(DISPLAY=screen.display)
        with running(place.command("sfumato"), environment) as program:
            screen.wait_for_paint(LONGEST)
            _wait(lambda: _engine(program), "The engine has not started.")
            time.sleep(2)  # until the window is at rest
            screen.picture().save(out / "trial-window.png")
            _must(_is_colourful(screen.picture()), "The window is blank.")
            for _ in range(PICTURES):
                _press(environment, "ctrl+Return")
            _wait(lambda: len(_pictures(place)) >= 1, "No picture was made in the window.")
            first = _wait(lambda: _engine(program), "The engine is not there.")
            first.kill()
            _wait(lambda: len(_pictures(place)) == PICTURES - 1, "No picture was made after the engine was killed.")
            _must(_wait(lambda: _engine(program), "There is no engine.").pid != first.pid, "The engine was not killed.")
            screen.picture().save(out / "trial-window-after-kill.png")
            os.kill(_program(program).pid, signal.SIGTERM)
            _, said = program.communicate(timeout=LONGEST)
    _must("Traceback" not in said and not program.returncode, f"The window ended badly: {program.returncode} {said}")


def reports_a_crash(place: Place, out: Path) -> None:
    """A window that breaks down tells so when it comes again."""
    before = _reports(place)  # of the killed engine
    with Screen() as screen:
        environment = place.environment(DISPLAY=screen.display)
        with running(place.command("sfumato"), environment) as program:
            screen.wait_for_paint(LONGEST)
            _wait(lambda: _engine(program), "The engine has not started.")
            os.kill(_program(program).pid, signal.SIGSEGV)
            program.communicate(timeout=LONGEST)
        with running(place.command("sfumato"), environment) as program:
            (report,) = _wait(lambda: _reports(place) - before, "No report was written of a crash.")
            os.kill(_program(program).pid, signal.SIGTERM)
            program.communicate(timeout=LONGEST)
    said = report.read_text(encoding="utf-8")
    _must("Segmentation fault" in said and str(place.home) not in said, f"The report says:\n{said}")


def leaves_its_folder_alone(place: Place, out: Path) -> None:
    newest = max(file.lstat().st_mtime for file in place.bundle.rglob("*") if file.is_dir())
    _must(newest < place.home.lstat().st_mtime, "Something was written into the bundle.")


TRIED: tuple[Callable[[Place, Path], None], ...] = (
    speaks,
    makes_a_picture,
    tells_of_a_killed_engine,
    works_in_the_window,
    reports_a_crash,
    checks_everything,
    leaves_its_folder_alone,
)


def _program(process: subprocess.Popen[str]) -> psutil.Process:
    return psutil.Process(process.pid)  # the wrappers before it have become it


def _engine(process: subprocess.Popen[str]) -> psutil.Process | None:
    _must(process.poll() is None, "The program has ended.")
    children = _program(process).children(recursive=True)
    return next((child for child in children if ENGINE in child.cmdline()), None)


def _pictures(place: Place) -> list[Path]:
    return [file for file in place.home.rglob("*.png") if "Sfumato" in file.parts]


def _reports(place: Place) -> set[Path]:
    return set(place.home.rglob("reports/*.txt"))


def _press(environment: dict[str, str], keys: str) -> None:
    find = ["xdotool", "search", "--sync", "--onlyvisible", "--name", "Sfumato"]
    window = subprocess.run(find, env=environment, check=True, capture_output=True, text=True).stdout.split()[-1]
    order = ["xdotool", "windowfocus", "--sync", window, "key", "--clearmodifiers", keys]
    subprocess.run(order, env=environment, check=True)
    time.sleep(0.5)


def _wait(look: Callable[[], Found | None], otherwise: str) -> Found:
    end = time.monotonic() + LONGEST
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.05)
    raise Wrong(otherwise)


def _is_colourful(picture: Image.Image) -> bool:
    return len(picture.convert("RGB").resize((64, 64)).getcolors(4096) or range(4096)) > 50


def _well(done: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:
    quiet = not re.search(r"Traceback|Warning", done.stderr)
    _must(not done.returncode and quiet, f"{done.args}\n{done.stdout}\n{done.stderr}")
    return done


def _must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Wrong(otherwise)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", nargs="?", type=Path, default=ROOT / "dist" / "sfumato")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    place = Place(options.bundle.resolve())
    try:
        for tried in TRIED:
            began = time.monotonic()
            tried(place, options.out)
            print(f"{tried.__name__.replace('_', ' ')}: {time.monotonic() - began:.1f} s", flush=True)
    finally:
        place.remove()


if __name__ == "__main__":
    main()
