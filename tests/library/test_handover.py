"""Handing files over to the window that is open already."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.errors import UserError
from desktop.library.handover import Handover


def test_what_is_given_is_taken_once(tmp_path: Path) -> None:
    handover = Handover(tmp_path / "deep" / "handover")
    handover.give([tmp_path / "a.png", tmp_path / "ö.png"])
    assert handover.take() == [tmp_path / "a.png", tmp_path / "ö.png"]
    assert handover.take() is None


def test_one_without_files_calls_for_the_window(tmp_path: Path) -> None:
    handover = Handover(tmp_path / "handover")
    handover.give([])
    assert handover.take() == []
    assert handover.take() is None


def test_where_nothing_can_be_written_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="cannot be handed over") as caught:
        Handover(tmp_path / "file" / "handover").give([tmp_path / "a.png"])
    assert caught.value.hint
