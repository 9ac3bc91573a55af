"""Scene: what the canvas gives to a picture that is made on it, and what will be made of that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect

if TYPE_CHECKING:
    from desktop.canvas.snapshot import Snapshot
    from desktop.raster import Raster


@dataclass(frozen=True)
class Facts:
    """What there is in the frame. `painted`: any pixel; `gaps`: transparent ones; `masked`: any."""

    painted: bool = False
    gaps: bool = True
    masked: bool = False

    @property
    def inpaints(self) -> bool:
        """Whether a part is made anew and the rest stays."""
        return self.painted and (self.masked or self.gaps)


@dataclass(frozen=True)
class Scene:
    """The frame's place on the canvas, what is seen in it (None: nothing), and where the model shall work."""

    place: QRect
    picture: Raster | None
    mask: Raster | None

    @property
    def facts(self) -> Facts:
        picture = self.picture
        gaps = picture is None or (picture.pixels.shape[2] == 4 and bool((picture.pixels[..., 3] == 0).any()))
        return Facts(picture is not None, gaps, self.mask is not None)


def scene_of(snapshot: Snapshot) -> Scene:
    """Takes its time: in a lane."""
    from desktop.canvas.composite import flatten
    from desktop.raster import Raster

    frame = snapshot.frame
    pixels = flatten(snapshot, frame)
    if (pixels[..., 3] == 255).all():
        pixels = pixels[..., :3].copy()
    wanted = snapshot.wanted(frame)[..., None]
    picture = Raster(pixels) if pixels[..., -1].any() or pixels.shape[2] == 3 else None
    mask = Raster(wanted) if wanted.any() else None
    for raster in (picture, mask):
        assert raster is None or raster.sha256  # worked out here, not where the window would wait for it
    return Scene(frame, picture, mask)


def facts_of(snapshot: Snapshot) -> Facts:
    """The same as of its scene, sooner."""
    import numpy as np

    from desktop.canvas.composite import STRAIGHT, draw

    frame = snapshot.frame
    image = draw(snapshot.pictured, frame).convertToFormat(STRAIGHT)
    alpha = np.frombuffer(image.constBits(), np.uint8).reshape(frame.height(), frame.width(), 4)[..., 3]
    return Facts(bool(alpha.any()), bool((alpha == 0).any()), bool(snapshot.wanted(frame).any()))
