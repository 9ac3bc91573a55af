"""Center: the middle of the window: a picture to look at, the canvas, or the gallery."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

from desktop.studio.easel import Easel
from desktop.studio.gallery import Gallery
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

TABS = (("Picture", "picture"), ("Canvas", "canvas"), ("Gallery", "gallery"))  # and their icons
PICTURE, CANVAS, GALLERY = range(len(TABS))


class Center(QWidget):
    """Which of them is seen is said by `active` of easel and gallery. `actions` by name, from the table of actions."""

    gallery_built = Signal(object)  # GalleryPage: when it is looked at first

    def __init__(self, studio: Studio, actions: Mapping[str, QAction], parent: QWidget | None = None):
        super().__init__(parent)
        self._easel, self._gallery, self._curator = studio.easel, studio.gallery, studio.curator
        self._actions = actions
        self.gallery: GalleryPage | None = None
        self.tabs = QTabBar(self)
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.tabs.setAccessibleName("Picture or canvas")
        for words, name in TABS:
            self.tabs.setTabIcon(self.tabs.addTab(words), icon(name))
        self.pages = QStackedWidget(self)
        self.pages.addWidget(self._picture_page(studio, actions))
        self.canvas = CanvasPage(studio, actions, self)
        self.pages.addWidget(self.canvas)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tabs)
        layout.addWidget(self.pages, 1)
        watch(studio.easel, "active", partial(self._turn, studio.gallery), self)
        watch(studio.gallery, "active", partial(self._turn, studio.easel), self)
        self.tabs.currentChanged.connect(self.go_to)

    def go_to(self, place: int) -> None:
        """PICTURE, CANVAS or GALLERY."""
        self._gallery.active = place == GALLERY
        self._easel.active = place == CANVAS

    @property
    def eye(self) -> PictureView | CanvasView:
        """The view that is seen."""
        return self.canvas.view if self._easel.active else self.view

    def _picture_page(self, studio: Studio, actions: Mapping[str, QAction]) -> QWidget:
        page = QWidget(self)
        self.view = PictureView(studio.stage, page)
        over = QVBoxLayout(self.view)
        over.addWidget(EmptyStage(studio.stage, actions["generate"], self.view))
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.view, 1)
        self.foot = ViewFoot(studio.stage, self.view, actions, page)
        layout.addWidget(self.foot)
        return page

    def _turn(self, other: Easel | Gallery, on: bool) -> None:
        """Who comes to the front sends the other one back."""
        if on:
            other.active = False
        self._show()

    def _show(self) -> None:
        place = CANVAS if self._easel.active else GALLERY if self._gallery.active else PICTURE
        if place == GALLERY and self.gallery is None:
            self._build_gallery()
        self.tabs.setCurrentIndex(place)
        self.pages.setCurrentIndex(place)
        if self.isVisible():
            (self.gallery.grid if self.gallery and place == GALLERY else self.eye).setFocus()

    def _build_gallery(self) -> None:
        from desktop.ui.gallery.page import GalleryPage  # here: the first frame comes sooner

        self.gallery = GalleryPage(self._gallery, self._curator, self._actions, self)
        self.pages.addWidget(self.gallery)
        self.gallery_built.emit(self.gallery)
