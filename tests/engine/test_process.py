"""The engine's child process: it may die at any moment, and it dies with its parent."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import psutil
import pytest

from desktop.engine.api import Cancelled, Failed, Finished, Progress
from desktop.engine.process import ProcessEngine
from tests.engine.jobs import job, picture


@pytest.fixture
def process() -> Iterator[ProcessEngine]:
    engine = ProcessEngine("cpu")
    yield engine
    engine.close()


def child(engine: ProcessEngine) -> psutil.Process:
    assert engine._child
    return psutil.Process(engine._child.process.pid)


def kill_at(moment: float, engine: ProcessEngine) -> threading.Timer:
    timer = threading.Timer(moment, lambda: child(engine).kill())
    timer.start()
    return timer


def survive_kills(engine: ProcessEngine, times: int, seed: int) -> None:
    """Kills the child at random moments; each job ends with one last event, and the next one is right."""
    moments = random.Random(seed)
    right = picture(list(engine.run(job(seed=5))))
    failures = 0
    for _ in range(times):
        timer = kill_at(moments.uniform(0, 1.5), engine)
        last = list(engine.run(job(steps=100)))[-1]
        timer.join()
        assert isinstance(last, Failed | Finished)  # finished: killed before it took up the job, and replaced unseen
        if isinstance(last, Failed):
            failures += 1
            assert "SIGKILL" in last.message
            assert last.hint
        assert picture(list(engine.run(job(seed=5)))) == right
    assert failures > times / 2


def test_survives_kills(process: ProcessEngine) -> None:
    survive_kills(process, times=5, seed=0)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_survives_many_kills(process: ProcessEngine) -> None:
    survive_kills(process, times=50, seed=1)


def test_killed_while_it_starts(process: ProcessEngine) -> None:
    timer = kill_at(0.3, process)  # long before torch is imported
    last = list(process.run(job()))[-1]
    timer.join()
    assert isinstance(last, Failed)
    assert isinstance(list(process.run(job()))[-1], Finished)


def test_killed_between_jobs(process: ProcessEngine) -> None:
    right = picture(list(process.run(job())))
    child(process).kill()
    assert picture(list(process.run(job()))) == right


def test_a_second_cancel_kills_a_child_that_does_not_answer(process: ProcessEngine) -> None:
    list(process.run(job()))
    asked = job(steps=500)
    last = None
    for event in process.run(asked):
        if isinstance(event, Progress) and event.step == 1:
            child(process).suspend()  # hangs, as a driver may
            process.cancel(asked.id)
            process.cancel(asked.id)
        last = event
    assert isinstance(last, Cancelled)
    assert isinstance(list(process.run(job()))[-1], Finished)


def test_patience_ends(process: ProcessEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop.engine.process.PATIENCE", 0.1)
    list(process.run(job()))
    asked = job(steps=500)
    last = None
    for event in process.run(asked):
        if isinstance(event, Progress) and event.step == 1:
            child(process).suspend()
            process.cancel(asked.id)
        last = event
    assert isinstance(last, Cancelled)


def test_close_while_a_job_runs() -> None:
    engine = ProcessEngine("cpu")
    closing = threading.Thread(target=engine.close)
    last = None
    for event in engine.run(job(steps=500)):
        if isinstance(event, Progress) and event.step == 1:
            closing.start()
        last = event
    closing.join()
    assert isinstance(last, Cancelled)
    assert engine._child is None


PARENT = """
import sys
from desktop.engine.api import Progress
from desktop.engine.process import ProcessEngine
from tests.engine.jobs import job

if __name__ == "__main__":
    for event in ProcessEngine("cpu").run(job(steps=1000)):
        if isinstance(event, Progress) and event.step == 2:
            print("running", flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_no_process_is_left_when_the_parent_is_killed() -> None:
    command = [sys.executable, "-c", PARENT]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == "running\n"
        family = psutil.Process(parent.pid).children(recursive=True)
        assert family
        parent.send_signal(signal.SIGKILL)
    _, alive = psutil.wait_procs(family, timeout=10)
    assert not alive


def test_interrupts_are_the_parents_business(process: ProcessEngine) -> None:
    asked = job(steps=20)
    sent = False
    last = None
    for event in process.run(asked):
        if isinstance(event, Progress) and event.step == 2 and not sent:
            child(process).send_signal(signal.SIGINT)
            sent = True
        last = event
    assert sent
    assert isinstance(last, Finished)
