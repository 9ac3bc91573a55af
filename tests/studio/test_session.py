"""What is set for the next picture: always possible, and there again the next time."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.models.samplers import SAMPLERS
from desktop.recipe import SEEDS, SIZES, STEPS, LoraUse, Source
from desktop.studio.notice import Notice
from desktop.studio.session import COUNTS, PLAIN, WEAKEST, Session
from tests.studio.things import heard, of_family, plain, recipe_of, starter
from tests.test_settings import JSON

ODD = st.sampled_from([float("nan"), float("inf"), -float("inf"), 10**400, -(10**400)])
ENDS = {"width": SIZES, "height": SIZES, "steps": STEPS, "count": COUNTS}
CHANGED: dict[str, Any] = {
    "prompt": "a lake 🌅",
    "negative": "people",
    "style": "Oil painting",
    "width": 192,
    "height": 256,
    "steps": 33,
    "guidance": 6.5,
    "sampler": "euler_a",
    "seed": 2**64 - 1,
    "seed_locked": True,
    "count": 4,
    "strength": 0.3,
    "intent": "remove",
    "change": 0.4,
    "feather": 12.0,
    "clip_skip": 2,
    "preset": "lcm",
    "preset_lora": "a" * 64,
}


def _plain(session: Session) -> dict[str, Any]:
    return {name: getattr(session, name) for name in PLAIN}


def _changed() -> Session:
    session = Session()
    for name, value in CHANGED.items():
        setattr(session, name, value)
    return session


# ---------------------------------------------------------------- mending


@pytest.mark.parametrize("name", ENDS)
@given(value=st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_becomes_the_nearest_possible_one(name: str, value: float) -> None:
    session, allowed = Session(), ENDS[name]
    setattr(session, name, value)
    found = getattr(session, name)
    assert type(found) is int
    assert found == (int(value) if int(value) in allowed else allowed[0] if value < allowed[0] else allowed[-1])


@pytest.mark.parametrize(("name", "least", "most"), [("guidance", 0.0, 100.0), ("strength", WEAKEST, 1.0)])
@given(value=ODD | st.floats() | st.integers())
def test_a_real_number_becomes_the_nearest_possible_one(name: str, least: float, most: float, value: float) -> None:
    session = Session()
    setattr(session, name, value)
    found = getattr(session, name)
    assert type(found) is float
    assert found == (most if value > most else value if value >= least else least)  # of NaN too


@pytest.mark.parametrize(
    ("seed", "kept"),
    [(0, 0), (2**32, 2**32), (2**64 - 1, 2**64 - 1), (2**64, 0), (2**64 + 5, 5), (-1, 2**64 - 1)],
)
def test_seeds_have_64_bits_and_wrap(seed: int, kept: int) -> None:
    session = Session()
    session.seed = seed
    assert session.seed == kept
    assert session.seed in SEEDS


@pytest.mark.parametrize(("strength", "refines"), [(0.99, True), (1.0, False)])
def test_it_refines_where_something_is_left_of_the_source(strength: float, refines: bool) -> None:
    session = Session()
    session.strength = strength
    assert not session.refines
    session.source = plain()
    assert session.refines == refines


# ---------------------------------------------------------------- models


def test_another_model_brings_its_own_defaults() -> None:
    session, large = Session(), of_family("sdxl")
    session.choose(starter())
    session.choose(large)
    family = large.family
    assert (session.width, session.height) == (1024, 1024)
    assert (session.steps, session.guidance, session.sampler) == (family.steps, family.guidance, family.sampler)
    session.choose(starter())
    assert _plain(session) == _plain(Session())


def test_what_people_have_changed_stays_with_another_model() -> None:
    session = _changed()
    session.preset, session.preset_lora = "", ""
    session.choose(starter())
    session.choose(of_family("sd15"))
    assert _plain(session) == CHANGED | {"preset": "", "preset_lora": ""}


def test_what_another_model_cannot_do_is_changed_all_the_same() -> None:
    session = _changed()
    session.width = 200
    session.choose(of_family("sd3"))
    assert session.sampler == of_family("sd3").family.sampler
    assert (session.width, session.height) == (192, 256)  # in steps of 16
    assert session.steps == 33


def test_the_first_model_of_all_finds_what_was_restored() -> None:
    session = _changed()
    session.choose(starter())
    assert _plain(session) == CHANGED


def test_steps_follow_what_the_sampler_takes() -> None:
    session = Session()
    session.steps, session.sampler = 100, "lcm"
    session.fit_model()
    assert session.steps == 100  # while there is no model
    session.choose(starter())
    assert session.steps == SAMPLERS["lcm"].most_steps == 50


def test_the_size_follows_a_picture_to_start_from() -> None:
    session = Session()
    session.start_from(plain(width=96, height=72))
    assert (session.width, session.height) == (128, 128)  # no model, no rule
    session.choose(starter())
    session.start_from(picture := plain(1, width=1200, height=300))
    assert session.source == picture
    assert (session.width, session.height) == (512, 128)  # as many pixels as the model can do, in that ratio


# ---------------------------------------------------------------- recipes


def test_a_recipe_sets_all() -> None:
    session, source = Session(), plain()
    session.style, session.count = "Oil painting", 9
    recipe = recipe_of(2**64 - 1, negative="people", source=Source(source.sha256, 0.2))
    session.use(recipe, starter(), source)
    assert session.model == starter()
    assert (session.prompt, session.negative, session.style) == (recipe.prompt, "people", "")
    assert (session.width, session.height) == (recipe.width, recipe.height)
    assert (session.steps, session.guidance, session.sampler) == (recipe.steps, recipe.guidance, recipe.sampler)
    assert (session.seed, session.seed_locked, session.count) == (2**64 - 1, True, 1)
    assert (session.source, session.strength) == (source, 0.2)


def test_a_recipe_without_a_source_takes_it_away_and_leaves_the_strength() -> None:
    session = _changed()
    session.source = plain()
    session.use(recipe_of(), None, None)
    assert session.source is None
    assert session.strength == 0.3


def test_a_recipe_whose_model_is_gone_fits_the_present_one() -> None:
    session = Session()
    session.choose(starter())
    session.use(replace(recipe_of(), sampler="flow_euler", width=100), None, None)
    assert session.model == starter()
    assert session.sampler == starter().family.sampler
    assert session.width == 96


def test_a_recipe_takes_the_place_of_a_preset() -> None:
    session = _changed()
    session.use(recipe_of(), starter(), None)
    assert (session.preset, session.preset_lora) == ("", "")


# ---------------------------------------------------------------- surviving


def test_a_session_survives_json() -> None:
    session = _changed()
    session.model, session.source = starter(), plain()
    again = Session()
    again.restore(json.loads(json.dumps(session.to_json())))
    assert _plain(again) == CHANGED
    assert (again.wanted_model, again.wanted_source) == (starter().id, plain().sha256)


def test_every_plain_value_can_be_kept() -> None:
    assert set(CHANGED) == set(PLAIN)
    assert [name for name in PLAIN if CHANGED[name] == getattr(Session(), name)] == []


def test_what_is_still_to_come_is_not_forgotten() -> None:
    data = {**Session().to_json(), "model": "m", "source": "s"}
    session = Session()
    session.restore(data)
    assert session.to_json() == data


@given(
    st.dictionaries(
        st.sampled_from([*PLAIN, "model", "source", "loras", "loras_off", "parts", "newer"]),
        ODD | JSON | st.integers() | st.floats() | st.just("flow_euler"),
    )
    | JSON
)
def test_restoring_never_fails_and_gives_only_what_is_possible(data: Any) -> None:
    session = Session()
    session.restore(data)
    for name, value in _plain(session).items():
        assert type(value) is type(getattr(Session, name).default) or (name, type(value)) == ("feather", float)
        setattr(session, name, value)
        assert getattr(session, name) == value  # nothing to mend
    assert session.sampler in SAMPLERS
    json.dumps(session.to_json(), allow_nan=False)


@pytest.mark.parametrize(
    "wrong",
    [
        *({"steps": "20"}, {"steps": True}, {"steps": 3.5}, {"prompt": 5}, {"sampler": "magic"}, {"seed_locked": 1}),
        *({"intent": "destroy"}, {"change": "much"}, {"feather": "soft"}, {"feather": True}),
    ],
    ids=str,
)
def test_what_does_not_fit_is_left_and_costs_nothing_else(wrong: dict[str, Any]) -> None:
    session = _changed()
    session.restore({"negative": "fog"} | wrong)
    assert _plain(session) == CHANGED | {"negative": "fog"}


# ---------------------------------------------------------------- LoRAs and parts

INK, TEA = LoraUse("a" * 64, "ink", 0.8), LoraUse("b" * 64, "tea", -1.0, 0.5, (("up_blocks", 0.0),))


def test_loras_are_added_changed_set_aside_and_removed() -> None:
    session = Session()
    session.add_lora(INK)
    session.add_lora(TEA)
    session.loras_off = frozenset([INK.file])
    assert (session.loras, session.active_loras) == ((INK, TEA), (TEA,))
    session.add_lora(replace(INK, weight=0.1))
    assert session.active_loras == (INK, TEA)
    session.change_lora(replace(INK, weight=0.3))
    assert session.loras == (replace(INK, weight=0.3), TEA)
    session.loras_off = frozenset([INK.file])
    session.remove_lora(INK.file)
    assert (session.loras, session.loras_off) == ((TEA,), frozenset())


@pytest.mark.parametrize(
    ("prompt", "words", "says"),
    [
        ("a woman", "man", "a woman, man"),
        ("a Man, old", "man", "a Man, old"),
        ("a lake,", "inky", "a lake, inky"),
        ("", "inky", "inky"),
        ("ink", "style__y__", r"ink, style\__y\__"),
        (r"style\__y\__", "style__y__", r"style\__y\__"),
        ("ink", "{a|b}", r"ink, \{a|b}"),
    ],
)
def test_words_are_said_once_and_as_they_are(prompt: str, words: str, says: str) -> None:
    session = Session()
    session.prompt = prompt
    session.say(words)
    assert session.prompt == says


def test_loras_and_parts_are_there_again_the_next_time() -> None:
    session, again = Session(), Session()
    session.loras, session.loras_off, session.parts = (INK, TEA), frozenset([TEA.file]), {"vae": "c" * 64}
    again.restore(json.loads(json.dumps(session.to_json())))
    assert (again.loras, again.loras_off, again.parts) == (session.loras, session.loras_off, session.parts)
    assert again.copied().active_loras == (INK,)


def test_of_loras_that_cannot_be_read_only_these_are_lost() -> None:
    session = Session()
    session.restore({"loras": [INK.to_json(), {"name": "no file"}, 5], "loras_off": [TEA.file, 3], "parts": {"vae": 1}})
    assert (session.loras, session.loras_off, session.parts) == ((INK,), frozenset(), {})


def test_parts_stay_with_models_of_the_same_family_only() -> None:
    session = Session()
    session.choose(of_family("sd15"))
    session.parts = {"vae": "c" * 64}
    session.choose(replace(of_family("sd15"), id="another"))
    assert session.parts == {"vae": "c" * 64}
    noticed: list[Notice] = heard(session.noticed)
    session.choose(of_family("sdxl"))
    assert session.parts == {}
    assert noticed[0].message.startswith("The VAE chosen for Stable Diffusion 1.5 stayed behind")
    session.choose(of_family("sd15"))
    assert len(noticed) == 1


def test_a_recipe_brings_its_loras_parts_and_clip_skip() -> None:
    session = Session()
    session.loras_off = frozenset([INK.file])
    session.use(recipe_of(loras=(INK, TEA), parts={"vae": "c" * 64}, clip_skip=1), None, None)
    assert (session.active_loras, session.parts, session.clip_skip) == ((INK, TEA), {"vae": "c" * 64}, 1)
    session.use(recipe_of(), None, None)
    assert (session.loras, session.parts, session.clip_skip) == ((), {}, 0)
