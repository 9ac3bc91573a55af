"""Inpainting and outpainting: which part of a picture is made, what it starts from, and how it comes back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from desktop import filling, masks
from desktop.area import Area, Pass, bounds, context, passes
from desktop.engine.api import Job
from desktop.engine.preview import MOST
from desktop.errors import UserError
from desktop.intents import INTENTS, usual_feather
from desktop.masks import Masks
from desktop.models.model import Model
from desktop.raster import Raster
from desktop.recipe import Source


@dataclass(frozen=True, eq=False)
class Inpainting:
    """A part of a picture that is made anew.

    The picture may be grey or have an alpha; the result is RGB, and no part of it is empty. All arrays below are of
    the area: height x width (x 3), uint8.
    """

    source: Source
    picture: Raster
    wanted: np.ndarray  # how far each pixel of the picture is to change: a mask
    feather: float
    area: Area
    passes: list[Pass]

    @staticmethod
    def of(job: Job, model: Model) -> Inpainting | None:
        """None where the recipe asks for another task. Raises UserError."""
        recipe, source = job.work, job.work.source
        if source is None:
            return None
        picture, size = job.inputs[source.image], (recipe.width, recipe.height)
        scaled = size != (picture.width, picture.height)
        if not source.mask and (scaled or not masks.has_empty_pixels(picture)):
            return None
        if scaled:
            hint = f"Its width and height are those of the picture: {picture.width} x {picture.height}."
            raise UserError("What is made under a mask cannot be scaled.", hint)
        wanted = masks.change(picture, job.inputs[source.mask] if source.mask else None)
        feather = usual_feather(model.native) if source.feather is None else source.feather
        masked = bounds(wanted).grown(int(feather), size)
        native, step = model.native, model.family.size_step
        area = context(masked, size, native, step, closer=_refines(source))
        return Inpainting(source, picture, wanted, feather, area, passes(area, native, step, source.strength))

    @cached_property
    def masks(self) -> Masks:
        return masks.feathered(self.area.cut(self.wanted), self.feather)

    @cached_property
    def start(self) -> np.ndarray:
        """What the first pass starts from: the area with its holes filled."""
        hole = 255 - self._opacity if _refines(self.source) else self.area.cut(self.wanted)
        return filling.filled(self._colors, self._opacity, hole, INTENTS[self.source.intent].filling)

    def joined(self, made: Raster) -> np.ndarray:
        """The area with what was made of it in its place; what lets through shows it too."""
        pixels = made.resize(self.area.width, self.area.height).pixels
        return filling.mixed(self._colors, self._matched(pixels), self._seen)

    def whole(self, area: np.ndarray) -> Raster:
        """The picture with that in the area's place."""
        return Raster(self.area.put(area, _colors(self.picture)))

    def shown(self, preview: Raster) -> Raster:
        """The whole, small, with a preview of the area in its place."""
        scale = self._small.width / self.picture.width
        place = self.area.scaled(scale)
        part = preview.resize(place.width, place.height).pixels
        seen = Raster(self._seen[..., None]).resize(place.width, place.height).pixels[..., 0]
        return Raster(place.put(filling.mixed(place.cut(self._small.pixels), part, seen), self._small.pixels))

    @cached_property
    def _small(self) -> Raster:
        scale = min(1.0, MOST / max(self.picture.width, self.picture.height))
        size = Area(0, 0, self.picture.width, self.picture.height).scaled(scale)
        return self.whole(self.start).resize(size.width, size.height)

    @cached_property
    def _colors(self) -> np.ndarray:
        return self.area.cut(_colors(self.picture))

    @cached_property
    def _opacity(self) -> np.ndarray:
        return self.area.cut(masks.opacity(self.picture))

    @cached_property
    def _seen(self) -> np.ndarray:
        """How far what was made covers the picture."""
        return filling.through(self.masks.composite, self._opacity)

    def _matched(self, made: np.ndarray) -> np.ndarray:
        """Back by as much as the colours of the surroundings have drifted on their way through the model."""
        kept = (self.masks.denoise == 0) & (self._opacity == 255)
        if not kept.any():
            return made
        drift = made[kept].mean(axis=0) - self._colors[kept].mean(axis=0)
        return (made - drift).round().clip(0, 255).astype(np.uint8)


def _refines(source: Source) -> bool:
    """Whether it starts from what is there, of which only empty pixels are filled."""
    return INTENTS[source.intent].refines and source.strength < 1


def _colors(picture: Raster) -> np.ndarray:
    """Height x width x 3: what is painted, whatever its alpha."""
    channels = picture.pixels.shape[2]
    return picture.pixels.repeat(3, axis=2) if channels == 1 else picture.pixels[..., :3]
