"""Viewer: one picture on the whole screen, and keys to go on, rate, and throw away."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from desktop.library.marks import STARS
from desktop.studio.curator import Curator
from desktop.studio.gallery import Gallery
from desktop.studio.stage import Stage
from desktop.ui.gallery.page import GalleryPage
from desktop.ui.icons import program_icon
from desktop.ui.picture.view import PictureView

KEYS = "← → flip   ·   0 to 5 stars   ·   Delete trash   ·   + - zoom   ·   Esc back"


class Viewer(QWidget):
    """Follows the gallery's choice. `stage`: one of its own."""

    def __init__(self, gallery: Gallery, curator: Curator, page: GalleryPage, stage: Stage, parent: QWidget):
        super().__init__(parent, Qt.WindowType.Window)
        self._gallery, self._curator, self._page, self._stage = gallery, curator, page, stage
        self.setWindowTitle("Sfumato")
        self.setWindowIcon(program_icon())
        self.setAccessibleName("Full-screen view")
        self.view = PictureView(stage, self)
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keys are this window's
        self.foot = QLabel(self)
        self.foot.setProperty("muted", True)
        self.foot.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.foot.setMargin(6)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.foot)
        gallery.changed.connect(self._changed)

    def open(self) -> None:
        """With the one that was chosen last: what the keys do is done to what is seen."""
        self._page.step(0)
        self._show()
        self.showFullScreen()
        self.activateWindow()
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if deed := self._deeds().get(Qt.Key(event.key())):
            deed()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self._page.window().activateWindow()
        self._page.grid.setFocus()

    def _deeds(self) -> dict[Qt.Key, Callable[[], object]]:
        key = Qt.Key
        stars = {Qt.Key(key.Key_0.value + number): partial(self._curator.rate, number) for number in STARS}
        forward = dict.fromkeys(
            (key.Key_Right, key.Key_Down, key.Key_Space, key.Key_PageDown), partial(self._page.step, 1)
        )
        back = dict.fromkeys(
            (key.Key_Left, key.Key_Up, key.Key_Backspace, key.Key_PageUp), partial(self._page.step, -1)
        )
        out = dict.fromkeys((key.Key_Escape, key.Key_Return, key.Key_Enter, key.Key_F), self.close)
        zoom = {
            key.Key_Plus: partial(self.view.zoom_by, 1.25),
            key.Key_Minus: partial(self.view.zoom_by, 0.8),
            key.Key_Z: self.view.fit,
        }
        return {**stars, **forward, **back, **out, **zoom, key.Key_Delete: self._trash}

    def _trash(self) -> None:
        """And on to the next one. What is in the trash already is only deleted where many can be seen."""
        if not self._gallery.query.trashed:
            self._curator.trash()
            self._page.step(1)

    def _changed(self, name: str) -> None:
        if name == "pictures" and self.isVisible():
            self._show()

    def _show(self) -> None:
        results = self._gallery.results
        if not results:
            return
        self._stage.show(results[0])
        picture = self._gallery.pictures[0]
        facts = [picture.file.name, f"{picture.width} × {picture.height}", "★" * picture.rating]
        self.foot.setText("      ".join([*filter(None, facts), KEYS]))
