"""Coverage of strokes, and a document to paint on."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import hypot

import numpy as np
from hypothesis import strategies as st
from PySide6.QtCore import QRect

from desktop.canvas.brush import Stroke
from desktop.canvas.layer import Layer
from desktop.canvas.nib import Brush
from desktop.canvas.snapshot import Snapshot
from desktop.canvas.tools.kit import Kit
from tests.canvas.things import document_of

AREA = QRect(-100, -100, 400, 400)
HARD = Brush(20, hardness=1.0, pressure_sizes=False)
places = st.tuples(st.floats(0, 90), st.floats(0, 90), st.floats(0, 1))
brushes = st.builds(
    Brush,
    size=st.floats(1, 40),
    hardness=st.floats(0, 1),
    flow=st.floats(0.05, 1),
    spacing=st.floats(0.05, 1),
    pressure_sizes=st.booleans(),
    pressure_covers=st.booleans(),
)


def stroke(brush: Brush, *places: tuple[float, ...]) -> np.ndarray:
    """Coverage of AREA, 0 to 255."""
    work = Stroke(brush)
    for place in places:
        work.go_to(*place)
    work.end()
    return work.coverage.read(AREA)[..., 0]


def at(coverage: np.ndarray, x: int, y: int) -> int:
    return int(coverage[y - AREA.y(), x - AREA.x()])


def line(brush: Brush, *ends: tuple[float, float]) -> np.ndarray:
    """Straight ways with a point every other pixel, as a mouse gives them."""
    path = [ends[0]]
    for (x, y), (to_x, to_y) in pairwise(ends):
        number = max(int(hypot(to_x - x, to_y - y) / 2), 1)
        path += [(x + (to_x - x) * n / number, y + (to_y - y) * n / number) for n in range(1, number + 1)]
    return stroke(brush, *path)


def kit_on(layer: Layer, brush: Brush = HARD, **properties: object) -> Kit:
    snapshot = replace(Snapshot((layer,), layer.id), **properties)  # type: ignore[arg-type]
    return Kit(document_of(snapshot), brush, color=(200, 100, 50))


def active(kit: Kit) -> Layer:
    assert kit.document.snapshot.active
    return kit.document.snapshot.active
