"""The gallery's states for tests.screens: a library of 500 pictures of the built-in model's world."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.engine.api import Progress
from desktop.studio.chores import Chore
from desktop.ui.gallery.page import CELLS, GalleryPage
from tests import gallery_pictures

if TYPE_CHECKING:
    from tests.screens import Scene

COUNT = 500


def _opened(scene: Scene, count: int = COUNT) -> GalleryPage:
    studio = scene.studio
    if count:
        gallery_pictures.fill(studio.gallery.library, count)
    studio.gallery.active = True
    scene.until(lambda: scene.window.center.gallery is not None and len(studio.gallery.found) == count)
    page = scene.window.center.gallery
    assert page
    studio.gallery.refresh()
    scene.until(lambda: not count or len(studio.gallery.collections) == 3)
    _wait_for_cards(page)
    return page


def _wait_for_cards(page: GalleryPage) -> None:
    """Without Qt's own waiting, which keeps other threads from their work."""
    end = time.monotonic() + 10

    def missing() -> bool:
        rows = list(page.grid.wall.seen())
        return not all(page.model.index(row).data(Qt.ItemDataRole.DecorationRole) for row in rows)

    while missing() and time.monotonic() < end:
        _pump(0.01)
    _pump(0.2)


def _pump(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.002)


def _choose(page: GalleryPage, *rows: int) -> None:
    how = QItemSelectionModel.SelectionFlag
    page.grid.clearSelection()
    for row in rows:
        page.grid.selectionModel().setCurrentIndex(page.model.index(row), how.Select)
    _pump(0.3)


def gallery(scene: Scene) -> None:
    _choose(_opened(scene), 5)


def gallery_empty(scene: Scene) -> None:
    _opened(scene, 0)


def gallery_search(scene: Scene) -> None:
    """Typed, filtered, small."""
    page = _opened(scene)
    page.cells.edited.emit(CELLS["small"])
    page.cells.content = CELLS["small"]
    page.filter_button.click()
    page.filters.boxes["rating"].edited.emit(2)
    page.search.setFocus()
    QTest.keyClicks(page.search, "lighthouse")
    _pump(0.3)
    _wait_for_cards(page)


def gallery_nothing(scene: Scene) -> None:
    page = _opened(scene, 30)
    page.search.setFocus()
    QTest.keyClicks(page.search, "spaceship")
    _pump(0.4)


def gallery_many(scene: Scene) -> None:
    """Several chosen in a collection, tagged alike, with the menu open."""
    page = _opened(scene)
    scene.studio.gallery.narrow(collection="Coast at night")
    _pump(0.3)
    _wait_for_cards(page)
    _choose(page, 0, 1, 4)
    scene.studio.curator.tag("best of")
    scene.studio.curator.rate(4)
    _pump(0.3)
    page.grid.customContextMenuRequested.emit(page.grid.visualRect(page.model.index(4)).center())
    _pump(0.1)


def gallery_lost(scene: Scene) -> None:
    """A file is gone, and there is a toast about what went to the trash."""
    page = _opened(scene, 30)
    page.cells.edited.emit(CELLS["large"])
    page.cells.content = CELLS["large"]
    _choose(page, 1)
    Path(scene.studio.gallery.pictures[0].file).unlink()
    scene.studio.gallery.stale.emit(None)
    _choose(page, 0)
    scene.studio.curator.trash()
    _pump(0.3)
    _choose(page, 0)
    _wait_for_cards(page)


def gallery_compare(scene: Scene) -> None:
    _choose(_opened(scene), 0, 3)
    scene.window.actions_["compare"].trigger()
    scene.until(lambda: scene.studio.stage.rival is not None)


def gallery_overview(scene: Scene) -> None:
    _choose(_opened(scene), *range(12))
    scene.window.actions_["compare"].trigger()
    scene.until(lambda: bool(scene.studio.results.all) and scene.studio.results.all[0].raster is not None)
    _pump(0.2)


def gallery_export(scene: Scene) -> None:
    _choose(_opened(scene, 60), *range(5))
    export = scene.window.side_windows.export
    scene.window.actions_["export"].trigger()
    export.format.content = "jpeg"
    export.pattern.setText("{date} {sead}")
    export.move(scene.window.mapToGlobal(scene.window.rect().center()) - export.rect().center())
    _pump(0.2)


def gallery_usage(scene: Scene) -> None:
    _opened(scene, 60)
    usage = scene.window.side_windows.usage
    scene.window.actions_["usage"].trigger()
    usage.move(scene.window.mapToGlobal(scene.window.rect().center()) - usage.rect().center())
    _pump(0.4)


def gallery_private(scene: Scene) -> None:
    """Private, while a folder is imported."""
    _opened(scene, 60)
    scene.window.actions_["private"].trigger()
    chores = scene.studio.chores
    scene.studio.tending.import_folder(Path(scene.studio.gallery.library.folder))
    scene.until(lambda: chores.present is None)
    for toast in list(scene.window.toasts.shown):
        toast.leave()
    chores.present = Chore("Importing Holiday 2026", lambda stopped: iter(()))  # a real one is over too soon
    chores.progress = Progress(412, 1980, "importing")
    _pump(0.2)


def library_settings(scene: Scene) -> None:
    scene.window.open_settings("Library")
    _pump(0.7)


STATES = (
    gallery,
    gallery_empty,
    gallery_search,
    gallery_nothing,
    gallery_many,
    gallery_lost,
    gallery_compare,
    gallery_overview,
    gallery_export,
    gallery_usage,
    gallery_private,
    library_settings,
)
AT_200: tuple[Callable[[Scene], None], ...] = (gallery, gallery_search, gallery_export)
