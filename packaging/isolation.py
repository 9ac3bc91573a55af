"""A finished bundle as somebody else has it, who sees nothing of this source tree or of the Python that built it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import psutil

ROOT = Path(__file__).parent.parent
NOBODY = 65534
FOLDER = "Möbel und Bäume, 絵"  # where people keep programs
LONGEST = 300.0  # seconds that anything may take here: a machine with two cores has much to do


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


@contextmanager
def running(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "encoding": "utf-8"}
    with subprocess.Popen(command, cwd="/", env=environment, **streams) as program:
        try:
            yield program
        finally:
            if program.poll() is None:
                for each in (*psutil.Process(program.pid).children(recursive=True), program):
                    each.kill()


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


@cache
def _hidden() -> list[str]:
    """The beginning of a command: as nobody, and as if this tree and its Python were not there."""
    if os.geteuid() != 0:
        return []
    user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    hidden = (path for path in (ROOT, Path(sys.base_prefix)) if path != Path("/usr"))
    covers = " && ".join(f"mount -t tmpfs none {shlex.quote(str(path))}" for path in hidden)
    cover = ["unshare", "--mount", "sh", "-c", f'{covers} && exec "$@"', "sh"]
    if subprocess.run([*cover, "true"], capture_output=True).returncode:
        print("Namespaces are forbidden here: the source tree can be seen.", flush=True)
        return user
    return [*cover, *user]
