"""What survives the program."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from PySide6.QtCore import QObject

from desktop.database import Database
from desktop.library.inputs import Inputs
from desktop.library.prompts import MOST, Prompts
from desktop.settings import Settings
from desktop.studio.memory import SAVE_AFTER, Memory
from desktop.studio.session import Session
from desktop.studio.worker import Errands
from tests.studio.things import heard, plain, settle
from tests.ui.hands import until


@pytest.fixture
def again(database: Database, inputs: Inputs, parent: QObject) -> Any:
    """The memory of the next launch."""
    return lambda: Memory(database, inputs, parent)


def test_what_is_kept_is_stored_soon(memory: Memory, database: Database) -> None:
    memory.keep("layout", lambda: {"left": 3})
    until(lambda: database.state("layout") is not None)
    assert memory.recall("layout") == {"left": 3}
    assert memory.recall("nothing") is None


def test_the_value_is_taken_when_it_is_stored(memory: Memory, database: Database) -> None:
    values: list[int] = []
    memory.keep("layout", lambda: list(values))
    values.append(1)
    memory.keep("layout", lambda: list(values))
    values.append(2)
    until(lambda: database.state("layout") is not None)
    assert database.state("layout") == [1, 2]


def test_changes_without_a_pause_do_not_put_off_the_storing(memory: Memory, database: Database) -> None:
    count = 0

    def change() -> bool:
        nonlocal count
        count += 1
        memory.keep("layout", lambda: count)
        return database.state("layout") is not None

    until(change)
    assert count > 5
    assert SAVE_AFTER <= 1000


def test_closing_stores_all_at_once(memory: Memory, database: Database) -> None:
    for name in "abc":
        memory.keep(name, lambda name=name: name)
    memory.close()
    assert [database.state(name) for name in "abc"] == list("abc")
    assert memory.lane.worker.isFinished()


def test_settings_survive(memory: Memory, again: Any) -> None:
    changes = heard(memory.changed)
    memory.change_settings(theme="dark", scale=150)
    memory.change_settings(theme="dark")
    assert changes == ["settings"]
    memory.close()
    assert again().settings == Settings(theme="dark", scale=150)


@pytest.mark.parametrize("stored", [[1], "text", 5, {"theme": "pink"}])
def test_settings_that_cannot_be_read_are_the_defaults(database: Database, again: Any, stored: Any) -> None:
    database.keep_state("settings", stored)
    assert again().settings == Settings()


def test_a_session_survives_with_its_source(memory: Memory, again: Any, inputs: Inputs) -> None:
    session, source = Session(), plain()
    memory.keep_session(session)
    session.prompt, session.seed, session.source = "a lake", 2**64 - 1, source
    memory.close()
    restored = Session()
    again().keep_session(restored)
    assert (restored.prompt, restored.seed) == ("a lake", 2**64 - 1)
    assert inputs.find(restored.wanted_source) == source


@pytest.mark.parametrize("stored", [[1], "text", 5, {"prompt": 5}])
def test_a_session_that_cannot_be_read_is_as_at_first(memory: Memory, database: Database, stored: Any) -> None:
    database.keep_state("session", stored)
    session = Session()
    memory.keep_session(session)
    assert session.to_json() == Session().to_json()


# ---------------------------------------------------------------- private


def test_what_is_set_in_private_goes_when_that_ends(memory: Memory, again: Any, inputs: Inputs) -> None:
    session, ended = Session(), heard(memory.private_ended)
    memory.keep_session(session)
    session.prompt, session.source = "a lake", plain(1)
    memory.change_settings(private=True)
    session.prompt, session.source, session.steps = "a secret castle", plain(2), 3
    memory.change_settings(theme="dark")
    assert (session.prompt, ended) == ("a secret castle", [])
    memory.change_settings(private=False)
    assert (session.prompt, session.source, session.wanted_source) == ("a lake", None, plain(1).sha256)
    until(lambda: len(ended) == 1)
    session.seed = 5
    memory.close()
    restored = Session()
    again().keep_session(restored)
    assert (restored.prompt, restored.seed, restored.steps) == ("a lake", 5, Session().steps)
    assert inputs.find(plain(2).sha256) is None


def test_what_was_set_before_private_is_kept_and_nothing_of_what_follows(memory: Memory, database: Database) -> None:
    session = Session()
    memory.keep_session(session)
    session.prompt = "a lake"
    memory.change_settings(private=True)
    session.prompt = "a secret castle"
    memory.close()
    kept = database.state("session")
    assert kept
    assert kept["prompt"] == "a lake"


def test_a_launch_in_private_begins_with_what_was_kept_and_goes_back_to_it(database: Database, again: Any) -> None:
    database.keep_state("settings", Settings(private=True).to_json())
    memory, session = again(), Session()
    memory.keep_session(session)
    first = session.prompt
    session.prompt = "a secret castle"
    memory.change_settings(private=False)
    assert session.prompt == first


def test_the_canvas_keeps_its_size_when_private_ends(memory: Memory) -> None:
    session = Session()
    memory.keep_session(session)
    memory.change_settings(private=True)
    session.keeps_size = True
    session.width = 320
    memory.change_settings(private=False)
    assert session.width == 320


# ---------------------------------------------------------------- prompts


def test_prompts_are_there_once_and_the_newest_first(memory: Memory, again: Any, errands: Errands) -> None:
    memory.recall_prompts(errands)
    for text in ("a lake", "a cat", "", "  \n", "a lake"):
        memory.remember_prompt(text)
    assert memory.prompts == ("a lake", "a cat")
    memory.close()
    later = again()
    later.recall_prompts(errands)
    until(lambda: bool(later.prompts))
    assert later.prompts == ("a lake", "a cat")


def test_only_the_latest_prompts_are_remembered(memory: Memory, errands: Errands) -> None:
    memory.recall_prompts(errands)
    for number in range(MOST + 3):
        memory.remember_prompt(str(number))
    assert memory.prompts == tuple(str(number) for number in reversed(range(3, MOST + 3)))


def test_a_prompt_that_is_used_while_the_old_ones_are_read_stays_the_newest(
    memory: Memory, database: Database, errands: Errands
) -> None:
    for text in ("a cat", "a lake"):
        Prompts(database).remember(text)
    memory.recall_prompts(errands)
    read = threading.Event()
    errands.send(read.set)
    assert read.wait(10)  # read, but not told: no event has been looked at
    for text in ("a dog", "a cat"):
        memory.remember_prompt(text)
    settle(errands)
    assert memory.prompts == ("a cat", "a dog", "a lake")


def test_a_database_that_cannot_be_written_is_told(memory: Memory, database: Database) -> None:
    failures = heard(memory.lane.failed)
    memory.lane.send(lambda: database._connection().execute("PRAGMA query_only = ON"))
    memory.keep("layout", lambda: 1)
    until(lambda: bool(failures))
    assert "cannot be written" in failures[0].message
