"""Few-step presets on a session, and the way back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desktop.errors import UserError
from desktop.models.extras import NO_EXTRAS, Extras
from desktop.models.families import FAMILIES
from desktop.models.presets import PRESETS, steps_of
from desktop.recipe import LoraUse
from desktop.studio import quick
from desktop.studio.session import Session
from tests.studio.at_hand import extra
from tests.studio.things import of_family, starter

LCM = extra("lora", "a", "lcm-lora-sdxl", family="sdxl")
HYPER = extra("lora", "b", "Hyper-SDXL-8steps-lora", family="sdxl")
HYPER_1 = extra("lora", "c", "Hyper-SDXL-1step-lora", family="sdxl")
OTHER = extra("lora", "d", "lcm-lora-sdv1-5", family="sd15")
EXTRAS = Extras.of([LCM, HYPER, HYPER_1, OTHER, extra("lora", "e", "hyperrealism", family="sdxl")])


@pytest.fixture
def session() -> Session:
    session = Session()
    session.choose(of_family("sdxl"))
    return session


def _sampling(session: Session) -> tuple[str, int, float]:
    return session.sampler, session.steps, session.guidance


def test_every_way_suits_its_family() -> None:
    for preset in PRESETS.values():
        for family, way in preset.ways.items():
            model = of_family(family)
            assert way.sampler in model.family.samplers
            assert 0 < way.steps <= 12


def test_a_preset_brings_its_lora_sampler_steps_and_guidance(session: Session) -> None:
    quick.choose(session, EXTRAS, "lcm")
    assert session.active_loras == (LoraUse(LCM.id, "lcm-lora-sdxl"),)
    assert _sampling(session) == ("lcm", 6, 1.5)
    assert session.preset == "lcm"


def test_another_takes_the_place_of_the_first(session: Session) -> None:
    session.add_lora(LoraUse("f" * 64, "ink", 0.5))
    quick.choose(session, EXTRAS, "lcm")
    quick.choose(session, EXTRAS, "hyper")
    assert [use.name for use in session.active_loras] == ["ink", "Hyper-SDXL-8steps-lora"]
    assert _sampling(session) == ("euler_trailing", 8, 1.0)


def test_the_way_back_leaves_what_people_have_added(session: Session) -> None:
    session.add_lora(LoraUse("f" * 64, "ink", 0.5))
    quick.choose(session, EXTRAS, "hyper")
    quick.choose(session, EXTRAS, quick.USUAL)
    row = FAMILIES["sdxl"]
    assert [use.name for use in session.loras] == ["ink"]
    assert _sampling(session) == (row.sampler, row.steps, row.guidance)
    assert session.preset == ""


def test_a_lora_that_people_have_added_themselves_stays(session: Session) -> None:
    mine = LoraUse(HYPER.id, HYPER.name, 0.5)
    session.add_lora(mine)
    quick.choose(session, EXTRAS, "lcm")
    assert session.loras == (mine, LoraUse(LCM.id, LCM.name))
    quick.choose(session, EXTRAS, "hyper")
    quick.choose(session, EXTRAS, quick.USUAL)
    assert session.loras == (mine,)


def test_one_that_was_removed_and_added_again_is_peoples_own(session: Session) -> None:
    quick.choose(session, EXTRAS, "lcm")
    session.remove_lora(LCM.id)
    session.add_lora(LoraUse(LCM.id, LCM.name))
    quick.choose(session, EXTRAS, quick.USUAL)
    assert [use.file for use in session.loras] == [LCM.id]


def test_what_was_brought_goes_whatever_has_come_since(session: Session) -> None:
    quick.choose(session, Extras.of([HYPER_1]), "hyper")
    again = Session()
    again.restore(session.to_json())
    again.choose(of_family("sdxl"))
    quick.choose(again, EXTRAS, "hyper")
    assert [use.file for use in again.loras] == [HYPER.id]


def test_another_family_is_used_as_usual(session: Session) -> None:
    quick.choose(session, EXTRAS, "lcm")
    session.choose(model := of_family("sd15"))
    assert (session.loras, session.preset) == ((), "")
    assert _sampling(session) == (model.family.sampler, model.family.steps, model.family.guidance)


def test_a_file_that_tells_its_steps_comes_before_a_style_of_that_name(session: Session) -> None:
    style = extra("lora", "1", "Lightning storm style", family="sdxl")
    method = extra("lora", "2", "sdxl_lightning_4step_lora", family="sdxl")
    quick.choose(session, Extras.of([style, method]), "lightning")
    assert [use.file for use in session.loras] == [method.id]
    assert session.steps == 4


def test_without_its_lora_nothing_changes_and_people_are_told(session: Session) -> None:
    before = session.to_json()
    with pytest.raises(UserError, match="no LCM LoRA for Stable Diffusion XL"):
        quick.choose(session, Extras.of([OTHER]), "lcm")
    assert session.to_json() == before


@pytest.mark.parametrize(
    "changes", [{"name": "sdxl-turbo"}, {"name": "dream", "variants": ("turbo",)}], ids=["by name", "by variant"]
)
def test_a_model_that_does_it_alone_needs_no_lora(session: Session, changes: dict[str, object]) -> None:
    session.choose(replace(of_family("sdxl"), **changes))
    quick.choose(session, NO_EXTRAS, "turbo")
    assert _sampling(session) == ("euler_a_trailing", 4, 1.0)
    assert session.loras == ()


def test_a_model_that_does_it_alone_leaves_no_other_lora(session: Session) -> None:
    quick.choose(session, EXTRAS, "lcm")
    session.choose(replace(of_family("sdxl"), name="sdxl-turbo"))
    quick.choose(session, EXTRAS, "turbo")
    assert session.loras == ()


@pytest.mark.parametrize(
    ("name", "steps"),
    [("Hyper-SDXL-8steps-lora", 8), ("sdxl_lightning_4step_lora", 4), ("Hyper-SD15-1-step", 1), ("lcm-lora-sdv1-5", 6)],
)
def test_names_tell_their_steps(name: str, steps: int) -> None:
    assert steps_of(name, 6) == steps


def test_only_what_there_is_for_a_family_is_offered(session: Session) -> None:
    assert [name for name, _ in quick.choices(session)] == ["", "lcm", "turbo", "lightning", "hyper"]
    session.choose(starter())
    assert [name for name, _ in quick.choices(session)] == [""]
