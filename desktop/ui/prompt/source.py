"""SourceRow: the picture to start from, and how much of it may change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QIcon, QPixmap
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop.recipe import Source
from desktop.studio.observable import watch
from desktop.studio.session import Session
from desktop.ui.prompt.strength import StrengthSlider
from desktop.ui.widgets.buttons import IconButton
from desktop.ui.widgets.images import to_image

if TYPE_CHECKING:
    from desktop.models.model import Model
    from desktop.raster import Raster

THUMBNAIL = QSize(56, 56)


class SourceRow(QWidget):
    """Bound to a session's source and strength; without a source it says how to get one."""

    def __init__(self, session: Session, open_picture: QAction, parent: QWidget | None = None):
        super().__init__(parent)
        self._session = session
        self._empty = self._invitation(open_picture)
        self._full = self._details()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._empty)
        layout.addWidget(self._full)
        watch(session, "source", self._show, self)

    def _invitation(self, open_picture: QAction) -> QPushButton:
        button = QPushButton("Drop or paste a picture, or open one", self)
        button.setIcon(open_picture.icon())
        button.setToolTip("A picture to start from: it is changed, as far as the strength says.")
        button.setAccessibleName("Open a picture to start from")
        button.clicked.connect(open_picture.trigger)
        return button

    def _details(self) -> QWidget:
        area = QWidget(self)
        self._thumbnail = QLabel(area)
        self._thumbnail.setFixedSize(THUMBNAIL)
        self._thumbnail.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._size = QLabel(area)
        self._size.setProperty("muted", True)
        self.strength = StrengthSlider(self._session, "strength", lambda: Source.strength, area)
        label = QLabel("Strength", area)
        label.setProperty("muted", True)
        watch(self._session, "model", lambda model: self._show_strength(model, label), self)
        remove = IconButton("cancel", "Remove the picture", "Starts from nothing again.", self._remove, area)
        layout = QGridLayout(area)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(8)
        layout.setVerticalSpacing(2)
        layout.addWidget(self._thumbnail, 0, 0, 2, 1)
        layout.addWidget(self._size, 0, 1, 1, 2)
        layout.addWidget(remove, 0, 3)
        layout.addWidget(label, 1, 1)
        layout.addWidget(self.strength, 1, 2, 1, 2)
        layout.setColumnStretch(2, 1)
        return area

    def _show_strength(self, model: Model | None, label: QLabel) -> None:
        """Not for models that edit: they look at the whole picture, and make another after what the prompt says."""
        for widget in (label, self.strength):
            widget.setVisible(model is None or not model.family.edits)

    def _show(self, source: Raster | None) -> None:
        self._empty.setVisible(source is None)
        self._full.setVisible(source is not None)
        if source:
            self._size.setText(f"{source.width} × {source.height}")
            pixmap = QPixmap.fromImage(to_image(source))
            self._thumbnail.setPixmap(QIcon(pixmap).pixmap(THUMBNAIL, self.devicePixelRatio()))

    def _remove(self) -> None:
        self._session.source = None
