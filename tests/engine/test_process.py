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
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess

import psutil
import pytest

from desktop.engine.api import Cancelled, Event, Failed, Finished, Progress, Started, Warned
from desktop.engine.process import PATIENCE, STARTING, ProcessEngine
from tests.engine.jobs import job, picture, wait_for_devices


@pytest.fixture
def process() -> Iterator[ProcessEngine]:
    """One that has no child yet. A start takes seconds: for the tests of that."""
    with contextlib.closing(ProcessEngine("cpu")) as engine:
        yield engine


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProcessEngine]:
    log = tmp_path_factory.mktemp("logs") / "engine.log"
    with contextlib.closing(ProcessEngine("cpu", log=log)) as engine:
        yield engine


@pytest.fixture
def staying(lasting: ProcessEngine) -> Callable[[], set[BaseProcess]]:
    return lambda: {lasting._child.process} if lasting._child else set()


@pytest.fixture
def warm(lasting: ProcessEngine) -> ProcessEngine:
    """One whose child has done a job. It may be killed: the next test gets another."""
    assert isinstance(list(lasting.run(job()))[-1], Finished)
    return lasting


def child(engine: ProcessEngine) -> psutil.Process:
    assert engine._child
    return psutil.Process(engine._child.process.pid)


def survive_kills(engine: ProcessEngine, times: int, seed: int) -> None:
    """Kills the child at random moments; each job ends with one last event, and the next one is right."""
    moments = random.Random(seed)
    right = picture(list(engine.run(job(seed=5))))
    failures = 0
    for _ in range(times):
        timer = threading.Timer(moments.uniform(0, 1.5), child(engine).kill)
        timer.start()
        last = list(engine.run(job(steps=1000)))[-1]  # more than it gets to in that time
        timer.join()
        assert isinstance(last, Failed | Finished)  # finished: killed before it took up the job, and replaced
        if isinstance(last, Failed):
            failures += 1
            assert "SIGKILL" in last.message
            assert last.hint
        assert picture(list(engine.run(job(seed=5)))) == right
    assert failures > times / 2


def test_survives_kills(warm: ProcessEngine) -> None:
    survive_kills(warm, times=3, seed=0)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_survives_many_kills(warm: ProcessEngine) -> None:
    survive_kills(warm, times=50, seed=1)


def test_killed_while_it_starts(process: ProcessEngine) -> None:
    stream = process.run(job())
    assert next(stream) == STARTING
    child(process).kill()  # long before torch is imported
    (last,) = stream
    assert isinstance(last, Failed)
    assert isinstance(list(process.run(job()))[-1], Finished)


def test_killed_between_jobs_it_is_replaced_and_the_next_one_is_told_so(warm: ProcessEngine) -> None:
    before = list(warm.run(job()))
    child(warm).kill()
    replaced = list(warm.run(job()))
    assert isinstance(before[0], Started)
    assert isinstance(replaced[0], Warned)
    assert replaced[0].trace.startswith("The engine was killed by SIGKILL.")
    assert replaced[1] == STARTING
    assert isinstance(replaced[2], Started)
    assert [events.count(STARTING) for events in (before, replaced)] == [0, 1]
    assert picture(replaced) == picture(before)


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


def test_warming_up_again_and_from_anywhere_starts_one_child_until_that_dies(process: ProcessEngine) -> None:
    before = set(multiprocessing.active_children())
    threads = [threading.Thread(target=process.warm_up) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    process.warm_up()
    (started,) = set(multiprocessing.active_children()) - before
    wait_for_devices(process)
    assert child(process).pid == started.pid
    child(process).kill()
    assert isinstance(list(process.run(job()))[-1], Finished)  # one that died before its first job is replaced


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
    assert not process.devices()
    process.warm_up()
    assert not process.devices()  # those who wait for a start know them
    with contextlib.closing(process.run(job(steps=500))) as stream:
        assert next(stream) == STARTING
        assert not process.devices()
        assert isinstance(next(stream), Started)
        assert process.devices()
    process.close()
    assert process.devices()


def hang(engine: ProcessEngine, cancels: int) -> Event:
    """The child stops in the middle of a job, as a driver may; the last event after so many cancels."""
    asked = job(steps=500)
    last = None
    for event in engine.run(asked):
        if event == Progress(1, 500, "denoising"):
            child(engine).suspend()
            for _ in range(cancels):
                engine.cancel(asked.id)
        last = event
    assert last
    return last


def test_a_second_cancel_kills_a_child_that_does_not_answer(warm: ProcessEngine) -> None:
    begin = time.monotonic()
    assert isinstance(hang(warm, cancels=2), Cancelled)
    assert time.monotonic() - begin < PATIENCE


def test_patience_ends(warm: ProcessEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop.engine.process.PATIENCE", 0.1)
    assert isinstance(hang(warm, cancels=1), Cancelled)


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


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_a_child_that_dies_leaves_its_last_words(warm: ProcessEngine) -> None:
    for number in (signal.SIGSEGV, signal.SIGKILL):
        last = None
        for event in warm.run(job(steps=500)):
            if event == Progress(1, 500, "denoising"):
                child(warm).send_signal(number)
            last = event
        assert isinstance(last, Failed)
        assert last.trace.startswith(f"The engine was killed by {number.name}.")
        assert ("Fatal Python error: Segmentation fault" in last.trace) == (number is signal.SIGSEGV)
        assert ("memory" in last.hint) == (number is signal.SIGKILL)


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
def test_no_process_is_left_when_the_parent_is_killed() -> None:
    command = [sys.executable, "-c", PARENT]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == "running\n"
        family = psutil.Process(parent.pid).children(recursive=True)
        assert family
        parent.send_signal(signal.SIGKILL)
    _, alive = psutil.wait_procs(family, timeout=60)
    assert not alive


def test_interrupts_are_the_parents_business(warm: ProcessEngine) -> None:
    asked = job(steps=20)
    sent = False
    last = None
    for event in warm.run(asked):
        if event == Progress(2, 20, "denoising"):
            child(warm).send_signal(signal.SIGINT)
            sent = True
        last = event
    assert sent
    assert isinstance(last, Finished)


@pytest.mark.parametrize("module", ["desktop.engine.api", "desktop.engine.process"])
def test_the_window_need_not_wait_for_imports(module: str) -> None:
    heavy = {"numpy", "torch", "tqdm", "PIL"}
    code = f"import sys, {module}; print(*{heavy}.intersection(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == []
