"""A finished bundle: its launch beside that of the source, its sizes, and what in it nothing opens.

PYTHONPATH=packaging python -m tests.benchmarks.bundle [BUNDLE] [launch] [sizes] [unopened]
PYTHONPATH=packaging python -m tests.benchmarks.bundle PACKAGE.deb        as root: comes, makes a picture and goes

Needs what `packaging/build-packages.txt` names.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import psutil

from screen import Screen
from tests.benchmarks.table import compare, heading

BUNDLE = Path("dist/sfumato")
LAUNCHES = 9
LONGEST = 60.0  # seconds until a window is painted
OPENED = re.compile(r'^\d+ +(?:open|openat|execve|readlink)\([^"\n]*"([^"\n]+)".*= (?!-1)', re.MULTILINE)
MANY = 40  # lines
NOBODY = 65534
PROMPT = "a lighthouse by the sea at sunset"


def launch(bundle: Path) -> None:
    heading("From process start to the first pixels on a screen of X11; baseline: from source")
    frozen, source = [str(bundle / "sfumato")], [sys.executable, "-m", "desktop"]
    compare("launch", lambda: _to_first_pixels(frozen), lambda: _to_first_pixels(source), "<= 1.3", "ms", LAUNCHES)


def sizes(bundle: Path) -> None:
    total = sum(_files(bundle).values())
    print(f"\n{bundle}: {total / 1e6:.0f} MB in {len(_files(bundle))} files")
    rooms = Counter[str]()
    for name, size in _files(bundle).items():
        parts = Path(name).parts
        rooms["/".join(parts[:2] if parts[0] == "_internal" else parts[:1])] += size
    for room, size in rooms.most_common(MANY):
        print(f"{size / 1e6:9.1f} MB  {room}")


def unopened(bundle: Path) -> None:
    """By `check --all` and a window. What is opened need not be read whole; modules within the program are not told."""
    files, opened = _files(bundle), _opened_by_all(bundle)
    left = Counter({name: size for name, size in files.items() if name not in opened})
    share = sum(left.values()) / sum(files.values())
    print(f"\nNothing opens {sum(left.values()) / 1e6:.0f} MB of {bundle}: {share:.1%}  <= 10 %")
    for name, size in left.most_common(MANY):
        print(f"{size / 1e6:9.2f} MB  {name}")


def install(package: Path) -> None:
    """From `dpkg -i` to the first picture, by a user with an empty home, and what then is left."""
    print(f"\n{package.name}: {package.stat().st_size / 1e6:.0f} MB  <= 300 MB, load {os.getloadavg()[0]:.2f}")
    with tempfile.TemporaryDirectory() as home:
        os.chown(home, NOBODY, NOBODY)
        picture = Path(home) / "picture.png"
        user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        generate = ["env", "-i", f"HOME={home}", "PATH=/usr/bin:/bin", "sfumato-cli", "generate", PROMPT]
        start = time.monotonic()
        try:
            subprocess.run(["dpkg", "--install", str(package)], check=True)
            installed = time.monotonic()
            subprocess.run([*user, *generate, "--out", str(picture)], check=True, cwd="/")
            done = time.monotonic()
        finally:
            subprocess.run(["dpkg", "--purge", "sfumato"], check=True)
        print(f"installed in {installed - start:.1f} s, first picture after {done - start:.1f} s  <= 90 s")
        print(f"left in the system: {[str(path) for path in INSTALLED if path.exists()]}; picture: {picture.is_file()}")


INSTALLED = (Path("/usr/lib/sfumato"), Path("/usr/bin/sfumato"), Path("/usr/share/applications/sfumato.desktop"))
MEASURES = (launch, sizes, unopened)


def _to_first_pixels(command: list[str]) -> float:
    with Screen() as screen, tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"DISPLAY": screen.display, "QT_QPA_PLATFORM": "xcb", "HOME": home}
        start = time.monotonic()
        with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as program:
            try:
                return (screen.wait_for_paint(LONGEST) - start) * 1000
            finally:
                program.kill()


def _opened_by_all(bundle: Path) -> set[str]:
    with Screen() as screen, tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"DISPLAY": screen.display, "HOME": home}
        trace = Path(home) / "trace"
        strace = ["strace", "-f", "-qq", "-e", "trace=open,openat,execve,readlink", "-s", "4096", "-o", str(trace)]
        done = subprocess.run([*strace, str(bundle / "sfumato-cli"), "check", "--all"], env=environment, text=True)
        print(f"check --all ended with {done.returncode}")
        text = trace.read_text(encoding="utf-8", errors="replace")
        with subprocess.Popen([*strace, str(bundle / "sfumato")], env=environment) as window:
            screen.wait_for_paint(LONGEST)
            time.sleep(10)
            for program in psutil.Process(window.pid).children():
                program.terminate()
        text += trace.read_text(encoding="utf-8", errors="replace")
    root = bundle.resolve()
    found = {
        Path(name).resolve() for name in OPENED.findall(text) if name.startswith("/") and not name.startswith("/proc/")
    }
    return {file.relative_to(root).as_posix() for file in found if file.is_relative_to(root)}


def _files(bundle: Path) -> dict[str, int]:
    """Sizes, by their names in the bundle."""
    files = (file for file in bundle.rglob("*") if file.is_file() and not file.is_symlink())
    return {file.relative_to(bundle).as_posix(): file.stat().st_size for file in files}


def main() -> None:
    words = sys.argv[1:]
    if words and words[0].endswith(".deb"):
        install(Path(words[0]).resolve())
        return
    bundle = Path(words.pop(0)) if words and Path(words[0]).is_dir() else BUNDLE
    for measure in MEASURES:
        if not words or measure.__name__ in words:
            measure(bundle.resolve())


if __name__ == "__main__":
    main()
