"""Center: the middle of the window: a picture to look at, or the canvas."""

from __future__ import annotations

from collections.abc import Mapping

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

TABS = (("Picture", "picture"), ("Canvas", "canvas"))  # and their icons


class Center(QWidget):
    """Which of both is seen is the easel's `active`. `actions` by name, from the table of actions."""

    def __init__(self, studio: Studio, actions: Mapping[str, QAction], parent: QWidget | None = None):
        super().__init__(parent)
        self._easel = studio.easel
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
        watch(studio.easel, "active", self._show, self)
        self.tabs.currentChanged.connect(lambda place: setattr(self._easel, "active", place == 1))

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

    def _show(self, canvas: bool) -> None:
        self.tabs.setCurrentIndex(int(canvas))
        self.pages.setCurrentIndex(int(canvas))
        if self.isVisible():
            self.eye.setFocus()
