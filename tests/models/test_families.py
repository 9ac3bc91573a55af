"""The families: rows of facts that hold in diffusers, and what each of them refuses."""

from __future__ import annotations

import inspect
from typing import Any

import diffusers
import pytest

from desktop.errors import UserError
from desktop.models.families import FAMILIES
from desktop.models.family import Family
from desktop.models.samplers import SAMPLERS
from desktop.recipe import Recipe

every_family = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)


def _recipe(family: Family, **changes: Any) -> Recipe:
    options: dict[str, Any] = {
        "width": 512,
        "height": 512,
        "steps": family.steps,
        "guidance": family.guidance,
        "sampler": family.sampler,
    }
    return Recipe(model="", prompt="", seed=0, **(options | changes))


def test_these_are_the_families() -> None:
    assert set(FAMILIES) == {"sd15", "sd2", "sdxl", "sd3", "starter"}
    assert all(row.id == key for key, row in FAMILIES.items())
    assert len({row.name for row in FAMILIES.values()}) == len(FAMILIES)


@every_family
def test_the_pipelines_exist_and_have_the_parts_that_are_named(family: Family) -> None:
    for name in (family.text_to_image, family.image_to_image):
        accepted = set(inspect.signature(getattr(diffusers, name)).parameters)
        assert {family.denoiser, *family.parts, *family.optional} <= accepted
    encode = inspect.signature(getattr(diffusers, family.text_to_image).encode_prompt).parameters
    assert set(family.encoding) <= set(encode)


@every_family
def test_a_familys_own_settings_suit_it(family: Family) -> None:
    family.check(_recipe(family, width=family.native, height=family.native))
    assert family.native % family.size_step == 0


@every_family
def test_a_family_offers_the_samplers_that_suit_it_and_refuses_the_others(family: Family) -> None:
    assert family.sampler in family.samplers
    assert set(family.samplers) == {key for key in SAMPLERS if key.startswith("flow_") == (family.id == "sd3")}
    for key in SAMPLERS:
        recipe = _recipe(family, sampler=key)
        if key in family.samplers:
            family.check(recipe)
        else:
            with pytest.raises(UserError, match="does not suit") as caught:
                family.check(recipe)
            assert family.sampler in caught.value.hint


@every_family
@pytest.mark.parametrize(("side", "fits"), [(65, 64), (127, 128), (8191, 8192)])
def test_a_side_that_is_no_multiple_is_refused_with_one_that_is(family: Family, side: int, fits: int) -> None:
    for sides in ({"width": side}, {"height": side}):
        with pytest.raises(UserError, match=f"cannot draw {side} pixels") as caught:
            family.check(_recipe(family, **sides))
        assert f"multiple of {family.size_step}: {fits}." in caught.value.hint


def test_the_size_step_is_the_familys_own() -> None:
    FAMILIES["sdxl"].check(_recipe(FAMILIES["sdxl"], width=520))
    with pytest.raises(UserError, match="520"):
        FAMILIES["sd3"].check(_recipe(FAMILIES["sd3"], width=520))


def test_a_sampler_for_few_steps_refuses_many() -> None:
    family = FAMILIES["sd15"]
    family.check(_recipe(family, sampler="lcm", steps=50))
    with pytest.raises(UserError, match="at most 50 steps") as caught:
        family.check(_recipe(family, sampler="lcm", steps=51))
    assert caught.value.hint
