"""How soon work goes on after the engine's child is killed, against a fresh start.

python -m tests.benchmarks.recovery
"""

from __future__ import annotations

import time
from contextlib import closing

import psutil

from desktop.engine.api import Engine, Progress
from desktop.engine.process import ProcessEngine
from tests.benchmarks.table import compare, heading
from tests.engine.jobs import job


def to_first_step(engine: Engine) -> float:
    """Seconds from asking to the first step done."""
    start = time.perf_counter()
    for event in engine.run(job()):
        if event == Progress(1, 4, "denoising"):
            return time.perf_counter() - start
    raise RuntimeError("no step was done")


def fresh() -> float:
    with closing(ProcessEngine("cpu")) as engine:
        return to_first_step(engine)


def killed() -> float:
    """From the kill of a child in the middle of a job."""
    with closing(ProcessEngine("cpu")) as engine:
        killed_at = 0.0
        for event in engine.run(job(steps=500)):
            if event == Progress(5, 500, "denoising"):
                killed_at = time.perf_counter()
                next(p for p in psutil.Process().children() if "spawn_main" in " ".join(p.cmdline())).kill()
        noticed = time.perf_counter() - killed_at
        return noticed + to_first_step(engine)


def main() -> None:
    heading("Child killed to the next job's first step")
    compare("after a kill / fresh start", killed, fresh, "<= 1.1")


if __name__ == "__main__":
    main()
