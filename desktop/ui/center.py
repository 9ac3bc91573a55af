"""Center: the middle of the window: a picture to look at, the canvas, the gallery, or the models."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

from desktop.studio.observable import watch
from desktop.studio.studio import Studio
from desktop.ui.canvas.page import CanvasPage
from desktop.ui.canvas.view import CanvasView
from desktop.ui.icons import icon
from desktop.ui.picture.empty import EmptyStage
from desktop.ui.picture.foot import ViewFoot
from desktop.ui.picture.view import PictureView

if TYPE_CHECKING:
    from desktop.ui.gallery.page import GalleryPage
    from desktop.ui.models.page import ModelsPage

TABS = (("Picture", "picture"), ("Canvas", "canvas"), ("Gallery", "gallery"), ("Models", "model"))  # with icons
PICTURE, CANVAS, GALLERY, MODELS = range(len(TABS))


class Center(QWidget):
    """Which of them is seen is said by `active` of easel, gallery and stock. `actions` by name, from their table."""

    gallery_built = Signal(object)  # GalleryPage: when it is looked at first
    models_built = Signal(object)  # ModelsPage: likewise

    def __init__(self, studio: Studio, actions: Mapping[str, QAction], parent: QWidget | None = None):
        super().__init__(parent)
        self._studio, self._actions = studio, actions
        self._active = {CANVAS: studio.easel, GALLERY: studio.gallery, MODELS: studio.stock}
        self.gallery: GalleryPage | None = None
        self.models: ModelsPage | None = None
        self.tabs = QTabBar(self)
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.tabs.setAccessibleName("Picture or canvas")
        for words, name in TABS:
            self.tabs.setTabIcon(self.tabs.addTab(words), icon(name))
        self.pages = QStackedWidget(self)
        self._picture = self._picture_page(studio, actions)
        self.pages.addWidget(self._picture)
        self.canvas = CanvasPage(studio, actions, self)
        self.pages.addWidget(self.canvas)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tabs)
        layout.addWidget(self.pages, 1)
        for place, part in self._active.items():
            watch(part, "active", partial(self._turn, place), self)
        self.tabs.currentChanged.connect(self.go_to)

    def go_to(self, place: int) -> None:
        """PICTURE, CANVAS, GALLERY or MODELS."""
        if place in self._active:
            self._active[place].active = True
            return
        for part in self._active.values():
            part.active = False

    @property
    def eye(self) -> PictureView | CanvasView:
        """The view that is seen."""
        return self.canvas.view if self._studio.easel.active else self.view

    def _picture_page(self, studio: Studio, actions: Mapping[str, QAction]) -> QWidget:
        page = QWidget(self)
        self.view = PictureView(studio.stage, page)
        over = QVBoxLayout(self.view)
        over.addWidget(EmptyStage(studio.stage, studio.memory, actions, self.view))
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.view, 1)
        self.foot = ViewFoot(studio.stage, self.view, actions, page)
        layout.addWidget(self.foot)
        return page

    def _turn(self, place: int, on: bool) -> None:
        """Who comes to the front sends the others back."""
        for each, part in self._active.items():
            if on and each != place:
                part.active = False
        self._show()

    def _show(self) -> None:
        place = next((place for place, part in self._active.items() if part.active), PICTURE)
        wall = self._wall(place)
        page = wall or (self.canvas if place == CANVAS else self._picture)
        self.tabs.setCurrentIndex(place)
        self.pages.setCurrentWidget(page)
        if self.isVisible():
            (wall.grid if wall else self.eye).setFocus()

    def _wall(self, place: int) -> GalleryPage | ModelsPage | None:
        """The page of cards there, which is built when it is looked at first."""
        if place == GALLERY:
            return self.gallery or self._build_gallery()
        if place == MODELS:
            return self.models or self._build_models()
        return None

    def _build_gallery(self) -> GalleryPage:
        from desktop.ui.gallery.page import GalleryPage  # here: the first frame comes sooner

        self.gallery = GalleryPage(self._studio.gallery, self._studio.curator, self._actions, self)
        self.pages.addWidget(self.gallery)
        self.gallery_built.emit(self.gallery)
        return self.gallery

    def _build_models(self) -> ModelsPage:
        from desktop.ui.models.page import ModelsPage  # here: the first frame comes sooner

        self.models = ModelsPage(self._studio.stock, self._actions, self)
        self.pages.addWidget(self.models)
        self.models_built.emit(self.models)
        return self.models
