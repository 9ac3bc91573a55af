"""The engine's child process: it may die at any moment, and it dies with its parent."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from desktop.engine.api import Cancelled, Event, Failed, Finished, Progress, Started
from desktop.engine.process import STARTING, ProcessEngine
from tests.engine.jobs import job, picture, wait_for_devices


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


def test_a_job_is_told_that_the_engine_starts(process: ProcessEngine) -> None:
    cold = list(process.run(job()))
    warm = list(process.run(job()))
    child(process).kill()
    replaced = list(process.run(job()))
    assert cold[0] == replaced[0] == STARTING
    assert isinstance(cold[1], Started)
    assert isinstance(replaced[1], Started)
    assert isinstance(warm[0], Started)
    assert [events.count(STARTING) for events in (cold, warm, replaced)] == [1, 0, 1]


def test_a_cancel_while_the_engine_starts_does_not_wait_for_it_nor_end_it(process: ProcessEngine) -> None:
    asked = job()
    stream = process.run(asked)
    assert next(stream) == STARTING
    starting = child(process).pid
    process.cancel(asked.id)
    assert list(stream) == [Cancelled()]
    assert process._child
    assert not process._child.ready
    assert isinstance(list(process.run(job()))[-1], Finished)
    assert child(process).pid == starting


def test_a_child_that_hangs_as_it_starts_does_not_outlast_patience(
    process: ProcessEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.engine.process.PATIENCE", 0.5)
    asked = job()
    stream = process.run(asked)
    next(stream)
    child(process).suspend()
    time.sleep(0.5)
    process.cancel(asked.id)
    assert list(stream) == [Cancelled()]
    assert process._child is None


def test_warming_up_again_and_from_anywhere_starts_one_child(process: ProcessEngine) -> None:
    before = set(multiprocessing.active_children())
    threads = [threading.Thread(target=process.warm_up) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    process.warm_up()
    (started,) = set(multiprocessing.active_children()) - before
    assert isinstance(list(process.run(job()))[-1], Finished)
    assert child(process).pid == started.pid


def test_a_warm_child_that_died_is_replaced_unseen(process: ProcessEngine) -> None:
    process.warm_up()
    wait_for_devices(process)
    child(process).kill()
    assert isinstance(list(process.run(job()))[-1], Finished)


def test_nothing_is_left_of_a_child_that_starts_nor_started_any_more(process: ProcessEngine) -> None:
    process.warm_up()
    starting = child(process)
    process.close()
    assert not starting.is_running()
    process.warm_up()
    assert list(process.run(job())) == [Cancelled()]
    assert process._child is None


def test_jobs_that_wait_for_their_turn_end_with_the_engine(process: ProcessEngine) -> None:
    ends: list[Event] = []
    stream = process.run(job(steps=500))
    next(stream)
    waiting = threading.Thread(target=lambda: ends.extend(process.run(job())))
    waiting.start()
    closing = threading.Thread(target=process.close)
    closing.start()
    ends.extend(list(stream)[-1:])
    waiting.join()
    closing.join()
    assert ends == [Cancelled(), Cancelled()]
    assert process._child is None


def test_asking_for_the_devices_never_waits(process: ProcessEngine) -> None:
    def ask() -> int:
        start = time.monotonic()
        found = process.devices()
        assert time.monotonic() - start < 0.5  # a start takes seconds
        return len(found)

    assert not ask()
    process.warm_up()
    assert not ask()
    with contextlib.closing(process.run(job(steps=500))) as stream:
        assert next(stream) == STARTING
        assert not ask()
        assert isinstance(next(stream), Started)
        assert ask()
    process.close()
    assert ask()


def test_a_second_cancel_kills_a_child_that_does_not_answer(process: ProcessEngine) -> None:
    list(process.run(job()))
    asked = job(steps=500)
    last = None
    for event in process.run(asked):
        if event == Progress(1, 500, "denoising"):
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
        if event == Progress(1, 500, "denoising"):
            child(process).suspend()
            process.cancel(asked.id)
        last = event
    assert isinstance(last, Cancelled)


def test_close_while_a_job_runs() -> None:
    engine = ProcessEngine("cpu")
    closing = threading.Thread(target=engine.close)
    last = None
    for event in engine.run(job(steps=500)):
        if event == Progress(1, 500, "denoising"):
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
        if event == Progress(2, 1000, "denoising"):
            print("running", flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_a_child_that_dies_leaves_its_last_words(tmp_path: Path) -> None:
    with contextlib.closing(ProcessEngine("cpu", log=tmp_path / "logs" / "engine.log")) as engine:
        for number in (signal.SIGSEGV, signal.SIGKILL):
            last = None
            for event in engine.run(job(steps=500)):
                if event == Progress(1, 500, "denoising"):
                    child(engine).send_signal(number)
                last = event
            assert isinstance(last, Failed)
            assert last.trace.startswith(f"The engine was killed by {number.name}.")
            assert ("Fatal Python error: Segmentation fault" in last.trace) == (number is signal.SIGSEGV)


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
        if event == Progress(2, 20, "denoising"):
            child(process).send_signal(signal.SIGINT)
            sent = True
        last = event
    assert sent
    assert isinstance(last, Finished)


@pytest.mark.parametrize("module", ["desktop.engine.api", "desktop.engine.process"])
def test_the_window_need_not_wait_for_imports(module: str) -> None:
    heavy = {"numpy", "torch", "tqdm", "PIL"}
    code = f"import sys, {module}; print(*{heavy}.intersection(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == []
