"""Documents to write, and archives as other programs write them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from PIL import Image
from PySide6.QtCore import QRect

from desktop.canvas.files import ora
from desktop.canvas.files.contents import Contents
from desktop.canvas.layer import Blend, Layer, Role
from desktop.canvas.snapshot import Snapshot
from desktop.canvas.tiles import Plane
from desktop.raster import Raster
from tests.canvas.things import noisy

SPOT = QRect(1, 2, 3, 4)
QUICK = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def raw(area: QRect, channels: int, seed: int) -> Plane:
    """Pixels of any values, colour without coverage too."""
    pixels = np.random.default_rng(seed).integers(0, 256, (area.height(), area.width(), channels), np.uint8)
    pixels[pixels[..., -1] < 128, -1] = 0
    return Plane(channels).write(area, pixels)


places = st.integers(-300, 300)
areas = st.builds(QRect, places, places, st.integers(0, 40), st.integers(0, 40))
seeds = st.integers(0, 99)
texts = st.text(st.characters(codec=None), max_size=12)


@st.composite
def layers(draw: st.DrawFn) -> Layer:
    role = draw(st.sampled_from(Role))
    return Layer(
        draw(texts),
        role,
        raw(draw(areas), role.channels, draw(seeds)),
        draw(st.floats(0, 1)),
        draw(st.sampled_from(Blend)),
        *(draw(st.booleans()) for _ in range(3)),
        offset=(draw(places), draw(places)),
    )


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    stack = tuple(draw(st.lists(layers(), max_size=4)))
    active = draw(st.sampled_from([layer.id for layer in stack])) if stack else ""
    frame = draw(st.builds(QRect, places, places, st.integers(1, 99), st.integers(1, 99)))
    return Snapshot(stack, active, raw(draw(areas), 1, draw(seeds)), frame)


def example() -> Snapshot:
    """Something of everything."""
    return Snapshot(
        (
            Layer("Ground", plane=noisy(QRect(-20, -10, 90, 70), seed=1)),
            Layer("Glow", plane=noisy(QRect(0, 0, 30, 30), seed=2), opacity=0.5, blend=Blend.ADD, offset=(40, 50)),
            Layer("Off", plane=noisy(QRect(5, 5, 9, 9), seed=3), visible=False, locked=True, alpha_locked=True),
            Layer("Empty"),
            Layer("Mask", Role.MASK, noisy(QRect(0, 0, 20, 20), 1)),
            Layer("Pose", Role.CONTROL, noisy(QRect(0, 0, 20, 20))),
            Layer("Sky", Role.REGION, noisy(QRect(-50, 0, 20, 20), 1)),
        ),
        selection=noisy(QRect(3, 4, 5, 6), 1),
        frame=QRect(-8, 0, 64, 72),
    ).activate("")


def entries(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as found:
        return {name: found.read(name) for name in found.namelist()}


def packed(file: Path, content: Mapping[str, bytes | str], method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(file, "w", method) as made:
        for name, data in content.items():
            made.writestr(name, data)
    return file


def image_of(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


def png(pixels: np.ndarray) -> bytes:
    return Raster(pixels).png()


def foreign(stack: str, w: int = 100, h: int = 80, **more: bytes) -> dict[str, bytes | str]:
    """As Krita and GIMP write it; `one` is red and 4 × 4, `two` is green and 8 × 8."""
    image = f'<?xml version="1.0" encoding="UTF-8"?><image version="0.0.1" w="{w}" h="{h}">'
    return {
        "mimetype": "image/openraster",
        "data/one.png": png(np.full((4, 4, 4), (255, 0, 0, 255), np.uint8)),
        "data/two.png": png(np.full((8, 8, 4), (0, 255, 0, 255), np.uint8)),
        "stack.xml": f'{image}<stack x="0" y="0" name="root">{stack}</stack></image>',
        **{f"data/{name}.png": content for name, content in more.items()},
    }


def read(file: Path, stack: str, **more: Any) -> Contents:
    return ora.read(packed(file, foreign(stack, **more), zipfile.ZIP_DEFLATED))
