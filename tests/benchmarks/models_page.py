"""What people do on the models page with a thousand files: python -m tests.benchmarks.models_page

Measured in the window's thread. The baseline is the same with ten files. To reach: no deed above 8 ms.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from itertools import count, cycle
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from desktop.database import Database
from desktop.raster import Raster
from desktop.settings import Settings
from desktop.starter import painting, scenes
from desktop.studio.studio import Studio
from desktop.styles import read_styles
from desktop.ui import application
from desktop.ui.models.page import ModelsPage
from desktop.ui.window import Window
from tests import model_files
from tests.benchmarks.table import heading, row
from tests.fakes import FakeEngine

TRIES = 15
MANY, FEW = 1000, 10
VIEWS = 24  # different pictures beside the files
WORDS = ("style 3", "number", "number 12", "")
SORTS = ("name", "newest", "largest", "used")


def page_of(folder: Path, files: int, views: list[bytes]) -> ModelsPage:
    os.environ["SFUMATO_DATA"] = str(folder)
    for number in range(files):
        name = f"{number % 20}/number {number} of style {number % 37}.safetensors"
        file = model_files.lora(folder / "at hand" / name, "sdxl" if number % 2 else "sd15", number % 256)
        file.with_suffix(".png").write_bytes(views[number % VIEWS])
    database = Database(folder / "sfumato.db")
    settings = Settings(pictures=str(folder / "pictures"), models=str(folder / "at hand"))
    database.keep_state("settings", settings.to_json())
    engine: Any = FakeEngine()
    window = Window(Studio(database, lambda device, precision: engine, read_styles()))
    window.resize(1600, 1000)
    window.show()
    window.studio.stock.active = True
    settle(lambda: window.studio.stock.is_known)
    page = window.center.models
    assert page
    return page


def settle(true: Callable[[], bool] = lambda: True) -> None:
    """What lies in the lanes is done."""
    end = time.monotonic() + 0.3
    while not true() or time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.002)


def deeds(page: ModelsPage) -> dict[str, Callable[[], object]]:
    stock, bar, view = page._stock, page.grid.verticalScrollBar(), page.grid.viewport()
    words, sorts, numbers = cycle(WORDS), cycle(SORTS), count()
    return {
        "search as is typed": lambda: stock.narrow(text=next(words)),
        "another order": lambda: stock.narrow(text="", sort=next(sorts)),
        "a star": lambda: stock.note([stock.found[next(numbers) % FEW]], favourite=next(numbers) % 4 < 2),
        "choose": lambda: stock.choose([stock.found[next(numbers) % FEW].entry.path]),
        "all cards in sight are painted": view.repaint,
        "scroll by a page": lambda: (
            bar.setValue((next(numbers) * view.height()) % (bar.maximum() + 1)),
            view.repaint(),
        ),
    }


def times(deed: Callable[[], object], tries: int) -> list[float]:
    found = []
    for _ in range(tries):
        settle()
        began = time.perf_counter()
        deed()
        found.append((time.perf_counter() - began) * 1000)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=MANY)
    parser.add_argument("--tries", type=int, default=TRIES)
    options = parser.parse_args()
    app = QApplication([])
    application.dress(app, Settings())
    views = [Raster(painting.render(scene, 512)).png() for scene in scenes.random_scenes(VIEWS, seed=5)]
    heading(f"Deeds on the models page, {options.files} files beside {FEW}; to reach: <= 8 ms")
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        large, small = page_of(Path(one), options.files, views), page_of(Path(other), FEW, views)
        alike = deeds(small)
        for name, deed in deeds(large).items():
            row(name, times(deed, options.tries), times(alike[name], options.tries), "<= 8 ms", "ms")
        for page in (large, small):
            page.window().close()


if __name__ == "__main__":
    main()
