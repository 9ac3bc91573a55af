"""A window whose gallery has pictures."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from desktop.database import Database
from desktop.engine.api import Produced
from desktop.library.library import Library
from desktop.paths import data_folder
from desktop.ui.gallery.page import CELLS, GalleryPage
from desktop.ui.window import Window
from tests.fakes import MADE, painted
from tests.studio.things import recipe_of
from tests.ui.conftest import Open
from tests.ui.gallery.pages import PROMPTS, all_there
from tests.ui.hands import pick, press, until


@pytest.fixture
def fill(pictures: Path) -> Callable[..., list[Path]]:
    """Puts pictures of these prompts into the library; their seeds are 0, 1, 2 ..."""

    def put(*prompts: str) -> list[Path]:
        with closing(Database(data_folder() / "sfumato.db")) as database:
            library = Library(database, lambda: pictures)
            recipes = [replace(recipe_of(seed), prompt=prompt) for seed, prompt in enumerate(prompts)]
            return [library.add(Produced(painted(recipe), recipe, MADE), 1.5).file for recipe in recipes]

    return put


@pytest.fixture
def files(fill: Callable[..., list[Path]]) -> list[Path]:
    return fill(*PROMPTS)


@pytest.fixture
def window(files: list[Path], open_window: Open) -> Window:
    return open_window()


@pytest.fixture
def page(window: Window) -> GalleryPage:
    press(window, Qt.Key.Key_F4)
    until(lambda: window.center.gallery is not None and len(window.studio.gallery.found) == len(PROMPTS))
    page = window.center.gallery
    assert page
    pick(page.cells, CELLS["small"])  # so that all are in sight
    until(lambda: all_there(page))
    page.grid.setFocus()
    return page
