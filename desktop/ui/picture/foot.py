"""ViewFoot: the line under the picture: its zoom, its size, how long it took, and what can be done with it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from desktop.studio.stage import Stage
from desktop.ui.picture.view import PictureView
from desktop.ui.queue.words import duration
from desktop.ui.widgets.buttons import ActionButton

LEFT = ("zoom_out", "fit", "actual_size", "zoom_in")
RIGHT = ("previous", "next", "compare", "use_source", "copy", "save_as")


class ViewFoot(QWidget):
    """Bound to a stage and its view."""

    def __init__(self, stage: Stage, view: PictureView, actions: Mapping[str, QAction], parent: QWidget | None = None):
        super().__init__(parent)
        self._stage = stage
        self._zoom = QLabel(self)
        self._zoom.setMinimumWidth(56)
        self._facts = QLabel(self)
        for label in (self._zoom, self._facts):
            label.setProperty("muted", True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 2, 8, 2)
        layout.setSpacing(4)
        for name in LEFT:
            layout.addWidget(ActionButton(actions[name], self))
        layout.addWidget(self._zoom)
        self._facts.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # no words move the panels
        layout.addWidget(self._facts, 1)
        for name in RIGHT:
            layout.addWidget(ActionButton(actions[name], self))
        view.zoomed.connect(self._show_zoom)
        stage.changed.connect(self._show_facts)
        self._show_facts()

    def _show_zoom(self, zoom: float) -> None:
        self._zoom.setText(f"{zoom * 100:.0f} %" if self._stage.picture else "")

    def _show_facts(self) -> None:
        if self._stage.picture is None:
            self._facts.clear()
            return
        width, height = self._stage.size
        result = self._stage.result
        took = f"   ·   {duration(result.seconds)}" if result and result.seconds else ""
        self._facts.setText(f"{width} × {height}{took}")
