"""The models page's states for tests.screens."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.studio.discovery import Find
from desktop.ui.models.page import ModelsPage

if TYPE_CHECKING:
    from tests.screens import Scene


COUNT = 40


def _opened(scene: Scene, count: int = COUNT) -> ModelsPage:
    stock = scene.studio.stock
    stock.active = True
    scene.until(lambda: stock.is_known and not stock.is_looking)
    page = scene.window.center.models
    assert page
    _wait_for_pictures(page)
    return page


def _wait_for_pictures(page: ModelsPage) -> None:
    end = time.monotonic() + 10

    def missing() -> bool:
        rows = (page.model.index(row) for row in page.grid.wall.seen())
        return any(
            page.model.item(index).entry.preview and not index.data(Qt.ItemDataRole.DecorationRole) for index in rows
        )

    while missing() and time.monotonic() < end:
        _pump(0.01)
    _pump(0.2)


def _pump(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.002)


def _choose(page: ModelsPage, name: str) -> None:
    item = next(each for each in page._stock.items if each.entry.name == name)
    page._stock.choose(item.entry.path)
    _pump(0.4)


def models(scene: Scene) -> None:
    page = _opened(scene)
    stock = scene.studio.stock
    for item in stock.items[1:9:3]:
        stock.note(item, favourite=True)
    _choose(page, "ink-wash-painting")
    assert stock.chosen
    stock.tag(stock.chosen, "landscape, paper")
    stock.note(stock.chosen, notes="0.7 with a guidance of 5; needs few words.")
    page.grid.setFocus()
    _pump(0.3)


def models_search(scene: Scene) -> None:
    page = _opened(scene)
    page.search.setFocus()
    QTest.keyClicks(page.search, "ink")
    _pump(0.3)
    _wait_for_pictures(page)


def models_empty(scene: Scene) -> None:
    """Only the built-in model."""
    _opened(scene, 0)


def models_problem(scene: Scene) -> None:
    """Scrolled to the end, with a file that is not whole, and the menu of the right button."""
    page = _opened(scene)
    broken = next(item for item in page._stock.items if item.entry.problem)
    _choose(page, broken.entry.name)
    _wait_for_pictures(page)


def models_nothing(scene: Scene) -> None:
    page = _opened(scene)
    page.search.setFocus()
    QTest.keyClicks(page.search, "spaceship")
    _pump(0.3)


def models_found(scene: Scene) -> None:
    """What other programs have."""
    _opened(scene)
    finder = scene.window.gallery_windows.finder
    home = Path.home()
    scene.studio.discovery.finds = (
        Find("ComfyUI", home / "ComfyUI/models", 214, 612_000_000_000),
        Find("AUTOMATIC1111", home / "stable-diffusion-webui/models", 86, 148_200_000_000),
        Find("InvokeAI", home / "invokeai/models", 12, 31_500_000_000),
        Find("Hugging Face", home / ".cache/huggingface/hub", 31, 90_100_000_000),
    )
    finder.show()
    finder.move(scene.window.mapToGlobal(scene.window.rect().center()) - finder.rect().center())
    _pump(0.2)


def model_folders(scene: Scene) -> None:
    scene.studio.memory.change_settings(model_folders=("/home/maya/ComfyUI/models", "/mnt/archive/Stable Diffusion"))
    scene.window.open_settings("Folders")
    _pump(0.3)


STATES = (models, models_search, models_empty, models_problem, models_nothing, models_found, model_folders)
AT_200: tuple[Callable[[Scene], None], ...] = (models, models_problem, models_found)
