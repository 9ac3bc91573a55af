"""The seven terrains, each from its far ridge to the ground in front."""

from __future__ import annotations

from collections.abc import Callable

from desktop.starter.painter import HORIZON, MOON, SKY, SUN, WHITE, Color, Painter, Point, column, mix
from desktop.starter.scenes import MOONS

WATER: dict[str, Color] = {
    "dawn": (150, 164, 206),
    "noon": (44, 132, 206),
    "sunset": (150, 72, 120),
    "night": (22, 40, 96),
}


def mountains(p: Painter) -> None:
    for far, base, count, color in ((0.5, 0.70, 3, (120, 132, 166)), (0.12, 0.76, 2, (92, 104, 140))):
        for i in range(count):
            x = (i + p.rng.uniform(0.25, 0.75)) / count
            height, half = p.rng.uniform(0.24, 0.36), p.rng.uniform(0.30, 0.40)
            _peak(p, (x, base - height), half, base, color, far)
    p.ridge(0.74, 0.018, 1.2, p.tint((86, 138, 92), 0.15))
    p.ridge(0.82, 0.02, 0.8, p.tint((112, 172, 88)))


def _peak(p: Painter, top: Point, half: float, base: float, color: Color, far: float) -> None:
    x, height = top[0], base - top[1]
    left, right = (x - half, base), (x + half, base)
    p.poly([left, top, right], p.tint(color, far))
    p.poly([top, right, (x + 0.05, base)], p.tint(mix(color, (40, 50, 90), 0.35), far))
    snow = [
        top,
        _between(left, top, 0.62),
        (x - half * 0.16, base - height * 0.70),
        (x - half * 0.04, base - height * 0.54),
        (x + half * 0.12, base - height * 0.68),
        _between(right, top, 0.62),
    ]
    p.poly(snow, p.tint(WHITE, far * 0.35, 0.7))


def _between(a: Point, b: Point, share: float) -> Point:
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share


def hills(p: Painter) -> None:
    p.ridge(0.60, 0.045, 1.1, p.tint((118, 176, 110), 0.42))
    p.ridge(0.68, 0.045, 0.9, p.tint((104, 176, 84), 0.16))
    p.ridge(0.80, 0.035, 0.7, p.tint((124, 196, 78)))
    for _ in range(12):
        x, y = p.rng.random(), p.rng.uniform(0.88, 0.98)
        flower = p.rng.choice((WHITE, (252, 214, 80), (246, 130, 160)))
        p.circle(x, y, 0.008, p.tint(flower, 0, 0.6))


def dunes(p: Painter) -> None:
    rows = (
        (0.61, 0.035, 1.0, (232, 178, 104), 0.32),
        (0.69, 0.05, 0.75, (238, 184, 98), 0.08),
        (0.82, 0.04, 0.6, (246, 202, 120), 0.0),
    )
    for y, height, waves, color, far in rows:
        phase = p.rng.uniform(0, 6.28)
        p.ridge(y, height, waves, p.tint(color, far), phase)
        p.ridge(y + 0.055, height * 0.6, waves, p.tint(mix(color, (206, 132, 72), 0.45), far), phase + 0.9)


def sea(p: Painter) -> None:
    _water(p, HORIZON, 1.0)


def lake(p: Painter) -> None:
    p.ridge(0.56, 0.035, 1.0, p.tint((108, 150, 120), 0.45))
    p.ridge(0.61, 0.016, 1.6, p.tint((72, 128, 84), 0.2))
    _water(p, 0.66, 0.90)
    p.ridge(0.885, 0.012, 1.0, p.tint((120, 184, 84)))


def _water(p: Painter, top: float, bottom: float) -> None:
    near, height = WATER[p.time], bottom - top
    p.rect(0, top, 1, bottom, mix(near, SKY[p.time][2], 0.25))
    p.rect(0, top + height * 0.35, 1, bottom, mix(near, SKY[p.time][2], 0.1))
    p.rect(0, top + height * 0.7, 1, bottom, near)
    for _ in range(9):
        x, y = p.rng.random(), p.rng.uniform(top + 0.03, bottom - 0.02)
        p.line((x, y), (x + p.rng.uniform(0.05, 0.12), y), 0.010, mix(near, WHITE, 0.4), 0.8)
    if p.scene.light:
        color = MOON if p.scene.light in MOONS else SUN[p.scene.light]
        _reflection(p, column(p.scene.light_position), top, bottom, mix(color, WHITE, 0.2))


def _reflection(p: Painter, x: float, top: float, bottom: float, color: Color) -> None:
    for i in range(5):
        y, half = top + 0.025 + i * (bottom - top) / 5.6, 0.045 + 0.015 * i + p.rng.uniform(-0.015, 0.015)
        p.line((x - half, y), (x + half, y), 0.016, color, 0.8)


def city(p: Painter) -> None:
    rows = ((0.45, 0.26, 0.44, 0.10, (112, 124, 158)), (0.05, 0.14, 0.34, 0.125, (84, 92, 128)))
    for far, low, high, step, color in rows:
        x = -0.04
        while x < 1:
            width, height = step * p.rng.uniform(0.8, 1.15), p.rng.uniform(low, high)
            body = p.tint(mix(color, p.rng.choice(((160, 110, 110), (96, 130, 150), (90, 90, 120))), 0.4), far, 0.8)
            p.rect(x, 0.80 - height, x + width, 0.9, body)
            if far < 0.3:
                _windows(p, x, width, height, body)
            elif p.rng.random() < 0.3:
                p.line((x + width / 2, 0.80 - height), (x + width / 2, 0.74 - height), 0.012, body)
            x += width + 0.006
    p.ridge(0.83, 0.010, 1.0, p.tint((96, 158, 88)))


def _windows(p: Painter, x: float, width: float, height: float, wall: Color) -> None:
    glass = (255, 220, 120) if p.time in ("night", "sunset") else mix(wall, WHITE, 0.45)
    for row in range(int(height / 0.065)):
        for share in (0.22, 0.60):
            if p.rng.random() < 0.8:
                left, top = x + share * width, 0.82 - height + row * 0.065
                p.rect(left, top, left + 0.024, top + 0.032, glass)


def forest(p: Painter) -> None:
    p.ridge(0.62, 0.03, 1.0, p.tint((96, 150, 120), 0.4))
    for far, base, height, count, color in ((0.30, 0.76, 0.30, 9, (66, 130, 98)), (0.05, 0.86, 0.34, 7, (38, 102, 74))):
        shift = p.rng.uniform(-0.5, 0.5) / count
        p.rect(0, base - 0.06, 1, 1, p.tint(mix(color, (20, 60, 50), 0.3), far))
        for i in range(count + 1):
            x = i / count + shift + p.rng.uniform(-0.02, 0.02)
            fir(p, x, base, height * p.rng.uniform(0.8, 1.15), p.tint(color, far))
    p.ridge(0.86, 0.012, 0.9, p.tint((98, 160, 84)))


def fir(p: Painter, x: float, base: float, height: float, color: Color) -> None:
    """A conifer of three layers, dark on its right side."""
    trunk = height * 0.035
    p.rect(x - trunk, base - height * 0.14, x + trunk, base, p.tint((112, 76, 52), 0, 0.8))
    for i in range(3):
        low, high = base - height * (0.10 + 0.26 * i), base - height * (0.52 + 0.24 * i)
        half = height * 0.30 * (1 - 0.22 * i)
        p.poly([(x - half, low), (x, high), (x + half, low)], color)
        p.poly([(x, high), (x + half, low), (x, low)], mix(color, (0, 20, 30), 0.18))


TERRAIN_PAINTERS: dict[str, Callable[[Painter], None]] = {
    "mountains": mountains,
    "hills": hills,
    "dunes": dunes,
    "sea": sea,
    "lake": lake,
    "city": city,
    "forest": forest,
}
