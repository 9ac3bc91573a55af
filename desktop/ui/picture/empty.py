"""EmptyStage: what to do while there is no picture yet."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from desktop.studio.observable import watch
from desktop.studio.stage import Stage
from desktop.ui.widgets.buttons import tell_keys


class EmptyStage(QWidget):
    """One sentence and one button, in the middle of the view, until there is something to see."""

    def __init__(self, stage: Stage, generate: QAction, parent: QWidget):
        super().__init__(parent)
        text = QLabel("Say what to draw, then generate. Or drop a picture here to start from it.", self)
        text.setProperty("muted", True)
        text.setWordWrap(True)
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.button = QPushButton("Make the first picture", self)
        self.button.setIcon(generate.icon())
        tell_keys(self.button, generate)
        self.button.clicked.connect(generate.trigger)
        layout = QVBoxLayout(self)
        layout.setSpacing(16)
        layout.addStretch(1)
        layout.addWidget(text)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        watch(stage, "picture", lambda picture: self.setVisible(picture is None), self)
