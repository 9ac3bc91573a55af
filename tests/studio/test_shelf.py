"""The models at hand, and the session's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.models import catalog as catalogs
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
    shelf.look(lambda _: looked.append(session.model is not None))
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


def test_a_model_on_a_drive_that_is_away_is_waited_for(
    shelf: Shelf, session: Session, errands: Errands, second: Path, tmp_path: Path
) -> None:
    wanted = identify(second)
    away = second.rename(tmp_path / "away")
    session.restore({"model": wanted.id, "width": 1024, "steps": 33, "parts": {"vae": "c" * 64}, "preset": "lcm"})
    _look(shelf, errands)
    assert (session.model, session.width, session.steps) == (starter(), starter().native, starter().family.steps)
    assert (session.parts, session.preset) == ({}, "")
    assert session.to_json()["model"] == wanted.id  # the next time it is looked for again
    session.steps = 7
    _look(shelf, errands)
    assert session.steps == 7  # people's own, with the one that stands in
    away.rename(second)
    _look(shelf, errands)
    assert session.model == wanted
    assert session.to_json()["model"] == wanted.id


def test_a_model_that_goes_while_it_is_used_leaves_nothing_behind(
    shelf: Shelf, session: Session, errands: Errands
) -> None:
    session.choose(of_family("sdxl"))
    session.parts = {"vae": "c" * 64}
    _look(shelf, errands)
    assert (session.model, session.width, session.parts) == (starter(), starter().native, {})
    assert session.model_id == of_family("sdxl").id


def test_who_chooses_the_one_that_stands_in_wants_no_other(shelf: Shelf, session: Session, errands: Errands) -> None:
    session.restore({"model": "c" * 64})
    _look(shelf, errands)
    session.choose(starter())
    assert session.to_json()["model"] == starter().id


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


def test_one_look_goes_through_the_folders_once(
    shelf: Shelf, errands: Errands, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[object] = []
    scan = catalogs.scan
    monkeypatch.setattr(catalogs, "scan", lambda roots: looks.append(roots) or scan(roots))
    _look(shelf, errands)
    assert len(looks) == 1
    assert shelf.models == (starter(),)


def test_a_look_ends_when_the_shelf_is_closed(shelf: Shelf, errands: Errands, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = catalogs.scan
    monkeypatch.setattr(catalogs, "scan", lambda roots: (shelf.close(), scan(roots))[1])
    failures = heard(errands.failed)
    _look(shelf, errands)
    assert "not looked through to the end" in failures[0].message
    assert shelf.models == ()
