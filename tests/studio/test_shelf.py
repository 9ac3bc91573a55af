"""The models at hand, and the session's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.models.identify import identify
from desktop.paths import STARTER, data_folder
from desktop.studio.memory import Memory
from desktop.studio.session import Session
from desktop.studio.shelf import Shelf
from desktop.studio.worker import Errands
from tests.studio.things import heard, of_family, second_model, settle, starter
from tests.ui.hands import until


@pytest.fixture
def second() -> Path:
    """A model in Sfumato's own folder."""
    return second_model(data_folder() / "models" / "second")


def _look(shelf: Shelf, errands: Errands) -> None:
    shelf.look()
    settle(errands)


def test_the_models_are_found_and_the_first_is_chosen(shelf: Shelf, session: Session) -> None:
    looked: list[bool] = []
    shelf.look(lambda: looked.append(session.model is not None))
    assert shelf.models == ()  # not at once: the window does not wait
    until(lambda: bool(shelf.models))
    assert looked == [True]
    assert shelf.models == (starter(),)
    assert session.model == starter()


def test_the_model_of_the_last_time_is_chosen_again(
    shelf: Shelf, session: Session, errands: Errands, second: Path
) -> None:
    session.restore({"model": identify(second).id, "width": 192, "steps": 33})
    _look(shelf, errands)
    assert session.model == identify(second)
    assert (session.width, session.steps) == (192, 33)
    assert [model.name for model in shelf.models] == ["starter", "second"]


def test_in_place_of_a_model_that_is_gone_there_is_the_starter(
    shelf: Shelf, session: Session, errands: Errands
) -> None:
    session.restore({"model": "c" * 64, "sampler": "flow_euler"})
    _look(shelf, errands)
    assert session.model == starter()
    assert session.sampler == starter().family.sampler


def test_looking_again_keeps_the_model_that_is_there(
    shelf: Shelf, session: Session, errands: Errands, second: Path
) -> None:
    session.choose(identify(second))
    changes = heard(session.changed)
    _look(shelf, errands)
    assert session.model == identify(second)
    assert changes == []
    (second / "model_index.json").unlink()
    _look(shelf, errands)
    assert session.model == starter()


def test_another_folder_of_models_is_looked_through_too(
    shelf: Shelf, memory: Memory, errands: Errands, tmp_path: Path
) -> None:
    second_model(tmp_path / "mine" / "second")
    memory.change_settings(models=str(tmp_path / "mine"))
    _look(shelf, errands)
    assert [model.path for model in shelf.models] == [STARTER.resolve(), (tmp_path / "mine" / "second").resolve()]


def test_a_model_that_is_opened_is_chosen_and_remembered(
    shelf: Shelf, session: Session, errands: Errands, tmp_path: Path
) -> None:
    folder = second_model(tmp_path / "elsewhere")
    _look(shelf, errands)
    session.choose(of_family("sdxl"))
    shelf.open(folder)
    settle(errands)
    assert session.model == identify(folder)
    assert session.width == starter().native  # its own default
    _look(shelf, errands)
    assert [model.name for model in shelf.models] == ["starter", "elsewhere"]


def test_a_folder_that_is_no_model_is_told_and_changes_nothing(
    shelf: Shelf, session: Session, errands: Errands, tmp_path: Path
) -> None:
    failures = heard(errands.failed)
    _look(shelf, errands)
    shelf.open(tmp_path)
    settle(errands)
    assert "is no model folder" in failures[0].message
    assert failures[0].hint
    assert (session.model, shelf.models) == (starter(), (starter(),))
