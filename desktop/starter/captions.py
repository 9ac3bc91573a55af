"""Scenes in words: many wordings for training, one fixed wording that names every detail for measuring."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from desktop.starter.scenes import MOONS, SUN_COLORS, Scene, Thing

TIME_WORDS = {
    "dawn": ("at dawn", "at sunrise", "in the early morning"),
    "noon": ("at noon", "at midday", "on a sunny day"),
    "sunset": ("at sunset", "at dusk", "in the evening"),
    "night": ("at night", "on a starry night", "under the stars"),
}
TERRAIN_WORDS = {
    "mountains": ("snowy mountains", "snowy peaks", "mountains"),
    "hills": ("green hills", "rolling hills", "hills"),
    "dunes": ("desert dunes", "sand dunes", "the desert"),
    "sea": ("the sea", "the ocean", "a blue sea"),
    "lake": ("a lake", "a calm lake", "a quiet lake"),
    "city": ("a city skyline", "a city", "tall buildings"),
    "forest": ("a forest", "a pine forest", "the woods"),
}
POSITION_WORDS = {
    "left": ("on the left",),
    "center": ("in the center", "in the middle"),
    "right": ("on the right",),
}
THING_WORDS = {
    "pine": ("a pine tree", "a tall pine tree"),
    "tree": ("a round {color} tree", "a {color} tree"),
    "house": ("a house with a {color} roof", "a cottage with a {color} roof"),
    "tent": ("a {color} tent",),
    "windmill": ("a windmill", "an old windmill"),
    "cactus": ("a cactus", "a green cactus"),
    "lighthouse": ("a {color} lighthouse", "a {color} and white lighthouse"),
    "sailboat": ("a sailboat with a {color} sail", "a boat with a {color} sail"),
    "balloon": ("a {color} hot air balloon", "a {color} balloon"),
}
PLAIN_THING_WORDS = {
    **THING_WORDS,  # kinds without a colour have no other words
    "tree": ("a tree",),
    "house": ("a house", "a cottage"),
    "tent": ("a tent",),
    "lighthouse": ("a lighthouse",),
    "sailboat": ("a sailboat", "a boat"),
    "balloon": ("a hot air balloon", "a balloon"),
}
STYLES = ("a painting of", "an illustration of", "a picture of", "flat illustration,")


class Choice(Protocol):
    """The part of random.Random that wording needs."""

    def choice(self, seq: Sequence[str], /) -> str: ...
    def random(self) -> float: ...
    def shuffle(self, x: list[str], /) -> None: ...


class _First:
    """Always the first wording, in the order given."""

    def choice(self, seq: Sequence[str], /) -> str:
        return seq[0]

    def random(self) -> float:
        return 1.0

    def shuffle(self, x: list[str], /) -> None:
        pass


def full_caption(scene: Scene) -> str:
    return phrase(scene, _First())


def caption(scene: Scene, rng: random.Random) -> str:
    return phrase(forget(scene, rng), rng)


def forget(scene: Scene, rng: random.Random) -> Scene:
    """The scene with details left open at random, as people leave them open."""
    detail = rng.choice((0.5, 0.85, 1.0, 1.0))

    def keep(share: float = 1.0) -> bool:
        return rng.random() < 1 - (1 - detail) * share

    def forget_thing(thing: Thing) -> Thing:
        return replace(thing, color=thing.color if keep() else None, position=thing.position if keep() else None)

    things = tuple(forget_thing(thing) for thing in scene.things if keep(0.5))
    light, light_position = None, None
    if scene.light and keep():
        light = scene.light if keep() else ("moon" if scene.moon else "sun")
        light_position = scene.light_position if keep() else None
    return replace(
        scene,
        time=scene.time if keep(0.4) else None,
        terrain=scene.terrain if keep(0.4) or not things else None,
        light=light,
        light_position=light_position,
        clouds=scene.clouds and keep(),
        rainbow=scene.rainbow and keep(0.5),
        things=things,
    )


def phrase(scene: Scene, rng: Choice) -> str:
    """All that the scene tells, in words."""
    things = [_thing(thing, rng) for thing in scene.things]
    extras = [_light(scene, rng)] if scene.light else []
    if scene.clouds:
        extras.append(rng.choice(("clouds", "white clouds", "a few clouds")))
    if scene.rainbow:
        extras.append("a rainbow")
    time = rng.choice(TIME_WORDS[scene.time]) if scene.time else ""
    terrain = rng.choice(TERRAIN_WORDS[scene.terrain]) if scene.terrain else ""
    rng.shuffle(things)
    rng.shuffle(extras)
    text = _compose(things, extras, time, terrain, rng)
    if rng.random() < 0.15:
        follows = text.split()[0] in ("at", "in", "on", "under")
        text = f"{STYLES[-1] if follows else rng.choice(STYLES)} {text}"
    return text


def _compose(things: list[str], extras: list[str], time: str, terrain: str, rng: Choice) -> str:
    place = f"{terrain} {time}".strip()
    form = rng.choice("ABCD")
    if form == "A" and things and terrain:  # a house ... in front of hills at dawn, a red sun on the left
        link = rng.choice(("in front of", "near", "and"))
        return ", ".join([f"{_join(things)} {link} {place}", *extras])
    if form == "B" and things + extras and place:  # hills at dawn with a house ... and a red sun on the left
        return f"{place} with {_join(things + extras)}"
    if form == "C":  # dawn, hills, a house ..., a red sun on the left, in any order
        when = time.split()[-1] if time.startswith("at") and rng.random() < 0.5 else time
        parts = [part for part in (when, terrain, *things, *extras) if part]
        rng.shuffle(parts)
        return ", ".join(parts)
    if form == "D" and extras and terrain:  # a red sun on the left over hills at dawn, a house ...
        return ", ".join([f"{_join(extras)} over {place}", *things])
    return ", ".join(part for part in (place, *things, *extras) if part)


def _thing(thing: Thing, rng: Choice) -> str:
    words = THING_WORDS if thing.color else PLAIN_THING_WORDS
    return _placed(rng.choice(words[thing.kind]).format(color=thing.color), thing.position, rng)


def _light(scene: Scene, rng: Choice) -> str:
    if scene.light in (*SUN_COLORS, *MOONS):
        text = f"a {scene.light} {'moon' if scene.moon else 'sun'}"
    else:
        text = f"the {scene.light}"
    return _placed(text, scene.light_position, rng)


def _placed(text: str, position: str | None, rng: Choice) -> str:
    text = text.replace("a orange", "an orange")
    return f"{text} {rng.choice(POSITION_WORDS[position])}" if position else text


def _join(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
