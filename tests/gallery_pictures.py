"""Pictures for galleries: scenes of the built-in model's world, painted instead of generated, with their recipes."""

from __future__ import annotations

import random
from collections.abc import Iterator

from desktop.engine.api import Produced
from desktop.library.library import Library
from desktop.library.marks import Marks
from desktop.library.picture import Picture
from desktop.models.families import FAMILIES
from desktop.models.identify import identify
from desktop.paths import STARTER
from desktop.raster import Raster
from desktop.recipe import Recipe
from desktop.starter import captions, painting, scenes

SIZES = ((128, 128), (128, 128), (192, 128), (128, 192))
MADE = {"model": "starter", "device": "cpu", "dtype": "float32"}
TAGS = ("sea", "mountains", "night", "best of", "for print")


def produced(count: int, seed: int = 1) -> Iterator[Produced]:
    model, family = identify(STARTER).id, FAMILIES["starter"]
    dice = random.Random(seed)
    for number, scene in enumerate(scenes.random_scenes(count, seed=seed)):
        width, height = SIZES[number % len(SIZES)]
        picture = Raster(painting.render(scene, 192)).cover(width, height)
        prompt = captions.full_caption(scene)
        values = (family.steps, family.guidance, family.sampler, dice.randrange(2**32))
        yield Produced(picture, Recipe(model, prompt, width, height, *values), MADE)


def fill(library: Library, count: int) -> list[Picture]:
    """So many pictures, some of them rated, tagged and collected."""
    pictures = [library.add(each, 1.2) for each in produced(count)]
    marks, dice = Marks(library.database), random.Random(2)
    for stars in (2, 3, 4, 5):
        marks.rate([picture.id for picture in dice.sample(pictures, count // 10)], stars)
    for tag in TAGS:
        marks.tag([picture.id for picture in dice.sample(pictures, count // 8)], tag)
    for name in ("Postcards", "Coast at night", "Client: Meyer"):
        marks.collect([picture.id for picture in dice.sample(pictures, count // 12)], name)
    return pictures
