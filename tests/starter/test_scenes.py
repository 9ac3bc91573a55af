"""Random scenes keep the rules that captions and pictures rely on."""

from __future__ import annotations

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from desktop.starter.scenes import (
    FACTS,
    KINDS,
    MOONS,
    POSITIONS,
    SUN_COLORS,
    TERRAINS,
    TIMES,
    Scene,
    Thing,
    facts,
    random_scene,
    random_scenes,
)

scenes = st.integers(0, 2**32).map(lambda seed: random_scene(random.Random(seed)))


@given(scenes)
def test_light_fits_the_time(scene: Scene) -> None:
    assert scene.time in TIMES
    assert scene.terrain in TERRAINS
    assert scene.light in (None, *(MOONS if scene.time == "night" else SUN_COLORS))
    assert scene.light_position in (POSITIONS if scene.light else (None,))
    assert scene.moon == (scene.time == "night" and scene.light is not None)
    assert not scene.rainbow or scene.time in ("dawn", "noon")


@given(scenes)
def test_things_stand_where_they_may(scene: Scene) -> None:
    assert len(scene.things) <= 2
    assert len({thing.kind for thing in scene.things}) == len(scene.things)
    assert len({thing.position for thing in scene.things}) == len(scene.things)
    for thing in scene.things:
        assert scene.terrain in KINDS[thing.kind].terrains
        assert thing.color in (KINDS[thing.kind].colors or (None,))
        assert thing.kind != "balloon" or thing.position != scene.light_position


@given(scenes)
def test_facts_are_known_and_settle_the_scene(scene: Scene) -> None:
    told = list(facts(scene))
    assert len(told) == len(set(told))
    assert set(told) <= set(FACTS)
    for thing in scene.things:
        assert {thing.kind, f"{thing.kind} {thing.position}"} <= set(told)
        assert not thing.color or f"{thing.position} {thing.color}" in told


def test_facts_are_listed_once() -> None:
    assert len(FACTS) == len(set(FACTS))


def test_facts_of_one_scene() -> None:
    scene = Scene("night", "sea", "full", "left", clouds=True, things=(Thing("lighthouse", "red", "right"),))
    light = ["moon", "light full", "light left"]
    lighthouse = ["lighthouse", "lighthouse red", "lighthouse right", "right red"]
    assert list(facts(scene)) == ["night", "sea", *light, "clouds", *lighthouse]


def test_open_fields_tell_nothing() -> None:
    assert list(facts(Scene(None, None))) == []
    assert list(facts(Scene(None, None, "sun", things=(Thing("house", None, None),)))) == ["sun", "house"]


def test_everything_occurs_and_a_seed_settles_it() -> None:
    made = random_scenes(2000, seed=5)
    assert made == random_scenes(2000, seed=5)
    assert made != random_scenes(2000, seed=6)
    seen = Counter(fact for scene in made for fact in facts(scene))
    assert set(seen) == set(FACTS)
