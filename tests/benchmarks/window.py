"""The window: its launch, the gaps of its event loop, its delays and its memory, each beside a bare PySide6 window.

python -m tests.benchmarks.window [launch] [gaps] [delays] [previews] [memory]
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from desktop.database import Database
from desktop.settings import Settings
from tests.benchmarks.table import compare, heading, row
from tests.benchmarks.window_children import MANY, command

LAUNCHES = 15
ROUNDS = 3
LONGEST = 300  # seconds for a child
FRAME = 1000 / 60  # ms
PHASES = {  # between which marks
    "while the engine starts": ("start", "load"),
    "while it loads": ("load", "generate"),
    "while it generates": ("generate", "end"),
    "in all": ("start", "end"),
}


def child(name: str, *numbers: float) -> Any:
    """What it has found."""
    done = subprocess.run(command(name, *numbers), stdout=subprocess.PIPE, check=True, timeout=LONGEST)
    return json.loads(done.stdout)


def in_turn(*children: Callable[[], Any]) -> list[list[Any]]:
    """What each has found, round by round."""
    rounds = [[run() for run in children] for _ in range(ROUNDS)]
    return [list(found) for found in zip(*rounds, strict=True)]


# ---------------------------------------------------------------- what is measured


def launch() -> None:
    heading("Launch")

    def to_first_frame(name: str) -> float:
        start = time.monotonic()
        found = child(name)
        assert not found["torch"]
        return (found["at"] - start) * 1000

    ours, bare = lambda: to_first_frame("launch"), lambda: to_first_frame("bare_launch")
    compare("from process start to the first frame", ours, bare, "<= 2.5", "ms", LAUNCHES)
    print("torch is not imported by then")


def gaps() -> None:
    heading("Gaps of the event loop; baseline: a bare loop beside an engine at the same work")
    window, beside = in_turn(lambda: child("window_at_work"), lambda: child("bare_loop_beside_an_engine"))
    for name, (begin, end) in PHASES.items():
        ours, theirs = ([_gaps(each, begin, end) for each in found] for found in (window, beside))
        for share, words, goal in ((0.5, "p50", ""), (0.99, "p99", "<= 16 ms"), (1.0, "largest", "")):
            mine, bare = ([_quantile(each, share) for each in found] for found in (ours, theirs))
            row(f"{name}: {words}", mine, bare, goal, "ms")
        late = [sum(gap > FRAME for gap in each) for each in ours]
        print(f"{'':46} of {min(map(len, ours))} to {max(map(len, ours))} gaps, longer than a frame: {late}")
    idle = child("idle_loop", median(each["marks"]["end"] - each["marks"]["start"] for each in window))
    still = _gaps(idle, "start", "end")
    print(f"an idle bare loop: p50 {median(still):.3f}, p99 {_quantile(still, 0.99):.3f}, largest {max(still):.3f} ms")
    assert not any(each["torch"] for each in window)
    print("torch is not imported in the window's process after all that")


def delays() -> None:
    heading("Delays; baseline: an engine without a window")
    for side in (128, 512):
        window, alone = in_turn(lambda: child("window_delays", side), lambda: child("engine_delays", side))  # noqa: B023
        for name, words, goal in (
            ("press", "Generate to Started", "<= 50 ms"),
            ("cancel", "Cancel to idle", "<= a step"),
            ("step", "a step", ""),
        ):
            mine, bare = ([median(each[name]) * 1000 for each in found] for found in (window, alone))
            row(f"{side} x {side}: {words}, median", mine, bare, goal, "ms")
            if goal:
                mine, bare = ([max(each[name]) * 1000 for each in found] for found in (window, alone))
                row(f"{side} x {side}: {words}, largest", mine, bare, goal, "ms")


def previews() -> None:
    heading("From a step's preview to its paint; baseline: a window that does nothing else")
    for side in (128, 512):
        window, bare = in_turn(lambda: child("window_previews", side), lambda: child("bare_previews", side))  # noqa: B023
        for share, words in ((0.5, "p50"), (0.9, "p90"), (1.0, "largest")):
            mine, theirs = ([_quantile(each["seconds"], share) * 1000 for each in found] for found in (window, bare))
            row(f"{side} x {side}: {words}", mine, theirs, f"<= {FRAME + 10:.1f} ms", "ms")
        unseen = [each["made"] - len(each["seconds"]) for each in window]
        print(f"{'':46} overtaken before they were painted: {unseen} of {[each['made'] for each in window]}")


def memory() -> None:
    heading("Memory of the window's process; baseline: a bare window at rest")
    for name, side, words in (
        ("window_memory", 128, "128 x 128, real"),
        ("window_memory_without_engine", 512, "512 x 512, plain"),
    ):
        window, bare = in_turn(lambda: child(name, side), lambda: child("bare_memory"))  # noqa: B023
        for kind in ("rss", "pss", "uss"):
            bares = [each[0][kind] for each in bare]
            for place, when in enumerate(("at rest", f"after {MANY}", f"after {2 * MANY}")):
                goal = "<= 200 MB" if kind == "rss" else ""
                row(f"{words}: {kind.upper()} {when}", [each[place][kind] for each in window], bares, goal, "MB")
        grown = [each[2]["uss"] - each[1]["uss"] for each in window]
        print(f"{'':46} USS grown between {MANY} and {2 * MANY}: {[f'{each:.1f}' for each in grown]} MB")


MEASURES = (launch, gaps, delays, previews, memory)


def _gaps(found: dict[str, Any], begin: str, end: str) -> list[float]:
    """Milliseconds between ticks."""
    marks = found["marks"]
    between = [at for at in found["ticks"] if marks[begin] <= at <= marks[end]]
    return [(after - before) * 1000 for before, after in pairwise(between)]


def _quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


# ---------------------------------------------------------------- where it is measured


@contextmanager
def screen() -> Iterator[None]:
    """One that nobody sees: of X11, as people have it, where Xvfb is there to make one."""
    if not shutil.which("Xvfb"):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        yield
        return
    reads, writes = os.pipe()
    options = ["-displayfd", str(writes), "-screen", "0", "1920x1080x24", "-nolisten", "tcp"]
    with subprocess.Popen(["Xvfb", *options], pass_fds=[writes], stderr=subprocess.DEVNULL) as server:
        os.close(writes)
        with os.fdopen(reads) as number:
            os.environ |= {"DISPLAY": f":{number.readline().strip()}", "QT_QPA_PLATFORM": "xcb"}
        try:
            yield
        finally:
            server.terminate()


@contextmanager
def data() -> Iterator[None]:
    """A folder of its own for all launches."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SFUMATO_DATA"] = folder
        with closing(Database(Path(folder) / "sfumato.db")) as database:
            settings = replace(Settings(), pictures=str(Path(folder) / "pictures"))
            database.keep_state("settings", settings.to_json())
        yield


def main() -> None:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # as on people's own machines
    wanted = [each for each in MEASURES if not sys.argv[1:] or each.__name__ in sys.argv[1:]]
    with screen(), data():
        print(f"Qt's platform is {os.environ['QT_QPA_PLATFORM']}")
        for measure in wanted:
            measure()


if __name__ == "__main__":
    main()
