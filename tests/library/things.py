"""What the library's tests work with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from desktop.engine.api import Produced
from desktop.raster import Raster
from tests.library.test_library import MADE, RECIPE


def picture(seed: int = 0, width: int = 64, height: int = 48) -> Raster:
    return Raster(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def produced(seed: int = 0, made: dict[str, Any] | None = None, **recipe: Any) -> Produced:
    return Produced(picture(seed), replace(RECIPE, seed=seed, **recipe), made or MADE)


def files_in(folder: Path) -> list[str]:
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


def last(events: Iterator[Any]) -> Any:
    """What an iterator of events ends with."""
    *_, value = events
    return value


def never() -> bool:
    """Nobody stops it."""
    return False
