"""Tries a finished bundle where nothing of this source tree, its environment or its user can be seen.

python packaging/trial.py [BUNDLE] [--out DIR]: on Linux; screenshots go into DIR. As root it runs as nobody, in a
namespace in which the source tree and the Python that built it are empty folders.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import TypeVar

import psutil
from PIL import Image

from screen import Screen

ROOT = Path(__file__).parent.parent
NOBODY = 65534
FOLDER = "Möbel und Bäume, 絵"  # where people keep programs
PROMPT = "a lighthouse by the sea at sunset"
LONGEST = 300.0  # seconds that anything may take here: a machine with two cores has much to do
PICTURES = 4
Found = TypeVar("Found")
ENGINE = "--multiprocessing-fork"  # in the command of the engine's child


class Wrong(Exception):
    """What the bundle did, and should not have."""


class Place:
    """A bundle in a folder of its own, and a user with an empty home."""

    def __init__(self, bundle: Path):
        self.root = Path(mkdtemp(prefix="sfumato-trial-"))
        self.root.chmod(0o755)
        self.bundle = self.root / FOLDER / "sfumato"
        self.home = self.root / "home"
        self.home.mkdir()
        _copy(bundle, self.bundle)
        if os.geteuid() == 0:
            os.chown(self.home, NOBODY, NOBODY)

    def environment(self, **more: str) -> dict[str, str]:
        return {"HOME": str(self.home), "PATH": "/usr/bin:/bin", **more}

    def command(self, program: str, *words: str) -> list[str]:
        return [*_hidden(), str(self.bundle / program), *words]

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """The console program."""
        command = self.command("sfumato-cli", *words)
        return subprocess.run(
            command, cwd="/", env=self.environment(), capture_output=True, text=True, encoding="utf-8", timeout=LONGEST
        )

    def remove(self) -> None:
        for folder in (self.bundle, *self.bundle.rglob("*")):
            if folder.is_dir() and not folder.is_symlink():
                folder.chmod(0o755)
        shutil.rmtree(self.root)


# ---------------------------------------------------------------- what is tried


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
    if "--all" not in place.run("check", "--help").stdout:
        print("no check --all yet")
        return
    print(_well(place.run("check", "--all")).stdout)


def tells_of_a_killed_engine(place: Place, out: Path) -> None:
    words = ["generate", PROMPT, "--engine", "process", "--steps", "150", "--size", "512x512", "--out", str(place.home)]
    with _running(place.command("sfumato-cli", *words), place.environment()) as program:
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
        with _running(place.command("sfumato"), environment) as program:
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


def leaves_its_folder_alone(place: Place, out: Path) -> None:
    newest = max(file.lstat().st_mtime for file in place.bundle.rglob("*") if file.is_dir())
    _must(newest < place.home.lstat().st_mtime, "Something was written into the bundle.")


TRIED: tuple[Callable[[Place, Path], None], ...] = (
    speaks,
    makes_a_picture,
    tells_of_a_killed_engine,
    works_in_the_window,
    checks_everything,
    leaves_its_folder_alone,
)


# ---------------------------------------------------------------- how


def _copy(bundle: Path, copy: Path) -> None:
    """Without its bytes where that goes; nothing can be written there."""
    try:
        shutil.copytree(bundle, copy, symlinks=True, copy_function=os.link)
    except OSError:
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(bundle, copy, symlinks=True)
    for folder in (copy, *copy.rglob("*")):
        if folder.is_dir() and not folder.is_symlink():
            folder.chmod(0o555)


def _hidden() -> list[str]:
    """The beginning of a command: as nobody, and as if this tree and its Python were not there."""
    if os.geteuid() != 0:
        return []
    user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    covers = " && ".join(
        f"mount -t tmpfs none {path}" for path in (ROOT, Path(sys.base_prefix)) if path != Path("/usr")
    )
    cover = ["unshare", "--mount", "sh", "-c", f'{covers} && exec "$@"', "sh"]
    can = not subprocess.run([*cover, "true"], capture_output=True).returncode
    return [*cover, *user] if can else user


@contextmanager
def _running(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "encoding": "utf-8"}
    with subprocess.Popen(command, cwd="/", env=environment, **streams) as program:
        try:
            yield program
        finally:
            for each in (
                (*psutil.Process(program.pid).children(recursive=True), program) if program.poll() is None else ()
            ):
                each.kill()


def _program(process: subprocess.Popen[str]) -> psutil.Process:
    return psutil.Process(process.pid)  # the wrappers before it have become it


def _engine(process: subprocess.Popen[str]) -> psutil.Process | None:
    _must(process.poll() is None, "The program has ended.")
    children = _program(process).children(recursive=True)
    return next((child for child in children if ENGINE in child.cmdline()), None)


def _pictures(place: Place) -> list[Path]:
    return [file for file in place.home.rglob("*.png") if "Sfumato" in file.parts]


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
