"""Landscapes as values: what may be in a picture, and a random choice of it.

    scene = random_scene(rng)
    pixels = painting.render(scene, 128)
    text = captions.caption(scene, rng)

A field that is None is left open: the caption does not tell it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

TIMES = ("dawn", "noon", "sunset", "night")
TERRAINS = ("mountains", "hills", "dunes", "sea", "lake", "city", "forest")
POSITIONS = ("left", "center", "right")
SUN_COLORS = ("yellow", "orange", "red")
MOONS = ("full", "crescent")


@dataclass(frozen=True)
class Kind:
    """A kind of thing: the terrains it may stand in, and the colours its coloured part may have."""

    terrains: tuple[str, ...]
    colors: tuple[str, ...] = ()


KINDS = {
    "pine": Kind(("mountains", "hills", "lake")),
    "tree": Kind(("mountains", "hills", "lake", "city"), ("green", "orange", "pink")),
    "house": Kind(("mountains", "hills", "lake", "forest"), ("red", "blue", "purple", "yellow")),
    "tent": Kind(("mountains", "dunes", "lake", "forest"), ("red", "blue", "yellow", "orange")),
    "windmill": Kind(("hills", "lake", "dunes")),
    "cactus": Kind(("dunes",)),
    "lighthouse": Kind(("sea",), ("red", "blue")),
    "sailboat": Kind(("sea", "lake"), ("red", "yellow", "white", "purple")),
    "balloon": Kind(TERRAINS, ("red", "blue", "yellow", "purple")),
}


@dataclass(frozen=True)
class Thing:
    """One thing in one of three columns; no two things of a scene share a kind or a column."""

    kind: str
    color: str | None = None
    position: str | None = None


@dataclass(frozen=True)
class Scene:
    """What is in a picture. `seed` moves the free shapes: ridges, clouds, stars."""

    time: str | None
    terrain: str | None
    light: str | None = None  # a sun's colour, a moon's shape, or "sun" / "moon" where that is left open
    light_position: str | None = None
    clouds: bool = False
    rainbow: bool = False
    things: tuple[Thing, ...] = ()
    seed: int = field(default=0, compare=False)

    @property
    def moon(self) -> bool:
        return self.light in MOONS or self.light == "moon"


def random_scene(rng: random.Random) -> Scene:
    time, terrain = rng.choice(TIMES), rng.choice(TERRAINS)
    light = None
    if rng.random() < 0.85:
        light = rng.choice(MOONS if time == "night" else SUN_COLORS)
    light_position = rng.choice(POSITIONS) if light else None
    return Scene(
        time,
        terrain,
        light,
        light_position,
        clouds=rng.random() < 0.4,
        rainbow=time in ("dawn", "noon") and rng.random() < 0.14,
        things=_random_things(terrain, light_position, rng),
        seed=rng.getrandbits(30),
    )


def _random_things(terrain: str, light_position: str | None, rng: random.Random) -> tuple[Thing, ...]:
    things: list[Thing] = []
    free: list[str] = list(POSITIONS)
    for _ in range(rng.choices((0, 1, 2), (0.12, 0.6, 0.28))[0]):
        taken = {thing.kind for thing in things}
        kind = rng.choice([k for k, row in KINDS.items() if terrain in row.terrains and k not in taken])
        # a balloon in front of the sun hides it
        position = rng.choice([p for p in free if kind != "balloon" or p != light_position])
        free.remove(position)
        colors = KINDS[kind].colors
        things.append(Thing(kind, rng.choice(colors) if colors else None, position))
    return tuple(things)


def random_scenes(count: int, seed: int) -> list[Scene]:
    rng = random.Random(seed)
    return [random_scene(rng) for _ in range(count)]


def facts(scene: Scene) -> Iterator[str]:
    """Everything that a scene settles; pairs bind what belongs together: "house left", "house red", "left red"."""
    if scene.time:
        yield scene.time
    if scene.terrain:
        yield scene.terrain
    if scene.light:
        yield "moon" if scene.moon else "sun"
        if scene.light in (*SUN_COLORS, *MOONS):
            yield f"light {scene.light}"
        if scene.light_position:
            yield f"light {scene.light_position}"
    if scene.clouds:
        yield "clouds"
    if scene.rainbow:
        yield "rainbow"
    for thing in scene.things:
        yield thing.kind
        if thing.color:
            yield f"{thing.kind} {thing.color}"
        if thing.position:
            yield f"{thing.kind} {thing.position}"
        if thing.color and thing.position:
            yield f"{thing.position} {thing.color}"


FACTS = (
    *TIMES,
    *TERRAINS,
    "sun",
    "moon",
    *(f"light {x}" for x in (*SUN_COLORS, *MOONS, *POSITIONS)),
    "clouds",
    "rainbow",
    *KINDS,
    *(f"{kind} {color}" for kind, row in KINDS.items() for color in row.colors),
    *(f"{kind} {position}" for kind in KINDS for position in POSITIONS),
    *(f"{p} {c}" for p in POSITIONS for c in dict.fromkeys(c for row in KINDS.values() for c in row.colors)),
)
