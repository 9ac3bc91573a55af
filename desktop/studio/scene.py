"""Scene: what the canvas gives to a picture that is made on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint

from desktop.errors import UserError

if TYPE_CHECKING:
    import numpy as np

    from desktop.canvas.snapshot import Snapshot
    from desktop.raster import Raster


@dataclass(frozen=True)
class Facts:
    """What there is in the frame. `painted`: any pixel; `gaps`: transparent ones; `masked`: any."""

    painted: bool = False
    gaps: bool = True
    masked: bool = False


@dataclass(frozen=True)
class Scene:
    """What is seen in the frame, and how far each pixel of it is to change: all of them where nothing is masked.

    `place` is the frame's upper left corner on the canvas, `sheet` the document's name.
    """

    sheet: str
    place: QPoint
    facts: Facts
    picture: Raster
    mask: Raster


@dataclass(frozen=True)
class Spot:
    """Where on which canvas a picture belongs, and the sha256 of what was there when it was asked for, if anything."""

    place: QPoint
    sheet: str = ""  # the document's name
    before: str = ""


def scene_of(snapshot: Snapshot, keeps_masked: bool = False, sheet: str = "") -> Scene:
    """Takes its time: in a lane. `keeps_masked`: what is masked stays, and the rest changes. Raises UserError."""
    from desktop.canvas.composite import flatten
    from desktop.raster import Raster

    frame = snapshot.frame
    pixels, wanted = flatten(snapshot, frame), snapshot.wanted(frame)
    facts = _facts(pixels[..., 3], wanted)
    picture = Raster(pixels if facts.gaps or (pixels[..., 3] < 255).any() else pixels[..., :3].copy())
    mask = Raster(_change(wanted, facts.masked, keeps_masked)[..., None])
    for raster in (picture, mask):
        assert raster.sha256  # worked out here, not where the window would wait for it
    return Scene(sheet, frame.topLeft(), facts, picture, mask)


def _change(wanted: np.ndarray, masked: bool, keeps_masked: bool) -> np.ndarray:
    if not masked:
        return wanted | 255
    change = 255 - wanted if keeps_masked else wanted
    if not change.any():
        raise UserError("All of the frame is masked, and what is masked is kept.", "Mask only what shall stay.")
    return change


def facts_of(snapshot: Snapshot) -> Facts:
    """The same as of its scene, sooner."""
    import numpy as np

    from desktop.canvas.composite import STRAIGHT, draw

    frame = snapshot.frame
    image = draw(snapshot.pictured, frame).convertToFormat(STRAIGHT)
    alpha = np.frombuffer(image.constBits(), np.uint8).reshape(frame.height(), frame.width(), 4)[..., 3]
    return _facts(alpha, snapshot.wanted(frame))


def _facts(alpha: np.ndarray, wanted: np.ndarray) -> Facts:
    return Facts(bool(alpha.any()), bool((alpha == 0).any()), bool(wanted.any()))
