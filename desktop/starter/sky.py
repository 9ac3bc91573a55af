"""What is up there: the sky's colours, stars, a rainbow, the sun or moon, clouds."""

from __future__ import annotations

import skia

from desktop.starter.painter import COLORS, HORIZON, MOON, SKY, SUN, Color, Painter, column, mix
from desktop.starter.scenes import MOONS

CLOUD: dict[str, Color] = {
    "dawn": (255, 238, 236),
    "noon": (255, 255, 255),
    "sunset": (255, 176, 150),
    "night": (74, 90, 150),
}


def sky(p: Painter) -> None:
    colors = [skia.Color(*color) for color in SKY[p.time]]
    shader = skia.GradientShader.MakeLinear([(0, 0), (0, HORIZON + 0.06)], colors, [0.0, 0.6, 1.0])
    p.canvas.drawPaint(skia.Paint(Shader=shader))
    if p.time == "night":
        _stars(p)
    if p.scene.rainbow:
        _rainbow(p)
    if p.scene.light in MOONS:
        _moon(p)
    elif p.scene.light:
        _sun(p, SUN[p.scene.light])
    if p.scene.clouds:
        _clouds(p)


def _stars(p: Painter) -> None:
    rng = p.rng
    for _ in range(34):
        x, y, radius = rng.random(), rng.uniform(0, 0.58), rng.choice((0.005, 0.007, 0.010))
        p.circle(x, y, radius, (255, 250, 220), rng.uniform(0.6, 1))


def _rainbow(p: Painter) -> None:
    for i, name in enumerate(("red", "orange", "yellow", "green", "blue", "purple")):
        p.canvas.drawCircle(0.5, 0.78, 0.60 - 0.026 * i, p.paint(COLORS[name], 0.75, 0.027))


def _moon(p: Painter) -> None:
    x = column(p.scene.light_position) + p.rng.uniform(-0.03, 0.03)
    y = p.rng.uniform(0.15, 0.24)
    p.glow(x, y, 0.24, (190, 204, 255), 0.40)
    if p.scene.light == "crescent":
        whole, bite = skia.Path.Circle(x, y, 0.095), skia.Path.Circle(x + 0.055, y - 0.02, 0.085)
        p.canvas.drawPath(skia.Op(whole, bite, skia.PathOp.kDifference_PathOp), p.paint(MOON))
        return
    p.circle(x, y, 0.088, MOON)
    for dx, dy, radius in ((-0.03, -0.02, 0.018), (0.03, 0.025, 0.022), (-0.015, 0.04, 0.012)):
        p.circle(x + dx, y + dy, radius, (222, 212, 178))


def _sun(p: Painter, color: Color) -> None:
    x = column(p.scene.light_position) + p.rng.uniform(-0.03, 0.03)
    y = p.rng.uniform(0.15, 0.22) if p.time == "noon" else p.rng.uniform(0.30, 0.37)
    p.glow(x, y, 0.32, mix(color, (255, 255, 220), 0.5), 0.65)
    p.circle(x, y, 0.10, color)


def _clouds(p: Painter) -> None:
    rng, color = p.rng, CLOUD[p.time]
    for x in (rng.uniform(0.05, 0.3), rng.uniform(0.4, 0.6), rng.uniform(0.7, 0.95)):
        y, size = rng.uniform(0.07, 0.40), rng.uniform(0.8, 1.25)
        if p.scene.light and abs(x - column(p.scene.light_position)) < 0.12:
            y = 0.44  # below the sun, which must stay in sight
        puffs = ((-0.075, 0.0, 0.035), (-0.025, -0.025, 0.05), (0.035, -0.015, 0.045), (0.08, 0.003, 0.03))
        for dx, dy, radius in puffs:
            p.circle(x + dx * size, y + dy * size, radius * size, color)
        p.rect(x - 0.11 * size, y, x + 0.11 * size, y + 0.034 * size, color, 0.017 * size)
