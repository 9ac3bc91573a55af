"""Captions are read back by a grammar of their own: they tell what they were given, all of it and nothing else."""

from __future__ import annotations

import random
import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from desktop.starter.captions import caption, forget, full_caption, phrase
from desktop.starter.scenes import Scene, Thing, facts, random_scene

POSITION = r"(?: (?:on|in) the (left|center|middle|right))?"
THINGS = {
    "pine": r"\ba (?:tall )?pine tree",
    "tree": r"\ban? (?:round )?(?:(green|orange|pink) )?tree",
    "house": r"\ba (?:house|cottage)(?: with an? (\w+) roof)?",
    "tent": r"\ban? (?:(\w+) )?tent",
    "windmill": r"\ban? (?:old )?windmill",
    "cactus": r"\ba (?:green )?cactus",
    "lighthouse": r"\ba (?:(\w+) )?(?:and white )?lighthouse",
    "sailboat": r"\ba (?:sailboat|boat)(?: with an? (\w+) sail)?",
    "balloon": r"\ban? (?:(\w+) )?(?:hot air )?balloon",
}
LIGHT = r"\b(?:an?|the) (?:(yellow|orange|red|full|crescent) )?(sun|moon)\b"
TIMES = {
    "dawn": r"\b(dawn|sunrise|early morning)\b",
    "noon": r"\b(noon|midday|sunny day)\b",
    "sunset": r"\b(sunset|dusk|evening)\b",
    "night": r"\b(night|stars)\b",
}
TERRAINS = {
    "mountains": r"\b(mountains|peaks)\b",
    "hills": r"\bhills\b",
    "dunes": r"\b(dunes|desert)\b",
    "sea": r"\b(sea|ocean)\b",
    "lake": r"\blake\b",
    "city": r"\b(city|buildings)\b",
    "forest": r"\b(forest|woods)\b",
}
seeds = st.integers(0, 2**32)


def understand(text: str) -> Scene:
    """The scene that a caption tells, its things in the order of THINGS."""
    light, light_position = None, None
    if found := re.search(LIGHT + POSITION, text):
        shape, body, place = found.groups()
        light, light_position = shape or body, _position(place)
    return Scene(
        _only(TIMES, text),
        _only(TERRAINS, text),
        light,
        light_position,
        clouds="clouds" in text,
        rainbow="rainbow" in text,
        things=tuple(
            Thing(kind, found.group(1) if found.re.groups == 2 else None, _position(found.groups()[-1]))
            for kind, pattern in THINGS.items()
            for found in re.finditer(pattern + POSITION, text)
        ),
    )


def _only(patterns: dict[str, str], text: str) -> str | None:
    found = [name for name, pattern in patterns.items() if re.search(pattern, text)]
    assert len(found) <= 1, text
    return found[0] if found else None


def _position(word: str | None) -> str | None:
    return "center" if word == "middle" else word


def in_order(scene: Scene) -> Scene:
    return replace(scene, things=tuple(sorted(scene.things, key=lambda thing: list(THINGS).index(thing.kind))))


@given(seeds)
def test_full_caption_tells_everything(seed: int) -> None:
    scene = random_scene(random.Random(seed))
    assert understand(full_caption(scene)) == in_order(scene)


@given(seeds)
def test_any_wording_tells_exactly_what_was_kept(seed: int) -> None:
    rng = random.Random(seed)
    told = forget(random_scene(rng), rng)
    text = phrase(told, rng)
    assert understand(text) == in_order(told), text
    assert not re.search(r"\ba orange", text)


@given(seeds)
def test_forgetting_invents_nothing(seed: int) -> None:
    rng = random.Random(seed)
    scene = random_scene(rng)
    assert set(facts(forget(scene, rng))) <= set(facts(scene))


def test_caption_forgets_and_phrases() -> None:
    scene = random_scene(random.Random(3))
    rng = random.Random(4)
    expected = phrase(forget(scene, rng), rng)
    assert caption(scene, random.Random(4)) == expected


def test_wordings_differ_and_full_captions_do_not() -> None:
    scene = Scene("sunset", "hills", "red", "left", things=(Thing("house", "blue", "right"),))
    wordings = {phrase(scene, random.Random(seed)) for seed in range(50)}
    assert len(wordings) > 20
    assert full_caption(scene) == (
        "a house with a blue roof on the right in front of green hills at sunset, a red sun on the left"
    )
