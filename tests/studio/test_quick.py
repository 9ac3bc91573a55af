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
