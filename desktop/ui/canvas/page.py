"""CanvasPage: the canvas with its tools to the left and their settings above."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRect
from PySide6.QtGui import QAction, QColor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop.settings import Settings
from desktop.studio.observable import watch
from desktop.studio.studio import Studio
from desktop.ui.canvas.candidate import CandidateBar
from desktop.ui.canvas.extend import ExtendButtons
from desktop.ui.canvas.toolbox import OptionsBar, Toolbox
from desktop.ui.canvas.view import CanvasView
from desktop.ui.widgets.buttons import ActionButton
from desktop.ui.widgets.images import to_image

FOOT = ("zoom_out", "fit", "actual_size", "zoom_in")
STEPS = ("live", "undo", "redo")


class CanvasPage(QWidget):
    """Bound to the studio. `actions` by name, from the table of actions."""

    def __init__(self, studio: Studio, actions: Mapping[str, QAction], parent: QWidget | None = None):
        super().__init__(parent)
        self._stage, self._easel, self._landing = studio.stage, studio.easel, studio.landing
        self.view = CanvasView(studio.easel, self)
        self.options = OptionsBar(studio.easel, self)
        self.toolbox = Toolbox(studio.easel, actions, self)
        self.candidate = CandidateBar(studio.stage, studio.results, actions, self.view)
        self.extend = ExtendButtons(studio.framing, studio.easel, self.view)
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
        touch = self.view.touch
        touch.accepted.connect(actions["keep_result"].trigger)
        touch.left.connect(actions["set_aside"].trigger)
        touch.flipped.connect(studio.stage.step)
        touch.may_begin = self._uncover
        self.view.zoomed.connect(lambda zoom: self._zoom.setText(f"{zoom * 100:.0f} %"))
        studio.easel.changed_inside.connect(self._show_facts)
        studio.stage.changed.connect(self._stage_changed)
        watch(studio.memory, "settings", self._take_settings, self)
        self._show_facts()
        self._show_candidate()

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

    def _stage_changed(self, name: str) -> None:
        if name in ("picture", "is_candidate"):
            self._show_candidate()

    def _show_candidate(self) -> None:
        stage, spot = self._stage, self._landing.spot
        if stage.is_candidate and stage.picture and spot:
            place = QRect(spot.place.x(), spot.place.y(), *stage.size)
            self.view.show_candidate(to_image(stage.picture), place)
        else:
            self.view.show_candidate(None, None)

    def _uncover(self) -> bool:
        """The first press on a result sets it aside: nobody paints on what cannot be seen."""
        covered = self._stage.is_candidate and self._stage.result is not None
        if covered:
            self._stage.set_aside()
        return not covered

    def _take_settings(self, settings: Settings) -> None:
        color = QColor(settings.mask_color)
        color.setAlphaF(settings.mask_opacity / 100)
        self.view.show_marks(color, settings.rulers)
