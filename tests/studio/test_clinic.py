"""Whether LoRAs suit the model: at a glance, and by a close look."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desktop.engine.api import Failed
from desktop.models.extras import Extras
from desktop.recipe import LoraUse
from desktop.studio.clinic import Clinic, Finding, Pair
from desktop.studio.session import Session
from desktop.studio.studio import Studio
from tests.studio.at_hand import extra
from tests.studio.conftest import OpenStudio
from tests.studio.things import of_family, starter
from tests.ui.hands import until

INK = extra("lora", "a", "ink", family="sd15")
TEA = extra("lora", "b", "tea", family="sdxl")
BAD = extra("lora", "c", "bad", problem="download incomplete: 1.9 of 6.9 GB")
USES = tuple(LoraUse(each.id, each.name) for each in (INK, TEA, BAD))


@pytest.fixture
def studio(open_studio: OpenStudio) -> Studio:
    studio = open_studio()
    until(lambda: bool(studio.shelf.models))
    studio.shelf.extras = Extras.of([INK, TEA, BAD])
    return studio


@pytest.fixture
def asked() -> list[Pair]:
    return []


@pytest.fixture
def clinic(studio: Studio, session: Session, asked: list[Pair]) -> Clinic:
    clinic = Clinic(session, studio.shelf, asked.append, studio)
    session.choose(of_family("sd15"))
    return clinic


@pytest.fixture
def session() -> Session:
    return Session()


def test_headers_tell_of_another_family_and_of_broken_files(
    session: Session, clinic: Clinic, asked: list[Pair]
) -> None:
    session.loras = USES
    assert clinic.findings == {
        TEA.id: Finding(False, "tea was made for Stable Diffusion XL, and this is Stable Diffusion 1.5."),
        BAD.id: Finding(False, "download incomplete: 1.9 of 6.9 GB"),
    }
    assert session.model
    assert asked == [(session.model.id, INK.id)]  # the others need no close look


def test_the_label_of_stable_diffusion_says_nothing_against_the_starter(
    session: Session, clinic: Clinic, asked: list[Pair]
) -> None:
    """Whose LoRAs have that label: a close look decides."""
    session.choose(starter())
    session.loras = USES[:2]
    assert set(clinic.findings) == {TEA.id}
    assert asked == [(starter().id, INK.id)]


def test_a_file_that_is_gone_is_told(session: Session, clinic: Clinic) -> None:
    session.loras = (LoraUse("d" * 64, "gone"),)
    assert not clinic.findings["d" * 64].works


def test_a_close_look_is_taken_once(session: Session, clinic: Clinic, asked: list[Pair]) -> None:
    session.loras = USES[:1]
    session.change_lora(replace(USES[0], weight=0.5))
    assert len(asked) == 1
    clinic.take(asked[0], Finding(True, "Fits: 100 % of it, 3 % of the weights."))
    assert clinic.findings[INK.id].works
    session.remove_lora(INK.id)
    session.add_lora(USES[0])
    assert len(asked) == 1
    assert clinic.findings[INK.id].works


def test_another_model_asks_anew(session: Session, clinic: Clinic, asked: list[Pair]) -> None:
    session.loras = USES[:2]
    session.choose(of_family("sdxl"))
    assert set(clinic.findings) == {INK.id}
    assert [lora for _, lora in asked] == [INK.id, TEA.id]


def test_what_was_there_the_last_time_loads_no_model(studio: Studio, session: Session, asked: list[Pair]) -> None:
    session.loras = USES
    clinic = Clinic(session, studio.shelf, asked.append, studio)
    session.place([of_family("sd15")])
    assert set(clinic.findings) == {TEA.id, BAD.id}
    studio.shelf.extras = Extras.of([INK, TEA, BAD, extra("lora", "d", "more")])  # a file has come
    session.remove_lora(TEA.id)
    assert asked == []


@pytest.mark.parametrize("deed", ["add", "choose"])
def test_what_people_do_begins_it(studio: Studio, session: Session, asked: list[Pair], deed: str) -> None:
    session.loras = USES[:1] if deed == "choose" else ()
    clinic = Clinic(session, studio.shelf, asked.append, studio)
    session.place([model := of_family("sd15")])
    if deed == "add":
        session.add_lora(USES[0])
    else:
        session.choose(model)
    assert asked == [(model.id, INK.id)]
    assert clinic.findings == {}


def test_a_look_that_failed_is_taken_again_when_the_lora_comes_again(
    session: Session, clinic: Clinic, asked: list[Pair]
) -> None:
    session.loras = USES[:1]
    clinic.hear(asked[0], Failed("The memory is full.", "Choose a smaller model."))
    session.change_lora(replace(USES[0], weight=0.5))
    assert clinic.findings == {INK.id: Finding(False, "The memory is full.", "Choose a smaller model.")}
    assert len(asked) == 1  # it is not tried over and over
    session.remove_lora(INK.id)
    session.add_lora(USES[0])
    assert clinic.findings == {}
    assert len(asked) == 2
