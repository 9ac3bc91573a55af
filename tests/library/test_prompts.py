"""The prompts that were used are remembered."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from desktop.database import Database
from desktop.library.prompts import MOST, Prompts


@pytest.fixture
def prompts(tmp_path: Path) -> Iterator[Prompts]:
    with closing(Database(tmp_path / "sfumato.db")) as database:
        yield Prompts(database)


def test_prompts_are_remembered_once_and_the_newest_first(prompts: Prompts) -> None:
    for text in ("a lake", "a cat", "", "  \n", "a lake", 'a "dog",\nsleeping 🌅'):
        prompts.remember(text)
    assert prompts.newest(10) == ['a "dog",\nsleeping 🌅', "a lake", "a cat"]
    assert prompts.newest(1) == ['a "dog",\nsleeping 🌅']


def test_only_the_latest_prompts_are_kept(prompts: Prompts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_750_000_000.25)  # a coarse clock
    for n in range(MOST + 5):
        prompts.remember(str(n))
    assert prompts.newest(1000) == [str(n) for n in reversed(range(5, MOST + 5))]
