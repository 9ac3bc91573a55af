"""CandidateBar: what can be done with the picture that lies over the canvas."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from desktop.studio.results import Results
from desktop.studio.stage import Stage
from desktop.ui.widgets.buttons import ActionButton, tell_keys

MARGIN = 16  # units from the view's lower edge


class CandidateBar(QFrame):
    """Floats over a view while the stage has a candidate."""

    def __init__(self, stage: Stage, results: Results, actions: Mapping[str, QAction], view: QWidget):
        super().__init__(view)
        self._stage, self._results, self._view = stage, results, view
        self.setProperty("card", True)
        self._place = QLabel(self)
        self._place.setProperty("muted", True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(6)
        layout.addWidget(ActionButton(actions["previous"], self))
        layout.addWidget(self._place)
        layout.addWidget(ActionButton(actions["next"], self))
        for name, is_primary in (("keep_result", True), ("more_like", False), ("set_aside", False)):
            layout.addWidget(_button(actions[name], is_primary, self))
        view.installEventFilter(self)
        stage.changed.connect(self._show)
        results.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        result = self._stage.result
        if result in self._results.all:
            self._place.setText(f"{self._results.all.index(result) + 1} of {len(self._results.all)}")
        else:
            self._place.setText("Live" if self._stage.is_whole else "Preview")
        self.setVisible(self._stage.is_candidate)
        self._arrange()

    def _arrange(self) -> None:
        size = self.sizeHint()
        left = (self._view.width() - size.width()) // 2
        self.setGeometry(left, self._view.height() - size.height() - MARGIN, size.width(), size.height())
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._arrange()
        return False


def _button(action: QAction, is_primary: bool, parent: QWidget) -> QPushButton:
    button = QPushButton(action.text(), parent)
    button.setProperty("primary", is_primary)
    tell_keys(button, action)
    button.clicked.connect(action.trigger)
    action.changed.connect(lambda: button.setEnabled(action.isEnabled()))
    button.setEnabled(action.isEnabled())
    return button
