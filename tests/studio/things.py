"""What the studio's tests work with: models, jobs, pictures, and ears for signals."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from PySide6.QtCore import SignalInstance

from desktop.engine.api import Job, Produced
from desktop.library.picture import Picture
from desktop.models.families import FAMILIES
from desktop.models.identify import identify
from desktop.models.model import Model
from desktop.paths import STARTER
from desktop.raster import Raster
from desktop.recipe import Recipe
from desktop.studio.making import thumbnail
from desktop.studio.results import Result
from desktop.studio.worker import Errands
from tests.fakes import painted
from tests.library.test_library import MADE, RECIPE
from tests.ui.hands import until

LARGE = "b" * 64  # id of a model that is on no disk


@cache
def starter() -> Model:
    return identify(STARTER)


def of_family(family: str) -> Model:
    """A model in memory only."""
    row = FAMILIES[family]
    return replace(starter(), id=LARGE, name=family, family=row, native=row.native)


def second_model(folder: Path) -> Path:
    """A whole model on disk that is not the starter."""
    shutil.copytree(STARTER, folder)
    config = folder / "scheduler" / "scheduler_config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"note": "another"}))
    return folder


def recipe_of(seed: int = 7, **changes: Any) -> Recipe:
    """One that the starter can draw."""
    return replace(RECIPE, model=starter().id, seed=seed, **changes)


def job(seed: int = 7, **changes: Any) -> Job:
    return Job(recipe_of(seed, **changes), {starter().id: starter().path})


def kept(folder: Path, seed: int = 0) -> Result:
    """A plain picture of that seed on disk."""
    recipe = recipe_of(seed)
    file = folder / f"{seed}.png"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(painted(recipe).png())
    return Result.of(Picture(seed, file, 0.0, recipe.to_json(), MADE, seconds=1.5), thumbnail(painted(recipe)))


def unkept(seed: int = 0) -> Result:
    recipe = recipe_of(seed)
    return Result.of_unkept(Produced(painted(recipe), recipe, MADE), thumbnail(painted(recipe)))


def plain(seed: int = 0, width: int = 64, height: int = 64) -> Raster:
    return painted(recipe_of(seed)).resize(width, height)


def heard(signal: SignalInstance) -> list[Any]:
    """What the signal brings, as it comes."""
    values: list[Any] = []
    signal.connect(lambda *value: values.append(value[0] if len(value) == 1 else value))
    return values


def at_once(work: Callable[[], object]) -> None:
    """In place of a lane."""
    work()


def settle(errands: Errands) -> None:
    """Waits for all that was sent, and for what that has sent in turn."""
    for _ in range(3):
        done: list[None] = []
        errands.send(lambda: None, done.append)
        until(lambda done=done: bool(done))
