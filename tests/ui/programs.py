"""Whole programs, which are told to end, or killed."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from tests.ui.story import Story

REPOSITORY = Path(__file__).parents[2]
SFUMATO = [sys.executable, "-m", "desktop"]
PATIENCE = 60.0  # seconds, for what takes a few
OF_OFFSCREEN = re.compile(r"This plugin does not support (propagateSizeHints|raise)\(\)\n")  # about every popup


class Program:
    """One that runs, and the engine's child of it."""

    def __init__(self, command: list[str], environment: dict[str, str]):
        self.popen = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=REPOSITORY,
            env=environment,
            start_new_session=True,
        )
        self.family: list[psutil.Process] = []

    def says(self) -> Any:
        """The next line of what its story tells."""
        assert self.popen.stdout
        line = self.popen.stdout.readline()
        self.family = psutil.Process(self.popen.pid).children(recursive=True) if line else self.family
        assert line, self.popen.stderr.read() if self.popen.stderr else ""
        return json.loads(line)

    def has_engine(self) -> bool:
        """Which it gets once its window has been painted."""
        self.family = psutil.Process(self.popen.pid).children(recursive=True)
        return any("spawn_main" in word for each in self.family for word in _command_of(each))

    def signal(self, number: signal.Signals) -> None:
        self.popen.send_signal(number)

    def ends(self) -> tuple[int, str, str]:
        """Its exit code and what it has written, once it and all that it has begun are gone."""
        out, errors = self.popen.communicate(timeout=PATIENCE)
        assert self.is_gone()
        return self.popen.returncode, out, OF_OFFSCREEN.sub("", errors)

    def is_gone(self) -> bool:
        self.popen.wait(PATIENCE)
        end = time.monotonic() + PATIENCE
        while any(map(lives, self.family)) and time.monotonic() < end:
            time.sleep(0.01)
        return not any(map(lives, self.family))


def lives(process: psutil.Process) -> bool:
    """Rather than being gone, or a zombie that nobody has asked for its exit code."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _command_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


Launch = Callable[..., Program]


def with_story(story: Story) -> list[str]:
    """The command of a program in which somebody uses the window like that."""
    name, module = story.__name__, story.__module__
    script = f"import sys; from {module} import {name}; from tests.ui.story import tell; sys.exit(tell({name}))"
    return [sys.executable, "-c", script]


def kill(program: Program) -> None:
    program.signal(signal.SIGKILL)
    assert program.ends()[0] == -signal.SIGKILL


def files(folder: Path) -> list[Path]:
    return sorted(each for each in folder.rglob("*") if each.is_file())
