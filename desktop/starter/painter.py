"""The brush: shapes in a unit square with y pointing down, and the colours of the four times of day."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import numpy as np
import skia

from desktop.starter.scenes import Scene

Color = tuple[float, ...]  # red, green, blue in 0..255
Point = tuple[float, float]

COLUMN = {"left": 0.21, "center": 0.5, "right": 0.79}
HORIZON = 0.64
WHITE, BLACK = (255, 255, 255), (0, 0, 0)
COLORS: dict[str, Color] = {
    "red": (222, 48, 48),
    "orange": (246, 140, 42),
    "yellow": (252, 208, 62),
    "green": (92, 168, 76),
    "blue": (44, 98, 220),
    "purple": (142, 72, 190),
    "pink": (246, 140, 178),
    "white": (250, 248, 242),
}
SKY: dict[str, tuple[Color, Color, Color]] = {  # from the top to the horizon
    "dawn": ((142, 164, 222), (240, 190, 206), (255, 228, 190)),
    "noon": ((58, 148, 232), (126, 198, 246), (206, 238, 252)),
    "sunset": ((84, 54, 126), (224, 92, 108), (255, 182, 92)),
    "night": ((10, 16, 48), (24, 38, 92), (52, 70, 136)),
}
HAZE: dict[str, Color] = {  # what far things fade into
    "dawn": (246, 206, 206),
    "noon": (190, 226, 246),
    "sunset": (236, 120, 104),
    "night": (44, 60, 122),
}
AMBIENT: dict[str, tuple[Color, float]] = {  # the light that lies on everything, and how strongly
    "dawn": ((236, 170, 178), 0.20),
    "noon": ((255, 255, 240), 0.0),
    "sunset": ((150, 52, 84), 0.36),
    "night": ((18, 28, 84), 0.56),
}
SUN: dict[str, Color] = {"yellow": (255, 226, 84), "orange": (255, 150, 40), "red": (236, 58, 44)}
MOON: Color = (250, 244, 214)


def mix(a: Color, b: Color, share: float) -> Color:
    """`a` with a share of `b` in it."""
    return tuple(x + (y - x) * share for x, y in zip(a, b, strict=True))


def column(position: str | None) -> float:
    """Where a column has its middle."""
    if position is None:
        raise ValueError("only a scene that leaves nothing open can be painted")
    return COLUMN[position]


class Painter:
    """A canvas that tints what it draws by time of day and distance, with the chance that belongs to its scene."""

    def __init__(self, size: int, scene: Scene):
        if scene.time is None or scene.terrain is None:
            raise ValueError("only a scene that leaves nothing open can be painted")
        self.scene, self.time, self.terrain = scene, scene.time, scene.terrain
        self.rng = random.Random(scene.seed)
        self._pixels = np.zeros((size, size, 4), np.uint8)
        self._surface = skia.Surface(self._pixels)  # draws straight into the array
        self.canvas = self._surface.getCanvas()
        self.canvas.scale(size, size)

    def picture(self) -> np.ndarray:
        """What was painted so far, size x size x 3, uint8."""
        return self._pixels[:, :, :3].copy()

    def tint(self, color: Color, far: float = 0.0, strength: float = 1.0) -> Color:
        ambient, amount = AMBIENT[self.time]
        return mix(mix(color, ambient, amount * strength), HAZE[self.time], far)

    @staticmethod
    def paint(color: Color, alpha: float = 1.0, stroke: float = 0.0) -> skia.Paint:
        red, green, blue = (int(max(0, min(255, part))) for part in color)
        paint = skia.Paint(AntiAlias=True, Color=skia.Color(red, green, blue, int(alpha * 255)))
        if stroke:
            paint.setStyle(skia.Paint.kStroke_Style)
            paint.setStrokeWidth(stroke)
            paint.setStrokeCap(skia.Paint.kRound_Cap)
        return paint

    def poly(self, points: Sequence[Point], color: Color, alpha: float = 1.0) -> None:
        outline = skia.Path.Polygon([skia.Point(*point) for point in points], True)
        self.canvas.drawPath(outline, self.paint(color, alpha))

    def circle(self, x: float, y: float, radius: float, color: Color, alpha: float = 1.0) -> None:
        self.canvas.drawCircle(x, y, radius, self.paint(color, alpha))

    def oval(self, x: float, y: float, rx: float, ry: float, color: Color, alpha: float = 1.0) -> None:
        self.canvas.drawOval(skia.Rect.MakeLTRB(x - rx, y - ry, x + rx, y + ry), self.paint(color, alpha))

    def rect(self, x0: float, y0: float, x1: float, y1: float, color: Color, corner: float = 0.0) -> None:
        self.canvas.drawRoundRect(skia.Rect.MakeLTRB(x0, y0, x1, y1), corner, corner, self.paint(color))

    def line(self, start: Point, end: Point, width: float, color: Color, alpha: float = 1.0) -> None:
        self.canvas.drawLine(*start, *end, self.paint(color, alpha, width))

    def glow(self, x: float, y: float, radius: float, color: Color, alpha: float) -> None:
        rgb = [int(part) for part in color]
        colors = [skia.Color(*rgb, int(alpha * 255)), skia.Color(*rgb, 0)]
        shader = skia.GradientShader.MakeRadial((x, y), radius, colors)
        self.canvas.drawCircle(x, y, radius, skia.Paint(Shader=shader, AntiAlias=True))

    def ridge(self, y: float, height: float, waves: float, color: Color, phase: float | None = None) -> None:
        """A smooth line of hills, filled down to the bottom edge."""
        shift = self.rng.uniform(0, 6.28) if phase is None else phase

        def top(x: float) -> float:
            return y + height * (math.sin(x * 6.28 * waves + shift) + 0.35 * math.sin(x * 11.3 * waves + 2 * shift))

        self.poly([(0, 1), *((i / 32, top(i / 32)) for i in range(33)), (1, 1)], color)
