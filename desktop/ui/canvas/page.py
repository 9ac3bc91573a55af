"""CanvasPage: the canvas with its tools to the left and their settings above."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop.studio.easel import Easel
from desktop.ui.canvas.toolbox import OptionsBar, Toolbox
from desktop.ui.canvas.view import CanvasView
from desktop.ui.widgets.buttons import ActionButton

FOOT = ("zoom_out", "fit", "actual_size", "zoom_in")
STEPS = ("undo", "redo")


class CanvasPage(QWidget):
    """Bound to an easel. `actions` by name, from the table of actions."""

    def __init__(self, easel: Easel, actions: Mapping[str, QAction], parent: QWidget | None = None):
        super().__init__(parent)
        self._easel = easel
        self.view = CanvasView(easel, self)
        self.options = OptionsBar(easel, self)
        self.toolbox = Toolbox(easel, actions, self)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.toolbox)
        middle.addWidget(self.view, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.options)
        layout.addLayout(middle, 1)
        layout.addWidget(self._foot(actions))
        self.view.zoomed.connect(lambda zoom: self._zoom.setText(f"{zoom * 100:.0f} %"))
        easel.changed_inside.connect(self._show_facts)

    def _foot(self, actions: Mapping[str, QAction]) -> QWidget:
        foot = QFrame(self)
        self._zoom, self._facts = QLabel(foot), QLabel(foot)
        self._zoom.setMinimumWidth(56)
        layout = QHBoxLayout(foot)
        layout.setContentsMargins(8, 2, 8, 2)
        layout.setSpacing(4)
        for name in FOOT:
            layout.addWidget(ActionButton(actions[name], foot))
        for label in (self._zoom, self._facts):
            label.setProperty("muted", True)
            layout.addWidget(label)
        layout.addStretch(1)
        for name in STEPS:
            layout.addWidget(ActionButton(actions[name], foot))
        return foot

    def _show_facts(self) -> None:
        if snapshot := self._easel.snapshot:
            self._facts.setText(f"Frame {snapshot.frame.width()} × {snapshot.frame.height()}")
