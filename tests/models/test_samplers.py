"""The samplers: found however they are spelled, and real in diffusers."""

from __future__ import annotations

import inspect

import diffusers
import pytest

from desktop.errors import UserError
from desktop.models.samplers import SAMPLERS, find

SPELLINGS = {
    "Euler": "euler",
    "EULER A": "euler_a",
    "euler-a": "euler_a",
    "DPM++ 2M": "dpmpp_2m",
    "dpmpp2m": "dpmpp_2m",
    "DPM++ 2M Karras": "dpmpp_2m_karras",
    "dpmpp-2m-karras": "dpmpp_2m_karras",
    "dpm++_2m_karras": "dpmpp_2m_karras",
    " DPM++ SDE ": "dpmpp_sde",
    "dpm++ 2m sde karras": "dpmpp_2m_sde_karras",
    "UniPC": "unipc",
    "Flow Euler": "flow_euler",
    "flow-heun": "flow_heun",
}


@pytest.mark.parametrize("key", SAMPLERS)
def test_a_sampler_is_found_by_its_key_and_its_name(key: str) -> None:
    name = SAMPLERS[key].name
    for spelling in (key, key.upper(), key.replace("_", "-"), name, name.lower(), name.replace(" ", "_")):
        assert find(spelling) == key


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_sampler_is_found_as_people_spell_it(spelling: str) -> None:
    assert find(spelling) == SPELLINGS[spelling]


@pytest.mark.parametrize(
    "name", ["", "++", "Euler b", "DPM++ 3M", "DPM 2M", "Karras", "DPM++ 2M Karras Karras", "オイラー"]
)
def test_an_unknown_sampler_is_refused_and_the_known_ones_are_listed(name: str) -> None:
    with pytest.raises(UserError) as caught:
        find(name)
    assert name in caught.value.message
    assert all(key in caught.value.hint for key in SAMPLERS)


@pytest.mark.parametrize("key", SAMPLERS)
def test_the_scheduler_exists_and_takes_the_samplers_config(key: str) -> None:
    sampler = SAMPLERS[key]
    scheduler = getattr(diffusers, sampler.scheduler)(**sampler.config)
    assert set(sampler.config) <= set(inspect.signature(type(scheduler)).parameters)
    assert {name: scheduler.config[name] for name in sampler.config} == sampler.config
    flows = sampler.scheduler.startswith("FlowMatch") or "use_flow_sigmas" in sampler.config
    assert sampler.flow == flows == key.startswith("flow_")


def test_no_two_samplers_are_called_the_same() -> None:
    assert len({sampler.name for sampler in SAMPLERS.values()}) == len(SAMPLERS)
