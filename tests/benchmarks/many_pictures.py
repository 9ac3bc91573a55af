"""A library of very many rows for benchmarks: a few hundred files under many names, each with a prompt of its own."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from desktop.database import Database
from desktop.library.arriving import Look, look_at
from desktop.library.library import Arrival, Library
from desktop.library.metadata.tools import sfumato
from desktop.library.thumbnails import Made, Thumbnails
from desktop.paths import data_folder
from desktop.raster import Raster
from desktop.starter import captions, painting, scenes

DIFFERENT = 500  # files
SIDE = 512  # of them: what is shown of them costs what it does for pictures of any size
A_FOLDER = 1000  # names
HOUR = 3600.0
MODELS = ("starter", "sd_xl_base_1.0", "dreamshaper_8", "juggernautXL_v9", "flux1-schnell")
STYLES = ("oil painting", "photograph, 35mm", "watercolour", "pixel art", "concept art, matte painting", "line drawing")
PRAISE = "highly detailed, sharp focus, dramatic lighting, masterpiece"
NEGATIVE = "blurry, low quality, jpeg artifacts, watermark, text, deformed, oversaturated"


def fill(rows: int) -> None:
    """The library of the data folder, which is empty: its pictures, their rows and their thumbnails."""
    looks = _paint(data_folder() / "different")
    database, thumbnails = Database(data_folder() / "sfumato.db"), Thumbnails(data_folder() / "thumbnails.db")
    library = Library(database, lambda: data_folder() / "pictures")
    pictures = library.adopt(_arrivals(looks, rows))
    made = (
        Made(each.id, looks[n % DIFFERENT].stamp, looks[n % DIFFERENT].thumbnails) for n, each in enumerate(pictures)
    )
    while batch := list(islice(made, A_FOLDER)):
        thumbnails.put(batch)
    thumbnails.close()
    database.close()


def _paint(folder: Path) -> list[Look]:
    folder.mkdir(parents=True)
    for number, scene in enumerate(scenes.random_scenes(DIFFERENT, seed=1)):
        (folder / f"{number:03}.png").write_bytes(Raster(painting.render(scene, SIDE)).png())
    return [look_at(file) for file in sorted(folder.iterdir())]


def _arrivals(looks: list[Look], rows: int) -> Iterator[Arrival]:
    dice = random.Random(2)
    for number, scene in enumerate(scenes.random_scenes(rows, seed=3)):
        like = looks[number % DIFFERENT].arrival
        recipe = {
            "model": "0" * 64,
            "prompt": f"{captions.full_caption(scene)}, {dice.choice(STYLES)}, {PRAISE}",
            "negative": NEGATIVE,
            "width": SIDE,
            "height": SIDE,
            "steps": 30,
            "guidance": 5.0,
            "sampler": "euler",
            "seed": dice.randrange(2**32),
        }
        description = sfumato.described(recipe, {"model": dice.choice(MODELS), "device": "cpu", "dtype": "float32"})
        file = _linked(like.file, number)
        yield Arrival(file, description, HOUR * number, SIDE, SIDE, like.bytes, like.content, 1.2)


def _linked(file: Path, number: int) -> Path:
    """The same file under another name: it costs no room."""
    folder = data_folder() / "pictures" / f"{number // A_FOLDER:03}"
    if number % A_FOLDER == 0:
        folder.mkdir(parents=True)
    name = folder / f"{number:06}.png"
    os.link(file, name)
    return name
