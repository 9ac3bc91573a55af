"""Layer: pixels with a place in the stack, and how they meet what is below them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any
from uuid import uuid4

import numpy as np
from PySide6.QtCore import QPoint, QRect

from desktop.canvas.tiles import Plane, keys_in


class Role(StrEnum):
    """What a layer is for. Only PAINT and PICTURE are seen in the picture itself."""

    PAINT = "paint"
    PICTURE = "picture"  # made or brought in
    MASK = "mask"  # one channel: where the model works
    CONTROL = "control"
    REGION = "region"

    @property
    def channels(self) -> int:
        return 1 if self in (Role.MASK, Role.REGION) else 4

    @property
    def seen(self) -> bool:
        return self in (Role.PAINT, Role.PICTURE)


class Blend(StrEnum):
    """How a layer's colours meet those below: the modes of the W3C's compositing, by its names."""

    NORMAL = "normal"
    MULTIPLY = "multiply"
    SCREEN = "screen"
    OVERLAY = "overlay"
    DARKEN = "darken"
    LIGHTEN = "lighten"
    ADD = "plus-lighter"
    COLOR = "color"
    LUMINOSITY = "luminosity"


FAR = 2**30  # pixels: Qt counts to twice that


def whole(pixels: float) -> int:
    """ValueError where that is too far away."""
    if abs(pixels) > FAR:
        raise ValueError(f"{pixels} pixels")
    return int(pixels)


def new_id() -> str:
    return uuid4().hex


@dataclass(frozen=True, eq=False)
class Layer:
    """`offset` moves all of it without touching its pixels. Areas are the canvas's, in pixels."""

    name: str
    role: Role = Role.PAINT
    plane: Plane = field(default_factory=lambda: Plane(4))
    opacity: float = 1.0
    blend: Blend = Blend.NORMAL
    visible: bool = True
    locked: bool = False
    alpha_locked: bool = False  # what is transparent stays so
    offset: tuple[int, int] = (0, 0)
    id: str = field(default_factory=new_id)

    @staticmethod
    def empty(name: str, role: Role = Role.PAINT) -> Layer:
        return Layer(name, role, Plane(role.channels))

    @property
    def bounds(self) -> QRect:
        """Around all its tiles."""
        return self.plane.bounds.translated(*self.offset)

    def touches(self, area: QRect) -> bool:
        """Whether it has anything in one of the area's tiles."""
        return any(key in self.plane.tiles for key in keys_in(area.translated(-self._place)))

    def read(self, area: QRect) -> np.ndarray:
        """height x width x channels."""
        return self.plane.read(area.translated(-self._place))

    def write(self, area: QRect, pixels: np.ndarray) -> Layer:
        return replace(self, plane=self.plane.write(area.translated(-self._place), pixels))

    def moved(self, dx: int, dy: int) -> Layer:
        return replace(self, offset=(self.offset[0] + dx, self.offset[1] + dy))

    def settled(self) -> Layer:
        """The same in the same place, without an offset."""
        return replace(self, plane=self.plane.moved(*self.offset), offset=(0, 0))

    @property
    def _place(self) -> QPoint:
        return QPoint(*self.offset)

    def to_json(self) -> dict[str, Any]:
        """JSON-ready, all but the pixels."""
        return {
            "id": self.id,
            "name": self.name,
            "role": self.role,
            "opacity": self.opacity,
            "blend": self.blend,
            "visible": self.visible,
            "locked": self.locked,
            "alpha_locked": self.alpha_locked,
            "offset": list(self.offset),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any], plane: Plane) -> Layer:
        """Raises ValueError, TypeError or KeyError where that is no layer."""
        x, y = data["offset"]
        return Layer(
            id=str(data["id"]),
            name=str(data["name"]),
            role=Role(data["role"]),
            plane=plane,
            opacity=max(0.0, min(1.0, float(data["opacity"]))),  # in this order it is 1 if that is not a number
            blend=Blend(data["blend"]),
            visible=bool(data["visible"]),
            locked=bool(data["locked"]),
            alpha_locked=bool(data["alpha_locked"]),
            offset=(whole(x), whole(y)),
        )
