"""The recipe: what it accepts, what it refuses, and that nothing is lost on the way through JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desktop.errors import UserError
from desktop.models.samplers import SAMPLERS
from desktop.recipe import KINDS, MOST_GUIDANCE, SEEDS, SIZES, STEPS, Recipe, Source

PLAIN: dict[str, Any] = {
    "model": "m" * 64,
    "prompt": "a lake",
    "width": 512,
    "height": 768,
    "steps": 20,
    "guidance": 7.5,
    "sampler": "euler",
    "seed": 1,
}
SOURCE = {"image": "0123456789abcdef" * 4, "strength": 0.5}

texts = st.text(st.characters(exclude_categories=["Cs"]))
sources = st.builds(
    Source,
    image=st.text("0123456789abcdef", min_size=64, max_size=64),
    strength=st.floats(0, 1, exclude_min=True),
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
recipes = st.builds(
    Recipe,
    model=texts,
    prompt=texts,
    width=st.sampled_from(SIZES),
    height=st.sampled_from(SIZES),
    steps=st.sampled_from(STEPS),
    guidance=st.floats(0, MOST_GUIDANCE) | st.integers(0, int(MOST_GUIDANCE)),
    sampler=st.sampled_from(list(SAMPLERS)),
    seed=st.integers(SEEDS.start, SEEDS.stop - 1),
    negative=texts,
    source=st.none() | sources,
    unknown=st.dictionaries(texts.filter(lambda name: name not in KINDS), values, max_size=3),
)


@given(recipes)
@example(Recipe(**PLAIN | {"prompt": 'say "no"\r\n\tor \\ not \0 🌅é', "seed": 2**64 - 1}))
def test_a_recipe_comes_back_from_json_as_it_was(recipe: Recipe) -> None:
    text = json.dumps(recipe.to_json())
    assert Recipe.from_json(json.loads(text)) == recipe


def test_fields_of_a_newer_version_stay_where_they_are() -> None:
    source = {**SOURCE, "feather": 8}
    data = {**PLAIN, "negative": "", "source": source, "regions": [{"name": "ink"}], "unknown": {"unknown": None}}
    assert Recipe.from_json(data).to_json() == data


def test_what_a_recipe_need_not_say_has_defaults() -> None:
    recipe = Recipe.from_json(PLAIN)
    assert (recipe.negative, recipe.source, recipe.unknown) == ("", None, {})
    assert Recipe.from_json({**PLAIN, "source": {"image": SOURCE["image"]}}).source == Source(SOURCE["image"], 0.75)


def test_a_recipe_cannot_be_changed_and_may_be_a_key() -> None:
    recipe = Recipe(**PLAIN, unknown={"regions": []})
    with pytest.raises(FrozenInstanceError):
        recipe.__setattr__("seed", 2)
    assert {recipe: "kept"}[Recipe.from_json(recipe.to_json())] == "kept"
    assert replace(recipe, seed=2) != recipe


@pytest.mark.parametrize("name", list(PLAIN))
def test_a_missing_field_is_named(name: str) -> None:
    with pytest.raises(UserError, match=f"lacks {name}") as caught:
        Recipe.from_json({key: value for key, value in PLAIN.items() if key != name})
    assert caught.value.hint


OUT_OF_RANGE: list[tuple[str, Any]] = [
    ("width", 0),
    ("width", -64),
    ("width", 63),
    ("width", 8193),
    ("height", 63),
    ("height", 100_000),
    ("steps", 0),
    ("steps", -1),
    ("steps", 1001),
    ("guidance", -0.1),
    ("guidance", 100.1),
    ("guidance", math.nan),
    ("guidance", math.inf),
    ("guidance", 10**400),
    ("seed", -1),
    ("seed", 2**64),
    ("sampler", "no such sampler"),
    ("sampler", "Euler a"),
    ("sampler", ""),
    ("prompt", "half a \ud83d"),
    ("negative", "\udc80 half"),
]
WRONG_KINDS: list[tuple[str, Any]] = [
    ("model", 5),
    ("model", None),
    ("prompt", None),
    ("prompt", ["a lake"]),
    ("negative", 0),
    ("width", True),
    ("width", 512.0),
    ("width", "512"),
    ("steps", True),
    ("steps", 20.0),
    ("seed", True),
    ("seed", 1.0),
    ("guidance", True),
    ("guidance", "7"),
    ("guidance", [7]),
    ("sampler", ["euler"]),
    ("sampler", {}),
    ("source", None),
    ("source", "picture.png"),
    ("source", []),
]
BAD_SOURCES: list[Mapping[str, Any]] = [
    {},
    {"strength": 0.5},
    {"image": None},
    {"image": "../../" + "0" * 58},
    {"image": SOURCE["image"].upper()},
    {"image": SOURCE["image"][:-1]},
    {"image": SOURCE["image"] + "\n"},
    *({**SOURCE, "strength": strength} for strength in (0, -0.5, 1.01, math.nan, math.inf, None, "much", [1])),
    {**SOURCE, "strength": True},
    {**SOURCE, "strength": 10**400},
]


@pytest.mark.parametrize(("name", "value"), OUT_OF_RANGE + WRONG_KINDS)
def test_an_illegal_value_in_json_is_refused_with_a_hint(name: str, value: Any) -> None:
    with pytest.raises(UserError) as caught:
        Recipe.from_json({**PLAIN, name: value})
    assert caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(("name", "value"), OUT_OF_RANGE)
def test_an_illegal_value_is_refused_on_construction(name: str, value: Any) -> None:
    with pytest.raises(UserError):
        Recipe(**PLAIN | {name: value})


@pytest.mark.parametrize("source", BAD_SOURCES)
def test_a_bad_source_is_refused_with_a_hint(source: Mapping[str, Any]) -> None:
    with pytest.raises(UserError) as caught:
        Recipe.from_json({**PLAIN, "source": source})
    assert caught.value.message
    assert caught.value.hint


@given(st.dictionaries(st.sampled_from(sorted(KINDS)) | texts, values | st.floats() | st.just(SOURCE)))
def test_any_json_is_a_recipe_or_a_user_error(data: dict[str, Any]) -> None:
    with suppress(UserError):
        recipe = Recipe.from_json(PLAIN | data)
        assert recipe.unknown == {name: value for name, value in data.items() if name not in KINDS}


FILE, OTHER = "a" * 64, "b" * 64


def test_what_is_made_with_other_files_names_them_all_and_comes_back_equal() -> None:
    data = {
        **PLAIN,
        "negative": "",
        "loras": [
            {"file": FILE, "name": "ink", "weight": 0.8},
            {"file": OTHER, "name": "tea", "weight": -1, "text_weight": 0.5, "blocks": {"up_blocks": 0.0}, "odd": 1},
        ],
        "embeddings": {"easy": "c" * 64},
        "parts": {"vae": "d" * 64},
        "clip_skip": 1,
    }
    recipe = Recipe.from_json(data)
    assert recipe.to_json() == data
    assert recipe.files == (PLAIN["model"], "d" * 64, FILE, OTHER, "c" * 64)
    assert recipe.loras[1].blocks == (("up_blocks", 0.0),)
    assert {recipe: "kept"}[Recipe.from_json(data)] == "kept"


@pytest.mark.parametrize(
    "changes",
    [
        {"loras": [{"name": "ink"}]},
        {"loras": ["ink"]},
        {"loras": [{"file": "../ink", "name": "ink"}]},
        {"loras": [{"file": FILE, "name": "ink", "weight": 21}]},
        {"loras": [{"file": FILE, "name": "ink", "weight": float("nan")}]},
        {"loras": [{"file": FILE, "name": "ink", "blocks": {"up": "much"}}]},
        {"parts": {"vae": 3}},
        {"embeddings": {"easy": "easy.pt"}},
        {"clip_skip": 12},
        {"clip_skip": -1},
    ],
)
def test_files_and_weights_that_cannot_be_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(UserError):
        Recipe.from_json({**PLAIN, **changes})
