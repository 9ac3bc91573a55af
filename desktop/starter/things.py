"""The nine kinds of things, each drawn around a given x; those whose colour is always the same ignore the one given."""

from __future__ import annotations

import math
from collections.abc import Callable

from desktop.starter.painter import WHITE, Color, Painter, Point, mix
from desktop.starter.terrains import fir

ThingPainter = Callable[[Painter, float, Color], None]
GROUND = 0.94


def shadow(p: Painter, x: float, half: float) -> None:
    p.oval(x, GROUND, half, 0.018, p.tint((30, 50, 40)), 0.35)


def pine(p: Painter, x: float, _: Color) -> None:
    shadow(p, x, 0.12)
    fir(p, x, GROUND, 0.46, p.tint((28, 110, 70), 0, 0.7))


def tree(p: Painter, x: float, color: Color) -> None:
    leaves = p.tint(color, 0, 0.55)
    shadow(p, x, 0.12)
    trunk = [(x - 0.026, GROUND), (x - 0.016, 0.70), (x + 0.016, 0.70), (x + 0.026, GROUND)]
    p.poly(trunk, p.tint((116, 78, 54), 0, 0.7))
    for dx, y, radius in ((-0.07, 0.71, 0.075), (0.07, 0.71, 0.075), (0.0, 0.63, 0.10), (0.0, 0.72, 0.08)):
        p.circle(x + dx, y, radius, leaves)
    p.circle(x - 0.03, 0.61, 0.045, mix(leaves, WHITE, 0.22))


def house(p: Painter, x: float, color: Color) -> None:
    shadow(p, x, 0.17)
    p.rect(x + 0.06, 0.60, x + 0.10, 0.72, p.tint((150, 96, 84), 0, 0.6))
    p.rect(x - 0.13, 0.74, x + 0.13, GROUND, p.tint((250, 236, 210), 0, 0.6))
    roof = [(x - 0.17, 0.76), (x - 0.09, 0.61), (x + 0.09, 0.61), (x + 0.17, 0.76)]
    p.poly(roof, p.tint(color, 0, 0.5))
    p.rect(x - 0.095, 0.80, x - 0.035, 0.86, (255, 224, 120) if p.time in ("night", "sunset") else (120, 176, 214))
    p.rect(x + 0.02, 0.81, x + 0.085, GROUND, p.tint((132, 84, 60), 0, 0.6))


def tent(p: Painter, x: float, color: Color) -> None:
    cloth = p.tint(color, 0, 0.5)
    shadow(p, x, 0.17)
    p.poly([(x - 0.17, GROUND), (x, 0.70), (x + 0.17, GROUND)], cloth)
    p.poly([(x, 0.70), (x + 0.17, GROUND), (x + 0.08, GROUND)], mix(cloth, (20, 20, 40), 0.25))
    inside = (255, 220, 130) if p.time == "night" else p.tint((70, 56, 60), 0, 0.5)
    p.poly([(x - 0.05, GROUND), (x, 0.76), (x + 0.05, GROUND)], inside)


def windmill(p: Painter, x: float, _: Color) -> None:
    shadow(p, x, 0.10)
    tower = [(x - 0.085, GROUND), (x - 0.05, 0.66), (x + 0.05, 0.66), (x + 0.085, GROUND)]
    p.poly(tower, p.tint((244, 232, 212), 0, 0.6))
    p.poly([(x - 0.06, 0.67), (x, 0.58), (x + 0.06, 0.67)], p.tint((150, 92, 70), 0, 0.6))
    p.rect(x - 0.022, 0.86, x + 0.022, GROUND, p.tint((120, 80, 60), 0, 0.6))
    turn = p.rng.uniform(0.4, 1.1)
    for i in range(4):
        _sail(p, (x, 0.655), turn + i * math.pi / 2)


def _sail(p: Painter, hub: Point, angle: float) -> None:
    dx, dy = math.cos(angle), math.sin(angle)

    def at(along: float, beside: float) -> Point:
        return hub[0] + dx * along - dy * beside, hub[1] + dy * along + dx * beside

    p.poly([at(0.05, 0.004), at(0.20, 0.004), at(0.20, 0.05), at(0.05, 0.04)], p.tint((255, 252, 244), 0, 0.5))
    p.line(hub, (hub[0] + dx * 0.205, hub[1] + dy * 0.205), 0.013, p.tint((108, 76, 60), 0, 0.6))


def cactus(p: Painter, x: float, _: Color) -> None:
    green = p.tint((56, 146, 84), 0, 0.6)
    shadow(p, x, 0.10)
    p.line((x, 0.92), (x, 0.62), 0.075, green)
    for side, y in ((-1, 0.79), (1, 0.74)):
        elbow = (x + side * 0.10, y)
        p.line((x, y), elbow, 0.048, green)
        p.line(elbow, (elbow[0], y - 0.13), 0.048, green)
    p.circle(x, 0.575, 0.022, p.tint((246, 120, 160), 0, 0.5))


def lighthouse(p: Painter, x: float, color: Color) -> None:
    paint, white = p.tint(color, 0, 0.5), p.tint((252, 248, 240), 0, 0.55)
    rock = [(x - 0.16, 0.95), (x - 0.10, 0.87), (x + 0.11, 0.87), (x + 0.17, 0.95)]
    p.poly(rock, p.tint((104, 98, 100), 0, 0.7))
    for i in range(5):
        top, bottom = 0.50 + i * 0.076, 0.50 + (i + 1) * 0.076
        upper, lower = 0.042 + (top - 0.50) * 0.08, 0.042 + (bottom - 0.50) * 0.08
        band = [(x - upper, top), (x + upper, top), (x + lower, bottom), (x - lower, bottom)]
        p.poly(band, (paint, white)[i % 2])
    if p.time in ("night", "sunset"):
        p.glow(x, 0.46, 0.16, (255, 236, 150), 0.9)
    p.rect(x - 0.03, 0.43, x + 0.03, 0.50, (255, 232, 130))
    p.poly([(x - 0.05, 0.435), (x, 0.37), (x + 0.05, 0.435)], paint)


def sailboat(p: Painter, x: float, color: Color) -> None:
    sail, y = p.tint(color, 0, 0.45), 0.84 if p.terrain == "sea" else 0.82
    # the smaller sail is lighter than the other, but darker than a white one
    other = mix(sail, WHITE, 0.25) if min(color) < 200 else mix(sail, (150, 170, 200), 0.3)
    p.line((x, y - 0.36), (x, y), 0.014, p.tint((110, 78, 60), 0, 0.6))
    p.poly([(x + 0.015, y - 0.36), (x + 0.015, y - 0.05), (x + 0.17, y - 0.05)], sail)
    p.poly([(x - 0.015, y - 0.30), (x - 0.015, y - 0.05), (x - 0.12, y - 0.05)], other)
    hull = [(x - 0.17, y - 0.025), (x + 0.19, y - 0.025), (x + 0.12, y + 0.05), (x - 0.11, y + 0.05)]
    p.poly(hull, p.tint((134, 82, 54), 0, 0.6))


def balloon(p: Painter, x: float, color: Color) -> None:
    cloth, y = p.tint(color, 0, 0.4), p.rng.uniform(0.20, 0.28)
    for dx in (-0.05, 0.05):
        p.line((x + dx * 1.6, y + 0.09), (x + dx * 0.6, y + 0.20), 0.008, p.tint((96, 70, 60), 0, 0.5))
    p.circle(x, y, 0.125, cloth)
    p.poly([(x - 0.112, y + 0.055), (x + 0.112, y + 0.055), (x + 0.035, y + 0.165), (x - 0.035, y + 0.165)], cloth)
    p.oval(x, y, 0.05, 0.122, mix(cloth, WHITE, 0.45))
    p.rect(x - 0.035, y + 0.195, x + 0.035, y + 0.245, p.tint((150, 98, 60), 0, 0.5), 0.008)


THING_PAINTERS: dict[str, ThingPainter] = {
    "pine": pine,
    "tree": tree,
    "house": house,
    "tent": tent,
    "windmill": windmill,
    "cactus": cactus,
    "lighthouse": lighthouse,
    "sailboat": sailboat,
    "balloon": balloon,
}
